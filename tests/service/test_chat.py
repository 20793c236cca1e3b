from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from answering.types import MIN_CONFIDENCE, Turn
from corpus.errors import IndexBusy, ModelError
from retrieval.types import Filters
from service.settings import load_settings
from tests.service.standin import QUOTE, TREATY, StandIn, client_of

LONG = "How long does it run?"


def _error(response: Any, status: HTTPStatus, code: str) -> str:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["code"] == code
    return str(body["error"]["message"])


def test_an_answer_has_the_form_of_the_contract_and_its_quotes_slice(client: TestClient) -> None:
    response = client.post("/v1/chat", json={"question": LONG})
    assert response.status_code == HTTPStatus.OK
    body = response.json()
    assert set(body) == {
        *("id", "status", "question", "searched", "asked_on", "answer", "confidence", "citations"),
        *("alternatives", "nearest", "index", "timings_ms"),
    }
    assert (body["status"], body["answer"], body["confidence"]) == ("answered", QUOTE, 0.9123)
    assert body["timings_ms"] == {"retrieve": 1.0, "read": 2.0, "total": 3.0}
    (citation,) = body["citations"]
    assert TREATY.text[citation["start"] : citation["end"]] == citation["quote"] == QUOTE
    assert citation["before"] + citation["quote"] + citation["after"] in TREATY.text
    assert citation["article_sha256"] == TREATY.sha256
    assert body["alternatives"][0]["answer"] == "Moscow"


def test_no_answer_has_the_form_of_the_contract(client: TestClient) -> None:
    body = client.post("/v1/chat", json={"question": "Who won?"}).json()
    assert (body["status"], body["answer"], body["confidence"], body["citations"]) == ("not_found", None, None, [])
    assert body["reason"] == "no_answer_read"
    assert set(body["nearest"][0]) == {"article_id", "title", "start", "end", "text", "score"}


def test_an_empty_index_is_not_found_with_its_reason() -> None:
    with client_of(StandIn(known={})) as client:
        body = client.post("/v1/chat", json={"question": LONG}).json()
        assert (body["status"], body["reason"]) == ("not_found", "empty_index")


def test_every_field_reaches_the_answerer(client: TestClient, answerer: StandIn) -> None:
    sent = {
        "question": LONG,
        "history": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "20"}],
        "filters": {
            "articles": ["a"],
            "sources": ["S"],
            "published_from": "2025-01-01",
            "published_to": "2025-01-31",
        },
        "max_citations": 3,
        "min_confidence": 0,
        "asked_on": "2025-02-03",
    }
    assert client.post("/v1/chat", json=sent).status_code == HTTPStatus.OK
    (ask,) = answerer.asked
    assert ask.history == (Turn("user", "Hello"), Turn("assistant", "20"))
    assert ask.filters == Filters(("a",), ("S",), date(2025, 1, 1), date(2025, 1, 31))
    assert (ask.max_citations, ask.min_confidence, ask.asked_on) == (3, 0.0, date(2025, 2, 3))


def test_the_id_says_index_question_and_options(client: TestClient) -> None:
    def asked(**options: object) -> str:
        return str(client.post("/v1/chat", json={"question": LONG, **options}).json()["id"])

    assert asked() == asked() == asked(min_confidence=MIN_CONFIDENCE)
    assert len({asked(), asked(max_citations=1), asked(min_confidence=0), asked(filters={"articles": ["x"]})}) == 4
    assert asked(asked_on="2025-02-03") == asked()  # it does not speak of now
    before = asked()
    client.put("/v1/articles/new", json={"text": "Something else entirely."})
    assert asked() != before


def test_a_question_that_speaks_of_now_names_the_day_it_was_taken_to_be_asked_on(client: TestClient) -> None:
    def asked(question: str, day: str | None) -> dict[str, str | None]:
        body: dict[str, str | None] = client.post("/v1/chat", json={"question": question, "asked_on": day}).json()
        return body

    this_week = [asked("What was signed this week?", day) for day in ("2025-02-03", "2025-02-04", None)]
    assert [body["asked_on"] for body in this_week] == ["2025-02-03", "2025-02-04", None]
    assert len({body["id"] for body in this_week}) == 3
    assert asked(LONG, "2025-02-03")["asked_on"] is None


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_the_content_type_does_not_matter(client: TestClient, content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = client.post("/v1/chat", content=b'{"question": "How long?"}', headers=headers)
    assert response.json()["status"] == "answered"


@pytest.mark.parametrize("question", ["", "   \n\t", "\u200b\u2028", "\ufeff", "\u0000\u0007", "w" * 10_000])
def test_a_question_with_nothing_in_it_or_too_much_is_refused(
    client: TestClient, answerer: StandIn, question: str
) -> None:
    message = _error(
        client.post("/v1/chat", json={"question": question}), HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_question"
    )
    assert message.startswith("question: ")
    assert not answerer.asked


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question: required"),
        ({"question": 42}, "question: "),
        ({"question": None}, "question: "),
        ({"question": ["How long?"]}, "question: "),
        ({"question": LONG, "filter": {}}, "filter: unknown field"),
        ({"question": LONG, "filters": {"tags": []}}, "filters.tags: unknown field"),
        ({"question": LONG, "filters": {"articles": "a"}}, "filters.articles: "),
        ({"question": LONG, "filters": {"articles": [""]}}, "filters.articles[0]: "),
        ({"question": LONG, "filters": {"published_from": "last week"}}, "filters.published_from: expected a date"),
        ({"question": LONG, "filters": {"published_to": "2025-02-30"}}, "filters.published_to: "),
        ({"question": LONG, "filters": {"published_to": "2025-01-01T10:00:00"}}, "filters.published_to: "),
        ({"question": LONG, "filters": {"published_to": 1737072000}}, "filters.published_to: "),
        (
            {"question": LONG, "filters": {"published_from": "2025-02-01", "published_to": "2025-01-01"}},
            "filters: expected published_from to be no later",
        ),
        ({"question": LONG, "max_citations": 0}, "max_citations: "),
        ({"question": LONG, "max_citations": 21}, "max_citations: "),
        ({"question": LONG, "max_citations": "5"}, "max_citations: "),
        ({"question": LONG, "max_citations": True}, "max_citations: "),
        ({"question": LONG, "min_confidence": 1.01}, "min_confidence: "),
        ({"question": LONG, "min_confidence": -0.1}, "min_confidence: "),
        ({"question": LONG, "history": [{"role": "system", "content": ""}]}, "history[0].role: "),
        ({"question": LONG, "history": [{"role": "user"}]}, "history[0].content: required"),
        ({"question": LONG, "history": {}}, "history: "),
        ([], "body: "),
        ("How long?", "body: "),
        (None, "body: "),
    ],
)
def test_a_body_that_breaks_the_schema_is_refused_by_the_field_name(
    client: TestClient, body: object, field: str
) -> None:
    message = _error(client.post("/v1/chat", json=body), HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request")
    assert message.startswith(field)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"question=How+long",
        b'{"question": "How long?",}',
        b'{"question": "\\ud800"}',
        b'{"question": "\xff\xfe"}',
        b'{"question": "How long?", "min_confidence": NaN}',
        b'{"question": "How long?", "min_confidence": 1e999}',
        b'{"question": "How long?", "max_citations": ' + b"9" * 5_000 + b"}",
        b"[" * 50_000,
    ],
)
def test_what_is_no_json_of_ours_is_refused(client: TestClient, body: bytes) -> None:
    _error(client.post("/v1/chat", content=body), HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request")


@pytest.mark.parametrize(
    "question",
    ['"quotes" AND (NEAR* -x^2: OR)', "🙂", "كم تستمر المعاهدة؟", "how\u0000long", "'; DROP TABLE articles; --", "?"],
)
def test_odd_questions_are_asked(client: TestClient, answerer: StandIn, question: str) -> None:
    response = client.post("/v1/chat", json={"question": question})
    assert response.status_code == HTTPStatus.OK
    assert response.json()["question"] == question
    assert answerer.asked[-1].question == question


@given(st.text(st.characters(codec=None), max_size=60))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_question_is_a_fault_of_the_service(client: TestClient, question: str) -> None:
    escaped = "".join(f"\\u{unit:04x}" for unit in _utf16_units(question))
    response = client.post("/v1/chat", content=f'{{"question": "{escaped}"}}'.encode("ascii"))
    assert response.status_code in {HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY}


def _utf16_units(text: str) -> list[int]:
    raw = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)]


def test_too_much_history_is_refused() -> None:
    limits = load_settings({"max_history_turns": 2, "max_history_chars": 10})
    with client_of(StandIn(), limits) as client:

        def asked(*contents: str) -> Any:
            turns = [{"role": "user", "content": content} for content in contents]
            return client.post("/v1/chat", json={"question": LONG, "history": turns})

        assert asked("12345", "67890").status_code == HTTPStatus.OK
        for turns in (("1", "2", "3"), ("123456", "78901")):
            message = _error(asked(*turns), HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request")
            assert message.startswith("history: ")


def test_more_than_can_wait_is_refused_with_the_time_to_come_back() -> None:
    answerer = StandIn()
    answerer.held.clear()
    with client_of(answerer, load_settings({"concurrency": 1, "queue": 1})) as client, ThreadPoolExecutor() as pool:

        def ask() -> Any:
            return client.post("/v1/chat", json={"question": LONG})

        try:
            running = [pool.submit(ask) for _ in range(4)]
            # Two find a place; whichever two come after them are refused at once.
            for _ in range(2_000):
                if sum(each.done() for each in running) == 2:
                    break
                time.sleep(0.01)
            refused = [each.result() for each in running if each.done()]
            for response in refused:
                _error(response, HTTPStatus.SERVICE_UNAVAILABLE, "overloaded")
                assert int(response.headers["retry-after"]) >= 1
        finally:
            answerer.held.set()
        statuses = sorted(each.result(timeout=20).status_code for each in running)
        assert statuses == [HTTPStatus.OK, HTTPStatus.OK, *[HTTPStatus.SERVICE_UNAVAILABLE] * 2]


def test_a_busy_index_is_a_reason_to_come_back(client: TestClient, answerer: StandIn) -> None:
    answerer.failure = IndexBusy("the index is being written by another process")
    response = client.post("/v1/chat", json={"question": LONG})
    _error(response, HTTPStatus.SERVICE_UNAVAILABLE, "index_busy")
    assert response.headers["retry-after"]


def test_a_broken_model_has_its_own_code(client: TestClient, answerer: StandIn) -> None:
    answerer.failure = ModelError("the reader's file is damaged")
    _error(client.post("/v1/chat", json={"question": LONG}), HTTPStatus.INTERNAL_SERVER_ERROR, "model_error")


def test_a_defect_shows_nothing_of_its_insides_and_is_logged(
    client: TestClient, answerer: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    answerer.failure = ZeroDivisionError("secret insides")
    response = client.post("/v1/chat", json={"question": LONG})
    message = _error(response, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error")
    assert "secret" not in message
    assert "secret insides" in caplog.text
    assert response.headers["x-content-type-options"] == "nosniff"
