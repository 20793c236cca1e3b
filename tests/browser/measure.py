"""How heavy the page is, and how long after Enter an answer stands on it: ``python -m tests.browser.measure``."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from corpus.loading import Loaded, load_folder
from corpus.types import Article
from tests.browser.serving import launched, served

ROOT = Path(__file__).parents[2]
# From the key to the first frame that could show the answer, as the browser's own clock has it.
_WATCH = """() => {
  const line = document.getElementById("question");
  window.took = new Promise((resolve) => {
    line.addEventListener("keydown", () => {
      const began = performance.now();
      const turns = document.querySelectorAll(".turn footer").length;
      new MutationObserver((_, watching) => {
        if (document.querySelectorAll(".turn footer").length === turns) return;
        watching.disconnect();
        requestAnimationFrame(() => resolve(performance.now() - began));
      }).observe(document.getElementById("turns"), { childList: true, subtree: true });
    }, { once: true });
  });
}"""


def _articles() -> Iterator[Article]:
    for found in load_folder(ROOT / "seeds"):
        if isinstance(found, Loaded):
            yield found.article


def _questions(count: int) -> list[str]:
    gold = (ROOT / "evals" / "gold").glob("*.jsonl")
    rows = (json.loads(line) for file in sorted(gold) for line in file.read_text("utf-8").splitlines())
    return [row["question"] for row in rows][:count]


def _took_ms(page: Page, question: str) -> float:
    page.evaluate(_WATCH)
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    return float(page.evaluate("window.took"))


def _first_took_ms(page: Page, url: str, question: str) -> float:
    page.goto(url)
    page.evaluate("sessionStorage.clear()")
    page.reload(wait_until="networkidle")
    return _took_ms(page, question)


def main(count: int = 40) -> None:
    """Ask ``count`` gold questions of the starter articles, each as the first of a page opened anew; print figures."""
    with (
        tempfile.TemporaryDirectory() as index,
        served(Path(index), list(_articles())) as site,
        launched() as browser,
    ):
        page = browser.new_page()
        sizes: dict[str, int] = {}
        page.on("response", lambda got: sizes.update({got.url.removeprefix(site.url): len(got.body())}))
        page.goto(site.url, wait_until="networkidle")
        page.wait_for_timeout(200)
        parts = {path: size for path, size in sizes.items() if not path.startswith("/v1/")}
        page.close()
        page = browser.new_page()
        questions = _questions(count)
        first = sorted(_first_took_ms(page, site.url, question) for question in questions)
        later = sorted(_took_ms(page, question) for question in questions)
    write = sys.stdout.write
    write(f"page weight: {sum(parts.values()):,} bytes in {len(parts)} parts, as sent, not compressed\n")
    for name, took in (("first answer", first), ("in one conversation", later)):
        p95 = took[int(len(took) * 0.95) - 1]
        write(
            f"{name}, Enter to frame, {len(took)} questions: p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms\n"
        )


if __name__ == "__main__":
    main()
