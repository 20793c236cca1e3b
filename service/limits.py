"""How many work at once, how many wait, and what happens to a place when its client leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

import anyio
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from corpus.errors import Overloaded

T = TypeVar("T")


class Gate:
    """Lets ``at_work`` callers through at once, ``waiting`` more wait in order, and the next is refused."""

    def __init__(self, at_work: int, waiting: int) -> None:
        self._places = at_work + waiting
        self._taken = 0
        self._working = anyio.Semaphore(at_work)

    @property
    def places(self) -> int:
        """How many may be at work and wait."""
        return self._places

    @property
    def taken(self) -> int:
        """Places taken now: at work and waiting."""
        return self._taken

    @contextmanager
    def place(self) -> Iterator[AbstractAsyncContextManager[object]]:
        """Hold a place; what it gives waits for this caller's turn to work, and holds it.

        Raises:
            Overloaded: if every place is taken.
        """
        if self._taken >= self._places:
            raise Overloaded(
                f"{self._places} requests are at work or waiting, as many as this service takes; ask again in a second",
                retry_after_s=1,
            )
        self._taken += 1
        try:
            yield self._working
        finally:
            self._taken -= 1

    async def run(self, request: Request, work: Callable[[], T]) -> T:
        """Run ``work`` in a worker thread, in a place of this gate, for as long as the client is there.

        A client that leaves while it waits gives its place back at once. Work that has begun cannot be stopped: it
        keeps its place until it ends, so that no more than ``at_work`` ever run.

        Raises:
            Overloaded: if every place is taken.
            ClientDisconnect: if the client left before its turn came.
        """

        async def in_turn() -> T:
            with self.place() as turn:
                async with turn:
                    return await to_thread.run_sync(work)

        return await _while_connected(request, in_turn)


async def cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    """Cancel ``scope`` when the client leaves; the request's body has been read before."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _while_connected(request: Request, work: Callable[[], Awaitable[T]]) -> T:
    results: list[T] = []
    failure: Exception | None = None

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(cancel_when_gone, request.receive, tasks.cancel_scope)
        try:
            results.append(await work())
        except Exception as error:
            # Raised again below: a task group would wrap it in an ExceptionGroup.
            failure = error
        tasks.cancel_scope.cancel()

    if failure is not None:
        raise failure
    if not results:
        raise ClientDisconnect
    return results[0]
