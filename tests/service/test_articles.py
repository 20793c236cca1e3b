from __future__ import annotations

import hashlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from service.settings import load_settings
from tests.service.standin import TREATY, StandIn, client_of

ARTICLE = {
    "title": "Rain in the hills",
    "text": "It rained for three days.\r\nThe river rose.",
    "source": "The Example",
    "url": "https://example.org/rain",
    "published": "2025-01-17",
}


def _code(response: Any) -> str:
    body = response.json()
    assert set(body) == {"error"}
    return str(body["error"]["code"])


def test_an_article_goes_in_is_read_is_changed_and_goes(client: TestClient) -> None:
    path = "/v1/articles/weather/rain"
    added = client.put(path, json=ARTICLE)
    assert (added.status_code, added.json()["change"], added.json()["id"]) == (201, "added", "weather/rain")

    read = client.get(path).json()
    assert read["text"] == "It rained for three days.\nThe river rose."
    assert read["sha256"] == added.json()["sha256"] == hashlib.sha256(read["text"].encode()).hexdigest()
    assert read["chars"] == len(read["text"])
    assert {name: read[name] for name in ("title", "source", "url", "published")} == {
        name: ARTICLE[name] for name in ("title", "source", "url", "published")
    }

    again = client.put(path, json=ARTICLE)
    assert (again.status_code, again.json()["change"]) == (200, "unchanged")
    changed = client.put(path, json={**ARTICLE, "text": "It rained for four days."})
    assert (changed.status_code, changed.json()["change"]) == (200, "changed")

    gone = client.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND


def test_the_list_comes_in_pages_with_its_total() -> None:
    answerer = StandIn(known={})
    with client_of(answerer) as client:
        for number in range(5):
            client.put(f"/v1/articles/a{number}", json=ARTICLE)
        body = client.get("/v1/articles", params={"limit": 2, "offset": 3}).json()
        assert [each["id"] for each in body["articles"]] == ["a3", "a4"]
        assert (body["total"], body["limit"], body["offset"]) == (5, 2, 3)
        assert "text" not in body["articles"][0]
        assert client.get("/v1/articles", params={"offset": 9}).json()["articles"] == []
        assert client.get("/v1/articles").json()["limit"] == 100


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit: "),
        ("limit=1001", "limit: "),
        ("offset=-1", "offset: "),
        ("limit=x", "limit: "),
        ("p=1", "p: "),
    ],
)
def test_a_page_that_cannot_be_is_refused_by_name(client: TestClient, query: str, field: str) -> None:
    response = client.get(f"/v1/articles?{query}")
    assert (response.status_code, _code(response)) == (422, "invalid_request")
    assert response.json()["error"]["message"].startswith(field)


@pytest.mark.parametrize(
    "article_id", ["nothing", "../../etc/passwd", "a\x00b", "a'b\"; --", "a/b/c", "🙂", "x" * 3_000]
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_article_is_not_found(client: TestClient, method: str, article_id: str) -> None:
    response = client.request(method, "/v1/articles/" + quote(article_id, safe=""))
    assert (response.status_code, _code(response)) == (404, "unknown_article")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text: "),
        ({"text": None}, "text: "),
        ({"title": ""}, "title: "),
        ({"title": 7}, "title: "),
        ({"published": "17/01/2025"}, "published: expected a date"),
        ({"url": "javascript:alert(1)"}, "url: "),
        ({"url": "https://example.org/\nSet-Cookie: a"}, "url: "),
        ({"tags": []}, "tags: unknown field"),
    ],
)
def test_an_article_that_breaks_the_schema_is_refused_by_the_field_name(
    client: TestClient, change: dict[str, object], field: str
) -> None:
    response = client.put("/v1/articles/new", json={**ARTICLE, **change})
    assert (response.status_code, _code(response)) == (422, "invalid_request")
    assert response.json()["error"]["message"].startswith(field)


def test_a_blank_article_is_invalid(client: TestClient) -> None:
    response = client.put("/v1/articles/new", json={"text": " \n "})
    assert (response.status_code, _code(response)) == (422, "invalid_article")


def test_text_that_looks_like_markup_stays_text(client: TestClient) -> None:
    assert "<b>Both</b>" in client.get(f"/v1/articles/{TREATY.id}").json()["text"]


class TestBodySize:
    def test_a_body_over_its_limit_is_refused_however_it_is_sent(self) -> None:
        def chunks() -> Iterator[bytes]:
            for _ in range(100):
                yield b" " * 100

        limits = load_settings({"max_chat_body_bytes": 500, "max_article_body_bytes": 1_000})
        with client_of(StandIn(), limits) as client:
            for method, path, most in (("POST", "/v1/chat", 500), ("PUT", "/v1/articles/a", 1_000)):
                announced = client.request(method, path, content=b" " * (most + 1))
                assert (announced.status_code, _code(announced)) == (413, "body_too_large")
                chunked = client.request(method, path, content=chunks())
                assert (chunked.status_code, _code(chunked)) == (413, "body_too_large")

    def test_a_body_of_exactly_the_limit_is_read(self) -> None:
        body = b'{"question": "How long?"}'
        with client_of(StandIn(), load_settings({"max_chat_body_bytes": len(body)})) as client:
            assert client.post("/v1/chat", content=body).status_code == HTTPStatus.OK
            assert client.post("/v1/chat", content=body + b" ").status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
