from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from answering.stages import Listener
from answering.types import Ask, Outcome, Turn
from corpus.errors import IndexBusy
from corpus.types import Article
from service import cli
from service.chat import Conversation, chat
from service.settings import Settings
from tests.service.standin import TREATY, StandIn


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def say(answerer: StandIn, *lines: str, as_json: bool = False, settings: Settings | None = None) -> None:
    given = io.StringIO("".join(f"{line}\n" for line in lines))
    chat(answerer, settings or Settings(), as_json=as_json, given=given)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Types lines at the prompt; an exception stands for its key, and the end is Ctrl-D."""

    def type_lines(answerer: StandIn, *lines: str | type[BaseException]) -> None:
        coming: Iterator[Any] = iter(lines)

        def typed_next(_: str) -> str:
            line = next(coming, EOFError)
            if isinstance(line, str):
                return line
            raise line

        monkeypatch.setattr("builtins.input", typed_next)
        chat(answerer, Settings(), as_json=False, given=_Terminal())

    return type_lines


def test_every_line_of_a_pipe_is_a_question_of_one_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    answerer = StandIn()
    say(answerer, "How long?", "", "Who won?", "And when?")
    assert capsys.readouterr().out.count("Not found.") == 2
    assert [each.question for each in answerer.asked] == ["How long?", "Who won?", "And when?"]
    assert answerer.asked[2].history == (
        Turn("user", "How long?"),
        Turn("assistant", "20 years"),
        Turn("user", "Who won?"),
        Turn("assistant", ""),
    )


def test_with_json_every_line_is_a_response_or_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    say(StandIn(), "How long?", "x" * 3_000, "/help", as_json=True)
    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["status"], second["error"]["code"], third["question"]) == ("answered", "invalid_question", "/help")


def test_open_shows_the_article_around_a_quote(capsys: pytest.CaptureFixture[str]) -> None:
    say(StandIn(), "How long?", "open 1", "open 9")
    out = capsys.readouterr().out
    assert f"{TREATY.title}\n{TREATY.text.replace('20 years', '>>20 years<<')}\n" in out
    assert "There is no quote 9; expected one from 1 to 1." in out


def test_open_shows_a_nearest_passage_too_and_nothing_before_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    say(StandIn(), "open 1", "Who won?", "open 1")
    out = capsys.readouterr().out
    assert out.startswith("Nothing to open.\n")
    assert ">>The pact<< was signed" in out


def test_open_cuts_a_long_article_at_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    text = "before " * 300 + "It lasts 20 years. " + "after " * 300
    say(StandIn(known={"long": Article(id="long", title="Long", text=text)}), "How long?", "open 1")
    shown = capsys.readouterr().out.split("Long\n")[-1]
    assert shown.startswith("… before before")
    assert "after …\nlong, characters " in shown
    assert len(shown) < 1_400


def test_an_article_that_changed_is_not_opened_at_the_old_place(capsys: pytest.CaptureFixture[str]) -> None:
    answerer = StandIn()

    def lines() -> Iterator[str]:
        yield "How long?"
        answerer.known[TREATY.id] = Article(
            id=TREATY.id, title="New", text="Nothing of it is left, not one word of it."
        )
        yield "open 1"

    class _Later(io.StringIO):
        def __iter__(self) -> Iterator[str]:  # type: ignore[override]
            return lines()

    chat(answerer, Settings(), as_json=False, given=_Later())
    assert "treaty/pact has changed since; ask again." in capsys.readouterr().out


def test_what_an_article_says_is_not_obeyed_when_it_is_opened(capsys: pytest.CaptureFixture[str]) -> None:
    article = Article(id="x", title="T\x1b[2J", text="\x1b]0;x\x07It lasts\x1b[31m 20 years[/].")
    say(StandIn(known={"x": article}), "How long?", "open 1")
    assert "\x1b" not in capsys.readouterr().out


def test_forget_begins_a_new_conversation_and_quit_ends(capsys: pytest.CaptureFixture[str]) -> None:
    answerer = StandIn()
    say(answerer, "How long?", "/forget", "open 1", "Who won?", "/paint", "/quit", "never asked")
    assert [each.history for each in answerer.asked] == [(), ()]
    out = capsys.readouterr().out
    assert "Forgotten." in out
    assert "Nothing to open." in out
    assert "/paint is no command; /help lists them." in out


def test_an_error_ends_a_question_and_not_the_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    answerer = StandIn(failure=IndexBusy("the index is being written"))
    say(answerer, "How long?", "How long?")
    assert capsys.readouterr().out == "the index is being written\n" * 2


def test_the_oldest_turns_are_forgotten_before_there_are_too_many() -> None:
    answerer = StandIn()
    conversation = Conversation()
    settings = Settings(max_history_turns=4, max_history_chars=60)
    for _ in range(4):
        conversation.add(answerer.ask(Ask("How long does it run?")), settings)
    assert len(conversation.turns) == 4
    conversation.add(answerer.ask(Ask("How long " * 20)), settings)
    assert conversation.turns == []


def test_the_prompt_ends_with_ctrl_d_and_with_ctrl_c(
    typed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    answerer = StandIn()
    typed(answerer, "How long?", "/help")
    typed(answerer, "Who won?", KeyboardInterrupt, "never asked")
    assert [each.question for each in answerer.asked] == ["How long?", "Who won?"]
    assert "open N" in capsys.readouterr().out


def test_ctrl_c_during_an_answer_returns_to_the_prompt(
    typed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    class _Interrupted(StandIn):
        def ask(self, ask: Ask, listener: Listener | None = None) -> Outcome:
            if ask.question == "Who won?":
                raise KeyboardInterrupt
            return super().ask(ask, listener)

    answerer = _Interrupted()
    typed(answerer, "Who won?", "How long?")
    assert "stopped\n" in capsys.readouterr().out
    assert [each.history for each in answerer.asked] == [()]


def test_the_command_opens_the_index_and_closes_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answerer = StandIn()
    monkeypatch.setattr(cli, "open_answerer", lambda *_, **__: answerer)
    monkeypatch.setattr("sys.stdin", io.StringIO("How long?\n"))
    assert cli.main(["chat", "--json"]) == cli.FINE
    assert json.loads(capsys.readouterr().out)["answer"] == "20 years"
    assert answerer.closed
