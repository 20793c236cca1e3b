"""Serving: one process, one listening socket, uvicorn around the application."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from corpus.errors import SettingsError
from service.api import create_app
from service.settings import Settings
from service.types import Answerer

# What is still at work when Ctrl-C comes may end; what takes longer is let go.
_GRACE_S = 10


@contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there.

    Raises:
        SettingsError: if that address and port cannot be listened on.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=128)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}. "
            "Is another service there? Choose another with --host and --port"
        ) from error
    with listener:
        # Inherited by every connection. asyncio sets it only on a socket that names its protocol, which this one does
        # not; without it the second part of a response waits 40 ms until the client acknowledges the first.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def serve(settings: Settings, listener: socket.socket, answerer: Answerer, announce: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM, end what is at work, and close the answerer.

    Args:
        settings: limits, names and the level of the log.
        listener: what ``listen`` gave.
        answerer: open; it is warmed here.
        announce: called once with the service's address.

    Raises:
        KeyboardInterrupt: after Ctrl-C, when all is closed.
    """
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Haystack tells of every component that runs, at the level of our own log; only its warnings are for the person.
    logging.getLogger("haystack").setLevel(logging.WARNING)
    config = uvicorn.Config(
        create_app(settings, lambda: answerer),
        lifespan="on",
        log_config=None,
        log_level=settings.log_level,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    announce(f"http://{host}:{port}")
    uvicorn.Server(config).run(sockets=[listener])
