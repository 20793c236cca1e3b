"""POST /v1/chat in server-sent events: real stages, errors with their status, places always given back."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import httpx2
import pytest
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient
from starlette.types import Message

from answering.stages import Found, Listener, Stage
from answering.types import Ask, Outcome
from corpus.errors import IndexBusy
from service import streaming
from service.limits import Gate
from service.settings import load_settings
from service.streaming import EventStream, Tell
from tests.service.serving import SOON_S, serving, until
from tests.service.standin import TREATY, StandIn, client_of

LONG = {"question": "How long does it run?", "stream": True}


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """The named events of a stream as they come; ``(":", text)`` for a comment."""
    name = ""
    for line in lines:
        if line.startswith(":"):
            yield ":", line
        elif line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line:
            yield name, json.loads(line.removeprefix("data: "))


def _asked(client: httpx2.Client | TestClient, body: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(_events(iter(client.post("/v1/chat", json=body).text.split("\n"))))


def _client(url: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, timeout=SOON_S)


def test_the_stages_come_in_order_and_the_answer_is_the_one_without_a_stream(client: TestClient) -> None:
    hit = {"article_id": TREATY.id, "title": TREATY.title, "start": 0, "end": 8, "score": 0.5}
    assert _asked(client, LONG) == [
        ("searched", {"searched": LONG["question"]}),
        ("hits", {"hits": [hit]}),
        ("answer", client.post("/v1/chat", json={**LONG, "stream": False}).json()),
        ("done", {}),
    ]


def test_a_stream_has_the_headers_of_one(client: TestClient) -> None:
    headers = client.post("/v1/chat", json=LONG).headers
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"
    assert "content-length" not in headers


def test_what_the_articles_do_not_say_streams_too(client: TestClient) -> None:
    events = dict(_asked(client, {"question": "Who won?\r\n\r\nevent: answer\u2028", "stream": True}))
    assert list(events) == ["searched", "hits", "answer", "done"]
    assert events["answer"]["status"] == "not_found"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"question": " ", "stream": True}, "invalid_question"),
        ({"stream": True}, "invalid_request"),
        ({"question": "How long?", "stream": "yes"}, "invalid_request"),
    ],
)
def test_what_is_wrong_with_the_request_keeps_its_status(client: TestClient, body: dict[str, Any], code: str) -> None:
    response = client.post("/v1/chat", json=body)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert response.json()["error"]["code"] == code


class FailsAtOnce(StandIn):
    """Fails before anything is told."""

    def ask(self, ask: Ask, listener: Listener | None = None) -> Outcome:  # noqa: ARG002 - told nothing, on purpose
        return super().ask(ask)


def test_what_fails_before_the_first_event_keeps_its_status() -> None:
    answerer = FailsAtOnce(failure=IndexBusy("the index is being written"))
    with client_of(answerer) as client:
        response = client.post("/v1/chat", json=LONG)
        assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert response.headers["retry-after"] == "1"
        assert response.json()["error"]["code"] == "index_busy"
        answerer.failure = ZeroDivisionError("secret insides")
        response = client.post("/v1/chat", json=LONG)
        assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
        assert response.json()["error"]["code"] == "internal_error"
        answerer.failure = None
        assert client.post("/v1/chat", json=LONG).status_code == HTTPStatus.OK


def test_what_fails_later_is_an_event_with_the_one_error_body(
    client: TestClient, answerer: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    answerer.failure = IndexBusy("the index is being written")
    searched, error = _asked(client, LONG)
    assert searched[0] == "searched"
    assert error == ("error", {"error": {"code": "index_busy", "message": "the index is being written"}})
    assert "index_busy" not in caplog.text
    answerer.failure = ZeroDivisionError("secret insides")
    _, (name, body) = _asked(client, LONG)
    assert (name, body["error"]["code"]) == ("error", "internal_error")
    assert "secret" not in body["error"]["message"]
    assert "secret insides" in caplog.text


def test_a_stage_is_sent_when_it_ends_and_not_at_the_end() -> None:
    answerer = StandIn()
    answerer.held.clear()
    with serving(answerer) as url, _client(url) as client, client.stream("POST", "/v1/chat", json=LONG) as response:
        events = _events(response.iter_lines())
        assert next(events)[0] == "searched"
        answerer.held.set()
        assert [name for name, _ in events] == ["hits", "answer", "done"]


def test_while_nothing_is_told_comments_keep_the_connection_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.02)
    answerer = StandIn()
    answerer.held.clear()
    with serving(answerer) as url, _client(url) as client, ThreadPoolExecutor() as pool:
        first = pool.submit(client.post, "/v1/chat", json=LONG)
        until(lambda: len(answerer.asked) == 1)
        # It waits at the gate, where no stage has begun.
        with client.stream("POST", "/v1/chat", json=LONG) as response:
            events = _events(response.iter_lines())
            assert [next(events)[0], next(events)[0]] == [":", ":"]
            answerer.held.set()
            assert [name for name, _ in events if name != ":"] == ["searched", "hits", "answer", "done"]
        assert ": still at it" in first.result().text


def test_more_than_can_wait_is_refused_with_the_time_to_come_back() -> None:
    answerer = StandIn()
    answerer.held.clear()
    with serving(answerer, load_settings({"queue": 0})) as url, _client(url) as client:
        with client.stream("POST", "/v1/chat", json=LONG) as response:
            events = _events(response.iter_lines())
            next(events)
            refused = client.post("/v1/chat", json=LONG)
            assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
            assert refused.json()["error"]["code"] == "overloaded"
            assert int(refused.headers["retry-after"]) >= 1
            answerer.held.set()
            assert list(events)[-1][0] == "done"
        assert client.post("/v1/chat", json=LONG).status_code == HTTPStatus.OK


class Noting(StandIn):
    """Notes how far the work came."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.came: list[str] = []

    def ask(self, ask: Ask, listener: Listener | None = None) -> Outcome:
        def noted(stage: Stage) -> None:
            if isinstance(stage, Found):
                self.came.append("found")
            if listener is not None:
                listener(stage)

        try:
            outcome = super().ask(ask, noted)
        except BaseException:
            self.came.append("stopped")
            raise
        self.came.append("read")
        return outcome


def test_a_client_that_leaves_stops_the_work_at_its_next_stage_and_gives_its_place_back() -> None:
    answerer = Noting()
    answerer.held.clear()
    with serving(answerer, load_settings({"queue": 0})) as url, _client(url) as client:
        with client.stream("POST", "/v1/chat", json=LONG) as response:
            events = _events(response.iter_lines())
            assert next(events)[0] == "searched"
        # The work cannot be interrupted within a stage: its place is taken until it ends.
        assert client.post("/v1/chat", json=LONG).status_code == HTTPStatus.SERVICE_UNAVAILABLE
        answerer.held.set()
        until(lambda: len(answerer.came) == 2)
        assert answerer.came == ["found", "stopped"]
        until(lambda: client.post("/v1/chat", json=LONG).status_code == HTTPStatus.OK)


def test_a_client_that_leaves_while_it_waits_gives_its_place_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.02)
    answerer = StandIn()
    answerer.held.clear()
    with serving(answerer, load_settings({"queue": 1})) as url, _client(url) as client, ThreadPoolExecutor() as pool:
        first = pool.submit(client.post, "/v1/chat", json=LONG)
        until(lambda: len(answerer.asked) == 1)
        with client.stream("POST", "/v1/chat", json=LONG) as response:
            lines = response.iter_lines()
            assert next(lines).startswith(":")
            assert client.post("/v1/chat", json=LONG).status_code == HTTPStatus.SERVICE_UNAVAILABLE

        def waits() -> bool:
            with client.stream("POST", "/v1/chat", json=LONG) as response:
                return response.status_code == HTTPStatus.OK

        until(waits)
        assert len(answerer.asked) == 1
        answerer.held.set()
        assert first.result().status_code == HTTPStatus.OK


def test_many_streams_at_once_are_each_whole() -> None:
    with (
        serving(StandIn(), load_settings({"concurrency": 2, "queue": 100})) as url,
        _client(url) as client,
        ThreadPoolExecutor(20) as pool,
    ):
        questions = [f"How long, {number}?" for number in range(40)]
        streams = pool.map(lambda question: _asked(client, {"question": question, "stream": True}), questions)
        for question, events in zip(questions, streams, strict=True):
            assert [name for name, _ in events] == ["searched", "hits", "answer", "done"]
            assert events[2][1]["question"] == question


def test_a_client_that_reads_slowly_keeps_no_place() -> None:
    async def scenario() -> None:
        gate, reads, worked = Gate(1, 0), asyncio.Event(), threading.Event()
        sent: list[Message] = []

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Message) -> None:
            await reads.wait()
            sent.append(message)

        def work(tell: Tell) -> None:
            tell(b"one")
            tell(b"two")
            worked.set()

        stream = EventStream(gate, work, failed=None)
        task = asyncio.create_task(stream({"type": "http"}, receive, send))
        async with asyncio.timeout(10):
            while not worked.is_set() or gate.taken:
                await asyncio.sleep(0.001)
            assert not sent
            reads.set()
            await task
        assert [message.get("body") for message in sent] == [None, b"one", b"two", b""]

    asyncio.run(scenario())


def test_a_place_is_given_back_where_sending_fails() -> None:
    async def scenario() -> None:
        gate = Gate(1, 0)

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(_: Message) -> None:
            raise OSError("the connection is gone")

        with pytest.raises(ClientDisconnect):
            await EventStream(gate, lambda tell: tell(b"one"), failed=None)({"type": "http"}, receive, send)
        assert gate.taken == 0

    asyncio.run(scenario())


def test_however_clients_leave_every_place_is_given_back() -> None:
    chance = random.Random(17)

    async def scenario() -> None:
        gate, at_work, most = Gate(2, 200), 0, 0
        lock = threading.Lock()

        def work(tell: Tell) -> None:
            nonlocal at_work, most
            with lock:
                at_work += 1
                most = max(most, at_work)
            try:
                for _ in range(3):
                    time.sleep(0.001)
                    tell(b"stage")
            finally:
                with lock:
                    at_work -= 1

        async def visit(leaves_after_s: float | None) -> str:
            async def receive() -> Message:
                await (asyncio.Event().wait() if leaves_after_s is None else asyncio.sleep(leaves_after_s))
                return {"type": "http.disconnect"}

            async def send(_: Message) -> None:
                await asyncio.sleep(0)

            try:
                await EventStream(gate, work, failed=None)({"type": "http"}, receive, send)
            except ClientDisconnect:
                return "left"
            return "stayed"

        stays = [None if chance.random() < 0.3 else chance.uniform(0, 0.3) for _ in range(150)]
        async with asyncio.timeout(SOON_S):
            ends = await asyncio.gather(*map(visit, stays))
        assert all(end == "stayed" for end, leaves in zip(ends, stays, strict=True) if leaves is None)
        assert set(ends) == {"left", "stayed"}
        assert (gate.taken, at_work, most) == (0, 0, 2)
        assert await visit(None) == "stayed"

    asyncio.run(scenario())
