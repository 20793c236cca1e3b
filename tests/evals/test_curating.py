"""Labels that broke, and rows out of feedback."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from answering.feedback import Feedback, Place, Stored
from answering.types import Turn
from corpus.types import Article, Span
from evals.curating import Broken, broken, free_id, from_feedback, line_of, located, mended, unanswerable
from evals.gold import GoldQuestion, read_gold
from tests.evals.conftest import gold


def stored(feedback: Feedback) -> Stored:
    return Stored("f1", "2025-01-17T00:00:00+00:00", feedback)


def place(article: Article, words: str, sha256: str | None = None) -> Place:
    start = article.text.index(words)
    return Place(article.id, Span(start, start + len(words)), sha256)


def test_a_label_that_stands_is_not_broken(bridge: Article) -> None:
    assert list(broken([gold("when", "1932", bridge)], {bridge.id: bridge}.get)) == []


def test_a_label_whose_words_moved_says_where_they_stand_now(bridge: Article) -> None:
    row = gold("when", "1932", bridge)
    assert row.span is not None
    longer = Article(bridge.id, bridge.title, "A new head.\n\n" + bridge.text)
    (found,) = broken([row], {bridge.id: longer}.get)
    assert found.now == row.span.shifted(len("A new head.\n\n"))
    assert list(broken([mended(row, found.now)], {bridge.id: longer}.get)) == []


def test_a_label_whose_words_or_article_went_has_no_place(bridge: Article) -> None:
    row = gold("when", "1932", bridge)
    (found,) = broken([row], {bridge.id: replace(bridge, text="It never opened.")}.get)
    assert found.now is None
    nothing: dict[str, Article] = {}
    assert list(broken([row], nothing.get)) == [Broken(row, "there is no article 'bridge'")]


def test_words_are_located_wherever_they_stand_as_plain_text(bridge: Article) -> None:
    article = replace(bridge, text="a+b? a+b? 🌉 a+b?")
    assert [span.start for span in located("a+b?", article)] == [0, 5, 12]
    assert located(" ", article) == []


def test_a_right_answer_becomes_a_row_with_its_words_and_its_quote(bridge: Article) -> None:
    said = Feedback("a", "When did it open?", "right", "in 1932", place(bridge, "1932", bridge.sha256), note="sure")
    row = from_feedback(stored(said), {bridge.id: bridge}.get, {"when-did-it-open"})
    assert isinstance(row, GoldQuestion)
    assert (row.id, row.answers, row.kind, row.note) == (
        "when-did-it-open-2",
        ("1932", "in 1932"),
        "feedback",
        "feedback f1 sure",
    )
    assert list(broken([row], {bridge.id: bridge}.get)) == []


def test_a_wrong_answer_becomes_a_row_with_the_right_words(bridge: Article) -> None:
    said = Feedback("a", "How long is it?", "wrong", "1932", place(bridge, "1932"), place(bridge, "503 metres"))
    row = from_feedback(stored(said), {bridge.id: bridge}.get, ())
    assert isinstance(row, GoldQuestion)
    assert row.answers == ("503 metres",)


def test_not_found_that_was_right_becomes_an_unanswerable_row() -> None:
    nothing: dict[str, Article] = {}
    row = from_feedback(stored(Feedback("a", "Who won?", "right")), nothing.get, ())
    assert isinstance(row, GoldQuestion)
    assert (row.answerable, row.kind, row.note) == (False, "absent", "feedback f1")


@pytest.mark.parametrize("verdict", ["right", "wrong"])
def test_a_row_keeps_the_day_that_counted(bridge: Article, verdict: Literal["right", "wrong"]) -> None:
    asked_on = date(2025, 1, 17)
    for answer, quoted in (("1932", place(bridge, "1932")), (None, None)):
        said = Feedback(
            "a", "What opened this week?", verdict, answer, quoted, place(bridge, "1932"), asked_on=asked_on
        )
        row = from_feedback(stored(said), {bridge.id: bridge}.get, ())
        assert isinstance(row, GoldQuestion)
        assert row.asked_on == asked_on


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"right_span": None}, "does not say where"),
        ({"right_span": Place("gone", Span(0, 3))}, "no article 'gone'"),
        ({"right_span": Place("bridge", Span(0, 3), "0" * 64)}, "has changed since"),
        ({"right_span": Place("bridge", Span(9_000, 9_003))}, "no words stand"),
    ],
)
def test_feedback_that_speaks_for_no_row_says_why(bridge: Article, change: dict[str, Place | None], why: str) -> None:
    said = replace(Feedback("a", "How long?", "wrong"), **change)  # type: ignore[arg-type] # of the parametrised field
    row = from_feedback(stored(said), {bridge.id: bridge}.get, ())
    assert isinstance(row, str)
    assert why in row


def test_a_row_is_read_back_as_it_was_written(bridge: Article, tmp_path: Path) -> None:
    rows = [
        replace(
            gold("when", "1932", bridge),
            note="a “note”",
            history=(Turn("user", "Which bridge?"),),
            asked_on=date(2025, 2, 3),
        ),
        unanswerable("Who paid? 🕊", ()),
    ]
    (tmp_path / "gold.jsonl").write_text("".join(line_of(row) + "\n" for row in rows), encoding="utf-8")
    assert read_gold(tmp_path / "gold.jsonl") == tuple(rows)
    assert "start" not in json.loads(line_of(rows[1]))


def test_an_id_is_free_and_says_what_is_asked() -> None:
    assert free_id("How long does it, in fact, last?", ()) == "how-long-does-it-in-fact"
    assert free_id("Why?", {"why", "why-2"}) == "why-3"
    assert free_id("???", ()) == "question"
