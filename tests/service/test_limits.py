from __future__ import annotations

import asyncio
import threading

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from corpus.errors import Overloaded
from service.limits import Gate


def _request(gone: asyncio.Event) -> Request:
    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


async def _until_taken(gate: Gate, places: int) -> None:
    async with asyncio.timeout(10):
        while gate.taken != places:
            await asyncio.sleep(0.001)


def test_the_gate_lets_so_many_work_so_many_wait_and_refuses_the_next() -> None:
    async def scenario() -> None:
        gate, release, stays = Gate(2, 1), threading.Event(), asyncio.Event()
        at_work, most = 0, 0
        lock = threading.Lock()

        def work() -> str:
            nonlocal at_work, most
            with lock:
                at_work += 1
                most = max(most, at_work)
            release.wait(10)
            with lock:
                at_work -= 1
            return "done"

        running = [asyncio.create_task(gate.run(_request(stays), work)) for _ in range(3)]
        await _until_taken(gate, 3)
        with pytest.raises(Overloaded) as refused:
            await gate.run(_request(stays), work)
        assert refused.value.retry_after_s >= 1
        async with asyncio.timeout(10):
            while at_work != 2:
                await asyncio.sleep(0.001)
        release.set()
        assert await asyncio.gather(*running) == ["done"] * 3
        assert most == 2
        assert gate.taken == 0

    asyncio.run(scenario())


def test_a_client_that_leaves_while_it_waits_gives_its_place_back_at_once() -> None:
    async def scenario() -> None:
        gate, release, stays, leaves = Gate(1, 1), threading.Event(), asyncio.Event(), asyncio.Event()
        worked: list[str] = []
        first = asyncio.create_task(gate.run(_request(stays), lambda: release.wait(10)))
        await _until_taken(gate, 1)
        second = asyncio.create_task(gate.run(_request(leaves), lambda: worked.append("second")))
        await _until_taken(gate, 2)
        leaves.set()
        with pytest.raises(ClientDisconnect):
            await second
        assert gate.taken == 1
        release.set()
        assert await first
        assert worked == []

    asyncio.run(scenario())


def test_work_that_has_begun_keeps_its_place_until_it_ends() -> None:
    async def scenario() -> None:
        gate, release, leaves = Gate(1, 0), threading.Event(), asyncio.Event()
        first = asyncio.create_task(gate.run(_request(leaves), lambda: release.wait(10)))
        await _until_taken(gate, 1)
        leaves.set()
        await asyncio.sleep(0.05)
        assert gate.taken == 1
        release.set()
        await first
        assert gate.taken == 0

    asyncio.run(scenario())


def test_an_error_in_the_work_comes_out_as_itself_and_frees_the_place() -> None:
    async def scenario() -> None:
        gate, stays = Gate(1, 0), asyncio.Event()

        def work() -> None:
            raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            await gate.run(_request(stays), work)
        assert gate.taken == 0

    asyncio.run(scenario())
