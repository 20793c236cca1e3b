from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.types import Ask, Outcome
from corpus.types import Article
from service.terminal import harmless, one_line, print_outcome
from tests.service.standin import TREATY, StandIn


def _outcome(*articles: Article, question: str = "How long?") -> Outcome:
    return StandIn(known={each.id: each for each in articles}).ask(Ask(question))


@given(st.text(st.sampled_from("\x1b[]m;0\x07\\\x9b\x9dA\n\t\r\u202e🙂é")))
def test_nothing_is_left_that_a_terminal_would_obey(text: str) -> None:
    left = harmless(text)
    assert not [each for each in left if unicodedata.category(each) == "Cc" and each not in "\n\t"]
    assert "\u202e" not in left
    assert harmless(left) == left


@given(st.text(st.characters(exclude_categories=["C"])))
def test_what_can_be_seen_is_left_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;https://evil.example\x1b\\b", "ab"),
        ("never \x1b]ended", "never ]ended"),
        ("\x9dmangled", "mangled"),
        ("two\r\nlines", "two\nlines"),
    ],
)
def test_sequences_go_whole_and_text_stays(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_a_line_is_one_line() -> None:
    assert one_line("a \n\n b\x1b[2J") == "a b"


def test_an_answer_shows_its_quote_its_place_and_its_confidence(capsys: pytest.CaptureFixture[str]) -> None:
    print_outcome(_outcome(TREATY))
    start = TREATY.text.index("20 years")
    assert capsys.readouterr().out == (
        "20 years\n"
        "confidence 91%\n"
        "\n"
        "[1] A pact of two states · The Example\n"
        "It runs for >>20 years<< and renews itself.\n"
        f"treaty/pact, characters {start} to {start + 8}\n"
    )


def test_on_a_terminal_the_quote_is_highlighted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    print_outcome(_outcome(TREATY))
    assert "\x1b[1;7m20 years\x1b[0m" in capsys.readouterr().out


def test_an_article_cannot_style_the_terminal_or_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    article = Article(
        id="[red]x[/red]", title="[bold]Title\x1b[2J\nsecond", text="[blink]It lasts\x1b]0;x\x07 :boom: 20 years[/]."
    )
    print_outcome(_outcome(article))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[1] [bold]Title second\n" in out
    assert "[blink]It lasts :boom: >>20 years<<[/]." in out
    assert "[red]x[/red], characters " in out


def test_no_answer_says_why_and_what_came_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    print_outcome(_outcome(TREATY, question="Who won?"))
    out = capsys.readouterr().out
    assert out.startswith("Not found. The articles do not answer the question.\nIn no article: won.\n")
    assert "[1] A pact of two states treaty/pact, characters 0 to 8\nThe pact\n" in out


def test_an_empty_index_is_said_to_be_empty(capsys: pytest.CaptureFixture[str]) -> None:
    print_outcome(_outcome())
    assert capsys.readouterr().out == "Not found. There are no articles in the index.\n"
