"""The application on a real server, on a loopback port, in a thread of the test's own process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx2
import uvicorn

from service.api import create_app
from service.server import listen
from service.settings import Settings
from service.types import Answerer

SOON_S = 20.0


def until(true: Callable[[], bool]) -> None:
    """Wait for something that comes soon."""
    give_up = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.005)


@contextmanager
def serving(answerer: Answerer, settings: Settings | None = None) -> Iterator[str]:
    """The address of a service that is ready; it is stopped at the end."""
    with listen("127.0.0.1", 0) as listener:
        app = create_app(settings or Settings(), lambda: answerer)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None, timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            until(lambda: httpx2.get(f"{url}/readyz", timeout=SOON_S).status_code == HTTPStatus.OK)
            yield url
        finally:
            server.should_exit = True
            thread.join(SOON_S)
            assert not thread.is_alive()
