from __future__ import annotations

import threading
import time
from http import HTTPStatus
from typing import Any

import pytest
from starlette.testclient import TestClient

from corpus.errors import IndexIncompatible
from service.api import create_app
from service.settings import Settings, load_settings
from tests.service.standin import LOCAL, StandIn, client_of


def _code(response: Any) -> str:
    body = response.json()
    assert set(body) == {"error"}
    return str(body["error"]["code"])


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/", "/v1/chat/", "/docs", "/redoc", "/page", "/..%2fcli.py"])
def test_an_unknown_route_has_the_one_error_body(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, _code(response)) == (404, "unknown_route")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/chat"), ("POST", "/v1/articles"), ("PATCH", "/v1/articles/a"), ("POST", "/")]
)
def test_a_wrong_method_has_the_one_error_body(client: TestClient, method: str, path: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, _code(response)) == (405, "method_not_allowed")
    assert response.headers["allow"]


def test_it_is_alive_before_it_is_ready_and_asks_to_come_back() -> None:
    answerer, gone_on = StandIn(), threading.Event()

    def open_slowly() -> StandIn:
        gone_on.wait(10)
        return answerer

    with TestClient(create_app(Settings(), open_slowly), base_url=LOCAL) as client:
        assert client.get("/healthz").json() == {"status": "alive"}
        for response in (
            client.get("/readyz"),
            client.post("/v1/chat", json={"question": "How long?"}),
            client.get("/v1/articles"),
            client.delete("/v1/articles/a"),
        ):
            assert (response.status_code, _code(response)) == (503, "not_ready")
            assert response.headers["retry-after"] == "1"
        gone_on.set()
        assert _when_settled(client).json() == {"status": "ready", "index": answerer.index_id}
        assert not answerer.closed
    assert answerer.closed


@pytest.mark.parametrize(
    ("failure", "code"),
    [(IndexIncompatible("made by another encoder"), "index_incompatible"), (OSError("inner"), None)],
)
def test_what_keeps_it_from_being_ready_is_said(failure: Exception, code: str | None) -> None:
    def fail() -> StandIn:
        raise failure

    with TestClient(create_app(Settings(), fail), base_url=LOCAL) as client:
        response = _when_settled(client)
        assert (response.status_code, _code(response)) == (503, code or "internal_error")
        assert ("made by another encoder" in response.text) == (code is not None)
        assert "inner" not in response.text


def _when_settled(client: TestClient) -> Any:
    for _ in range(1_000):
        response = client.get("/readyz")
        if response.status_code == HTTPStatus.OK or _code(response) != "not_ready":
            return response
        time.sleep(0.01)
    raise AssertionError("it never settled")


def test_every_response_is_guarded_and_none_is_open_to_other_sites(client: TestClient) -> None:
    for response in (
        client.get("/"),
        client.get("/healthz"),
        client.get("/nothing"),
        client.post("/v1/chat", json={"question": "How long?"}),
        client.post("/v1/chat", content=b"{"),
        client.get("/healthz", headers={"host": "evil.example"}),
    ):
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST:1", "127.0.0.2"])
def test_local_names_reach_a_local_service(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == HTTPStatus.OK


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "[", "10.0.0.1"])
def test_a_foreign_name_does_not_reach_a_local_service(client: TestClient, host: str) -> None:
    response = client.get("/healthz", headers={"host": host})
    assert (response.status_code, _code(response)) == (403, "foreign_host")


def test_a_service_for_others_is_reached_by_any_name_unless_names_are_set() -> None:
    everywhere = "0.0.0.0"  # noqa: S104 - nothing is bound in this test
    with client_of(StandIn(), load_settings({"host": everywhere})) as client:
        assert client.get("/healthz", headers={"host": "box.lan"}).status_code == HTTPStatus.OK
    with client_of(StandIn(), load_settings({"host": everywhere, "allowed_hosts": "ask.example"})) as client:
        assert client.get("/healthz", headers={"host": "ask.example"}).status_code == HTTPStatus.OK
        assert client.get("/healthz", headers={"host": "box.lan"}).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://[", ""])
def test_a_page_of_another_site_cannot_ask_or_change(client: TestClient, answerer: StandIn, origin: str) -> None:
    for response in (
        client.post("/v1/chat", json={"question": "How long?"}, headers={"origin": origin}),
        client.put("/v1/articles/a", json={"text": "It rains."}, headers={"origin": origin}),
        client.delete("/v1/articles/treaty/pact", headers={"origin": origin}),
    ):
        assert (response.status_code, _code(response)) == (403, "foreign_origin")
    assert not answerer.asked
    assert list(answerer.known) == ["treaty/pact"]


def test_its_own_page_can_ask_and_so_can_the_page_of_an_allowed_host(client: TestClient) -> None:
    sent = {"question": "How long?"}
    assert client.post("/v1/chat", json=sent, headers={"origin": LOCAL}).status_code == HTTPStatus.OK
    with client_of(StandIn(), load_settings({"allowed_hosts": "ask.example"})) as proxied:
        headers = {"origin": "https://ask.example"}
        assert proxied.post("/v1/chat", json=sent, headers=headers).status_code == HTTPStatus.OK
