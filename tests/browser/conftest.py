"""A browser and a service for this folder alone; a page per test that may make no error and leave no machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.articles import ARTICLES
from tests.browser.serving import CHROMIUM, Served, launched, served

# As long as a busy machine may take for what a free one does at once.
_PATIENCE_MS = 30_000


# Playwright keeps an event loop in this thread: it has to end with this folder, before tests that run their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium")
    expect.set_options(timeout=_PATIENCE_MS)
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    assert browser.is_connected()
    with served(tmp_path_factory.mktemp("index"), ARTICLES) as site:
        yield site


@pytest.fixture
def options() -> dict[str, object]:
    """What a test wants of its browser: its module or class overrides it."""
    return {}


@pytest.fixture
def page(browser: Browser, site: Served, options: dict[str, object]) -> Iterator[Page]:
    """The page, as yet empty. What goes wrong in it, or leaves this machine, fails the test."""
    wanted = {"reduced_motion": "reduce", "viewport": {"width": 1280, "height": 800}, "base_url": site.url, **options}
    context = browser.new_context(**wanted)  # type: ignore[arg-type] # every option is one of its keywords
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    faults: list[str] = []

    def left(request: Request) -> None:
        if not request.url.startswith((site.url, "data:", "blob:")):
            faults.append(f"asked another machine: {request.url}")

    page.on("pageerror", lambda error: faults.append(str(error)))
    # A status that is no success is also logged; which ones may come is each test's own matter.
    page.on(
        "console",
        lambda said: (
            faults.append(said.text) if said.type == "error" and "Failed to load resource" not in said.text else None
        ),
    )
    page.on("request", left)
    yield page
    context.close()
    assert faults == []
