"""What is said of answers stays said."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from answering.feedback import Feedback, FeedbackBook, Place
from corpus.errors import FeedbackFull, IndexProblem
from corpus.types import Span

WHOLE = Feedback(
    answer_id="f00d",
    question="How long? 🕊 \u202e",
    verdict="wrong",
    answer="10 years",
    citation=Place("a/b", Span(3, 11), "ab" * 32),
    right_span=Place("c", Span(0, 8)),
    note="line one\nline two",
    asked_on=date(2025, 1, 17),
)


def test_feedback_comes_back_as_it_went_in_and_in_its_order(tmp_path: Path) -> None:
    book = FeedbackBook(tmp_path)
    said = [WHOLE, Feedback("1", "Who?", "right")]
    keys = [book.add(one) for one in said]
    stored = list(FeedbackBook(tmp_path).read())
    assert [one.feedback for one in stored] == said
    assert [one.id for one in stored] == keys
    assert all(one.at.endswith("+00:00") for one in stored)


def test_feedback_of_before_questions_had_a_day_is_read(tmp_path: Path) -> None:
    book = FeedbackBook(tmp_path)
    book.add(WHOLE)
    with closing(sqlite3.connect(book.path)) as connection, connection:
        connection.execute("UPDATE feedback SET said = json_remove(said, '$.asked_on')")
    (stored,) = book.read()
    assert stored.feedback == replace(WHOLE, asked_on=None)


def test_an_index_without_feedback_has_none(tmp_path: Path) -> None:
    assert list(FeedbackBook(tmp_path).read()) == []
    assert not FeedbackBook(tmp_path).path.exists()


def test_many_say_something_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    said = [Feedback(str(number), "Who?", "right") for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda one: FeedbackBook(tmp_path).add(one), said))
    assert {one.id for one in FeedbackBook(tmp_path).read()} == set(keys)
    assert len(keys) == 40


def test_a_full_book_takes_no_more_and_loses_nothing(tmp_path: Path) -> None:
    book = FeedbackBook(tmp_path, max_entries=1)
    book.add(WHOLE)
    with pytest.raises(FeedbackFull, match="from-feedback"):
        book.add(WHOLE)
    assert len(list(book.read())) == 1


def test_what_cannot_be_written_or_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="could not be written"):
        FeedbackBook(tmp_path / "nowhere").add(WHOLE)
    book = FeedbackBook(tmp_path)
    book.path.write_bytes(b"no database" * 100)
    with pytest.raises(IndexProblem, match="cannot be read"):
        list(book.read())
