"""Feedback by HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from answering.feedback import FeedbackBook, Place
from corpus.errors import FeedbackFull
from corpus.types import Span
from service.settings import Settings
from tests.service.standin import StandIn, client_of

PLACE = {"article_id": "treaty/pact", "start": 20, "end": 28, "article_sha256": "ab" * 32}
WHOLE: dict[str, Any] = {
    "id": "f00d",
    "question": "How long?",
    "verdict": "wrong",
    "answer": "10 years",
    "citation": PLACE,
    "right_span": {"article_id": "other", "start": 0, "end": 8},
    "note": "It says 20.",
    "asked_on": "2025-01-17",
}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[TestClient, FeedbackBook]]:
    with client_of(StandIn(), Settings(index=tmp_path)) as client:
        yield client, FeedbackBook(tmp_path)


def test_feedback_is_on_disk_when_it_is_answered(kept: tuple[TestClient, FeedbackBook]) -> None:
    client, book = kept
    response = client.post("/v1/feedback", json=WHOLE)
    assert response.status_code == 201
    (stored,) = book.read()
    assert stored.id == response.json()["id"]
    said = stored.feedback
    assert (said.answer_id, said.question, said.verdict, said.note) == ("f00d", "How long?", "wrong", "It says 20.")
    assert said.citation == Place("treaty/pact", Span(20, 28), "ab" * 32)
    assert said.right_span == Place("other", Span(0, 8))
    assert said.asked_on == date(2025, 1, 17)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"verdict": "maybe"}, "verdict: "),
        ({"id": ""}, "id: "),
        ({"question": 7}, "question: "),
        ({"citation": PLACE | {"end": 20}}, "citation: expected end"),
        ({"citation": PLACE | {"article_sha256": "x"}}, "citation.article_sha256: "),
        ({"right_span": {"article_id": "a"}}, "right_span.start: required"),
        ({"note": "x" * 10_001}, "note: "),
        ({"asked_on": "Friday"}, "asked_on: "),
        ({"stars": 5}, "stars: unknown field"),
    ],
)
def test_feedback_that_breaks_its_form_names_the_field_and_is_not_kept(
    kept: tuple[TestClient, FeedbackBook], change: dict[str, Any], field: str
) -> None:
    client, book = kept
    response = client.post("/v1/feedback", json=WHOLE | change)
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith(field)
    assert list(book.read()) == []


def test_a_full_book_is_said_to_be_full(kept: tuple[TestClient, FeedbackBook], monkeypatch: pytest.MonkeyPatch) -> None:
    client, book = kept

    def full(*_: object) -> str:
        raise FeedbackFull("no more")

    monkeypatch.setattr(FeedbackBook, "add", full)
    response = client.post("/v1/feedback", json=WHOLE)
    assert (response.status_code, response.json()["error"]["code"]) == (507, "feedback_full")
    assert list(book.read()) == []
