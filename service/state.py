"""What the routes stand on while the service runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, TypedDict, cast

import anyio
from anyio import to_thread
from fastapi import Depends, Request

from answering.feedback import FeedbackBook
from corpus.errors import PullquoteError
from service.examples import ExampleBook
from service.limits import Gate
from service.metrics import Metrics
from service.problems import Refused
from service.settings import Settings
from service.types import Answerer

log = logging.getLogger(__name__)


class Service:
    """The open index and the limits on its use.

    Attributes:
        settings: as the service was started with.
        reading: the gate questions pass.
        writing: the gate changes of articles pass, one at a time.
        noting: the gate feedback passes, so that no slow article delays it.
        feedback: what people say of answers, kept beside the index.
        examples: questions the index is known to answer.
        metrics: what is counted, for Prometheus.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.reading = Gate(settings.concurrency, settings.queue)
        self.writing = Gate(1, settings.queue)
        self.noting = Gate(1, settings.queue)
        self.feedback = FeedbackBook(settings.index)
        self.examples = ExampleBook()
        self.metrics = metrics
        self._answerer: Answerer | None = None
        self._failure: tuple[str, str] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the answerer is warm."""
        return self._answerer is not None

    @property
    def answerer(self) -> Answerer:
        """The answerer, once it is warm.

        Raises:
            Refused: 503 before that, or with the reason why it never will be.
        """
        if self._answerer is not None:
            return self._answerer
        code, message = self._failure or ("not_ready", "the index is being opened and the models loaded; ask again")
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, code, message, {"Retry-After": "1"})

    @asynccontextmanager
    async def opened(self, factory: Callable[[], Answerer]) -> AsyncIterator[None]:
        """Open and warm the answerer in the background, so that /healthz answers at once; close it at the end."""
        kept: list[Answerer] = []

        async def open_and_warm_up() -> None:
            try:
                kept.append(await to_thread.run_sync(factory))
                await to_thread.run_sync(kept[0].warm_up)
            except PullquoteError as error:
                log.error("%s: %s", error.code, error)
                self._failure = (error.code, str(error))
            except Exception:
                log.exception("the answerer could not be opened")
                self._failure = ("internal_error", "the service could not start; its log says why")
            else:
                self._answerer = kept[0]

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(open_and_warm_up)
            yield
        self._answerer = None
        for answerer in kept:
            await to_thread.run_sync(answerer.close)


class State(TypedDict):
    """What the lifespan hands to every request."""

    service: Service


async def service_of(request: Request) -> Service:
    """The service behind a request."""
    return cast(Service, request.state.service)


ServiceThere = Annotated[Service, Depends(service_of)]
