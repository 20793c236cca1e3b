"""The whole service on a port of this machine, and Debian's Chromium to look at it with."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx2
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from answering.answerer import Answerer
from answering.feedback import FeedbackBook
from corpus.types import Article
from service.api import create_app
from service.server import listen
from service.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
# Nothing but the page is fetched, and a container's root may start it.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: where it is, what answers in it, and what it is told by way of feedback."""

    url: str
    answerer: Answerer
    feedback: FeedbackBook


@contextmanager
def served(index: Path, articles: Sequence[Article]) -> Iterator[Served]:
    """The service over an index with ``articles``, in a thread, once it is ready."""
    answerer = Answerer.open(index, create=True)
    for article in articles:
        answerer.put(article)
    app = create_app(Settings(index=index), lambda: answerer)
    with listen("127.0.0.1", 0) as listener:
        there = Served(f"http://127.0.0.1:{listener.getsockname()[1]}", answerer, FeedbackBook(index))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            _wait_until_ready(there.url)
            yield there
        finally:
            server.should_exit = True
            thread.join(timeout=20)


def _wait_until_ready(url: str) -> None:
    give_up = time.monotonic() + 60
    while httpx2.get(f"{url}/readyz").status_code != HTTPStatus.OK:
        assert time.monotonic() < give_up
        time.sleep(0.05)


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's Chromium; Playwright brings none that is used here."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
