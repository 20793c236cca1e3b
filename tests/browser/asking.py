"""What a person does with the page."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect


def ask(page: Page, question: str) -> Locator:
    """Ask, and give the turn once it is answered."""
    turns = page.locator(".turn")
    before = turns.count()
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    turn = turns.nth(before)
    expect(turn.locator("footer")).to_be_visible()
    return turn


def answer_with(page: Page, **fields: Any) -> list[dict[str, Any]]:
    """Let the service's next replies carry ``fields``; the requests are appended to what is returned."""
    asked: list[dict[str, Any]] = []

    def reply(route: Route) -> None:
        sent = json.loads(route.request.post_data or "{}")
        asked.append(sent)
        rewrite = sent.pop("rewrite", True)
        response = route.fetch(post_data=json.dumps(sent))
        route.fulfill(json={**response.json(), **(fields if rewrite else {})})

    page.route("**/v1/chat", reply)
    return asked
