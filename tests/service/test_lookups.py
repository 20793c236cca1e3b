from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.service.standin import QUOTE, TREATY, StandIn

CLAIM = {
    "article_id": TREATY.id,
    "start": TREATY.text.index(QUOTE),
    "end": TREATY.text.index(QUOTE) + len(QUOTE),
    "quote": QUOTE,
    "article_sha256": TREATY.sha256,
}


def _put(client: TestClient, article_id: str, **fields: Any) -> None:
    client.put(f"/v1/articles/{article_id}", json={"text": "It rained for three days.", **fields})


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("RAIN", ["rain"]),
        ("straße", ["road"]),
        ("STRASSE", ["road"]),
        ("wetter", ["rain"]),
        ("100%", ["road"]),
        ("%", ["road"]),
        ("_", []),
        ("e\u0301te\u0301", ["road"]),
        ("", ["rain", "road", TREATY.id]),
    ],
)
def test_articles_are_searched_by_id_title_and_source_as_literal_text(
    client: TestClient, search: str, found: list[str]
) -> None:
    _put(client, "rain", title="Three days", source="Wetterdienst")
    _put(client, "road", title="Straße 100% fertig", source="L'Été")
    body = client.get("/v1/articles", params={"search": search}).json()
    assert [each["id"] for each in body["articles"]] == found
    assert (body["total"], body["search"]) == (len(found), search)


def test_sources_are_counted_and_the_days_between_are_named(client: TestClient) -> None:
    _put(client, "a", source="Wire", published="2025-01-17")
    _put(client, "b", source="Wire", published="2024-02-29")
    assert client.get("/v1/sources").json() == {
        "sources": [{"name": "The Example", "articles": 1}, {"name": "Wire", "articles": 2}],
        "published_from": "2024-02-29",
        "published_to": "2025-01-17",
    }


def test_a_question_not_found_names_the_words_that_stand_nowhere(client: TestClient) -> None:
    assert client.post("/v1/chat", json={"question": "Who won?"}).json()["unknown_words"] == ["won"]


def test_a_citation_of_an_answer_is_verified_as_it_is(client: TestClient) -> None:
    (citation,) = client.post("/v1/chat", json={"question": "How long?"}).json()["citations"]
    place = {"start": citation["start"], "end": citation["end"]}
    assert client.post("/v1/verify", json=citation).json() == {"status": "exact", **place}
    client.put(f"/v1/articles/{TREATY.id}", json={"text": "Now: " + TREATY.text})
    moved = {"status": "moved", "start": place["start"] + 5, "end": place["end"] + 5}
    assert client.post("/v1/verify", json=citation).json() == moved
    client.put(f"/v1/articles/{TREATY.id}", json={"text": "It lapsed."})
    assert client.post("/v1/verify", json=citation).json() == {"status": "changed", "start": None, "end": None}
    client.delete(f"/v1/articles/{TREATY.id}")
    assert client.post("/v1/verify", json=citation).json() == {"status": "missing", "start": None, "end": None}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quote": ""}, "quote: "),
        ({"start": -1}, "start: "),
        ({"start": "0"}, "start: "),
        ({"end": 0}, "body: expected end"),
        ({"article_sha256": None}, "article_sha256: "),
        ({"article_id": "w" * 1_001}, "article_id: "),
    ],
)
def test_a_citation_that_cannot_be_is_refused_by_the_field_name(
    client: TestClient, change: dict[str, object], field: str
) -> None:
    response = client.post("/v1/verify", json={**CLAIM, **change})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_request")
    assert response.json()["error"]["message"].startswith(field)


def test_examples_are_tried_and_made_anew_when_the_index_changed(client: TestClient, answerer: StandIn) -> None:
    client.delete(f"/v1/articles/{TREATY.id}")
    assert client.get("/v1/examples").json() == {"questions": []}
    _put(client, "pact", text="A pact was made. The pact runs for 20 years.")
    _put(client, "road", text="The road was opened in 1998.")
    expected = {"questions": ["How long does the pact run?"]}
    assert client.get("/v1/examples").json() == expected
    assert [ask.question for ask in answerer.asked] == ["How long does the pact run?", "When was the road opened?"]
    assert client.get("/v1/examples").json() == expected
    assert len(answerer.asked) == 2
