"""Replies in Markdown, read with a Markdown parser: what an article says stays text, and every link is ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from answering.types import Reason
from service.openai.replies import Reply, answer_in, reply_of
from service.schemas import AnsweredResponse, Citation, NearestPassage, NotFoundResponse, Timings

BASE = "http://127.0.0.1:8000/"
TIMINGS = Timings(retrieve=1.0, read=2.0, total=3.0)
# Pieces of what Markdown, HTML and formulas are made of.
NASTY = st.lists(
    st.sampled_from(
        ["![a](http://evil.example/x.png)", "<img src=x>", "[b](http://evil.example)", "**", "_", "`", "```", "\n\n",
         "\n# ", "\n- ", "$$", "\\", "<http://evil.example>", "&lt;", "|", "~~", "]", "(", "word", " ", "🖋", "1. ",
         "---", "\n[c]: http://evil.example\n", "\u2028", "&", "é"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


def _citation(number: int = 1, **said: object) -> Citation:
    known: dict[str, object] = {
        "number": number, "article_id": "treaty/pact", "title": "A pact", "source": "The Example", "url": None,
        "published": date(2025, 1, 17), "start": 20, "end": 28, "quote": "20 years", "before": "It runs for ",
        "after": " and renews itself.", "article_sha256": "ab" * 32,
    }  # fmt: skip
    return Citation.model_validate({**known, **said})


def _answered(*citations: Citation, answer: str = "20 years") -> AnsweredResponse:
    return AnsweredResponse(
        id="x", question="How long?", searched="How long?", asked_on=None, answer=answer, confidence=0.934,
        citations=list(citations), alternatives=[], nearest=[], index="i", timings_ms=TIMINGS,
    )  # fmt: skip


def _not_found(*nearest: NearestPassage) -> NotFoundResponse:
    return NotFoundResponse(
        id="x", question="Who?", searched="Who?", asked_on=None, citations=[], alternatives=[],
        reason=Reason.LOW_CONFIDENCE, nearest=list(nearest), unknown_words=["Who"], index="i", timings_ms=TIMINGS,
    )  # fmt: skip


def _tokens(reply: Reply) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(reply.text):
        yield token
        yield from token.children or ()


def _links(reply: Reply) -> list[str]:
    return [str(token.attrs["href"]) for token in _tokens(reply) if token.type == "link_open"]


def _shown(reply: Reply) -> str:
    return "".join(token.content for token in _tokens(reply) if token.type in {"text", "text_special"})


def test_the_answer_comes_first_and_then_its_numbered_quotes_with_sources() -> None:
    reply = reply_of(_answered(_citation(), _citation(2, url="https://example.org/a", source=None)), BASE)
    place = f"http://127.0.0.1:8000/articles/treaty/pact?sha256={'ab' * 32}#20-28"
    assert reply.text == (
        "**20 years** [1] [2]\n\n"
        f"1. “It runs for **20 years** and renews itself.” — [A pact]({place}), The Example, 2025-01-17\n"
        "2. “It runs for **20 years** and renews itself.” — [A pact](https://example.org/a), 2025-01-17"
        f" ([in its place]({place}))\n\n"
        "*Confidence 93%*"
    )
    assert [each.url_citation.url for each in reply.annotations] == [place, "https://example.org/a"]


def test_an_annotation_says_where_its_link_stands_in_code_points() -> None:
    reply = reply_of(_answered(_citation(before="🖋🕊 It runs for "), _citation(2, title="Zwei 🖋")), BASE)
    for each in reply.annotations:
        cited = each.url_citation
        assert reply.text[cited.start_index : cited.end_index] == f"[{cited.title}]({cited.url})"


def test_what_is_not_found_is_said_in_words_with_the_nearest_passages() -> None:
    passage = NearestPassage(article_id="a b", title="Near", start=3, end=9, text="word " * 100, score=0.5)
    reply = reply_of(_not_found(passage), BASE)
    lines = reply.text.split("\n")
    assert lines[0].startswith("Not found. The articles may touch on it")
    assert lines[0].endswith(" In no article: Who.")
    assert lines[2:4] == ["Nearest passages:", ""]
    assert lines[4].startswith("1. “word word")
    assert lines[4].endswith(" …” — [Near](http://127.0.0.1:8000/articles/a%20b#3-9)")
    assert len(lines[4]) < 400
    assert reply_of(_not_found(), BASE).text == lines[0]


@given(NASTY, NASTY, NASTY, NASTY)
def test_nothing_an_article_says_is_markup(before: str, quote: str, after: str, title: str) -> None:
    title = title or "T"
    said = f"x{quote}x"
    passage = NearestPassage(article_id="a", title=title, start=0, end=1, text=before + quote + after, score=0.5)
    place = _citation(before=before, quote=said, after=after, title=title, source=quote or None)
    for reply in (reply_of(_answered(place, answer=said), BASE), reply_of(_not_found(passage), BASE)):
        kinds = {token.type for token in _tokens(reply)}
        assert not kinds & {
            "html_inline",
            "html_block",
            "image",
            "code_inline",
            "fence",
            "heading_open",
            "hr",
            "s_open",
        }
        assert _links(reply) == [each.url_citation.url for each in reply.annotations]
        assert all(link.startswith(BASE) for link in _links(reply))
    shown = _shown(reply_of(_answered(place, answer=said), BASE))
    assert " ".join(shown.split()).count(" ".join(said.split())) >= 2


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a_(b)",
        "https://example.org/?q=a&b=[c]",
        'https://example.org/)"<b>`x`',
        "http://example.org/ä",
    ],
)
def test_an_address_cannot_end_its_link(url: str) -> None:
    reply = reply_of(_answered(_citation(url=url)), BASE)
    first, place = _links(reply)
    assert unquote(first) == unquote(reply.annotations[0].url_citation.url) == url
    assert place.startswith(f"{BASE}articles/")
    assert not {token.type for token in _tokens(reply)} & {"html_inline", "code_inline"}


@pytest.mark.parametrize("article_id", ["a b/c", "100%", "q?#x", "ü/é", "a)b(c", "../../etc"])
def test_an_articles_id_is_a_path_whatever_it_holds(article_id: str) -> None:
    (link,) = _links(reply_of(_answered(_citation(article_id=article_id)), BASE))
    path, _, rest = link.removeprefix(f"{BASE}articles/").partition("?")
    assert rest == f"sha256={'ab' * 32}#20-28"
    assert not set(path) & set(" ?#()<>")


@given(NASTY.map(lambda text: f"x{text}x"))
def test_the_history_keeps_of_a_reply_its_answer_alone(answer: str) -> None:
    assert answer_in(reply_of(_answered(_citation(), answer=answer), BASE).text) == re.sub(r"\s+", " ", answer)


def test_any_other_text_stays_in_the_history_as_it_is() -> None:
    assert answer_in("**Bold** words of another model") == "**Bold** words of another model"
    assert answer_in("") == ""
    passage = NearestPassage(article_id="a", title="T", start=0, end=1, text="Elsewhere", score=0.5)
    assert "Elsewhere" not in answer_in(reply_of(_not_found(passage), BASE).text)
