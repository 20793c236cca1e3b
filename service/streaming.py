"""Server-sent events: an answer that comes in stages, while the work goes on in its place at the gate."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, suppress
from http import HTTPStatus

import anyio
from anyio import from_thread, to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from answering.stages import Searched, Stage
from answering.types import Ask
from service import schemas
from service.limits import Gate, cancel_when_gone
from service.problems import failure_body
from service.state import Service
from service.translation import to_found, to_response

# A connection on which nothing comes is closed by proxies and clients after half a minute, the soonest of them.
HEARTBEAT_S = 5.0
_HEARTBEAT = b": still at it\n\n"
# The content of a streamed response, as OpenAPI describes it.
EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    # Nginx collects a response before it hands it on, unless it is told not to.
    (b"x-accel-buffering", b"no"),
)

Tell = Callable[[bytes], None]
_Told = bytes | Exception


def event(name: str | None, data: BaseModel | Mapping[str, object]) -> bytes:
    """One event; its data is JSON, which has no line ends, in one line."""
    text = data.model_dump_json() if isinstance(data, BaseModel) else json.dumps(data)
    return ("" if name is None else f"event: {name}\n").encode() + f"data: {text}\n\n".encode()


class EventStream(Response):
    """What one piece of work tells, each event sent as it is told.

    The work runs in a worker thread, in a place of the gate. Nothing is sent before the first event or heartbeat, so
    what fails until then is an error with a status of its own; what fails later is an event. When the client leaves,
    it waits no longer, and work that has begun ends at the next event it tells. The place is given back when the work
    ends, however slowly the client reads.

    Args:
        gate: where the work waits for its turn.
        work: called with the function that tells an event.
        failed: the name of the event an error comes in; None is an event without a name.
    """

    def __init__(self, gate: Gate, work: Callable[[Tell], None], failed: str | None) -> None:
        super().__init__()
        self._gate = gate
        self._work = work
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI names them
        """Work, and send what is told.

        Raises:
            Overloaded: if every place is taken.
            ClientDisconnect: if the client left before the end.
            Exception: what the work raised before it told anything.
        """
        teller, told = anyio.create_memory_object_stream[_Told](math.inf)
        failure: Exception | None = ClientDisconnect()
        with teller, told, ExitStack() as place:
            turn = place.enter_context(self._gate.place())
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(cancel_when_gone, receive, tasks.cancel_scope)
                tasks.start_soon(self._work_in_turn, turn, place, teller)
                # A server may raise OSError when it is to send to a client that has gone.
                with suppress(OSError):
                    failure = await self._send_told(told, send)
                tasks.cancel_scope.cancel()
        # Raised here, because the task group would wrap it in an ExceptionGroup.
        if failure is not None:
            raise failure

    async def _send_told(self, told: MemoryObjectReceiveStream[_Told], send: Send) -> Exception | None:
        """Send all that is told; what fails before anything is sent is returned instead."""
        begun = False
        while (item := await _next(told)) is not None:
            if isinstance(item, Exception):
                if not begun:
                    return item
                item = event(self._failed, failure_body(item))
            if not begun:
                await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": _HEADERS})
                begun = True
            await send({"type": "http.response.body", "body": item, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return None

    async def _work_in_turn(
        self, turn: AbstractAsyncContextManager[object], place: ExitStack, teller: MemoryObjectSendStream[_Told]
    ) -> None:
        def tell(item: bytes) -> None:
            from_thread.check_cancelled()
            from_thread.run_sync(teller.send_nowait, item)

        with teller, place:
            try:
                async with turn:
                    await to_thread.run_sync(self._work, tell)
            except Exception as error:
                teller.send_nowait(error)


async def _next(told: MemoryObjectReceiveStream[_Told]) -> _Told | None:
    """What is told next, a heartbeat if that takes long, None after the last."""
    try:
        with anyio.move_on_after(HEARTBEAT_S):
            return await told.receive()
    except anyio.EndOfStream:
        return None
    return _HEARTBEAT


def chat_stream(service: Service, ask: Ask) -> EventStream:
    """The answer to ``ask`` in the events of POST /v1/chat: ``searched``, ``hits``, ``answer``, ``done``, ``error``."""
    answerer, settings, metrics = service.answerer, service.settings, service.metrics

    def work(tell: Tell) -> None:
        outcome = metrics.counted(answerer.ask(ask, lambda stage: tell(_stage_event(stage))))
        tell(event("answer", to_response(outcome, ask, settings)))
        tell(event("done", {}))

    return EventStream(service.reading, work, failed="error")


def _stage_event(stage: Stage) -> bytes:
    if isinstance(stage, Searched):
        return event("searched", schemas.SearchedEvent(searched=stage.question))
    return event("hits", to_found(stage))
