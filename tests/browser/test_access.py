"""By keyboard alone, by ear, in the dark, and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.articles import TREATY
from tests.browser.asking import ask

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
START = TREATY.text.index("20 years")


def test_the_keyboard_alone_asks_opens_closes_and_asks_again(page: Page) -> None:
    page.goto("/")
    line = page.get_by_label("Your question")
    expect(line).to_be_focused()
    page.keyboard.type("How long does the treaty last?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn footer")).to_be_visible()
    expect(line).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(line).to_have_value("How long does the treaty last?")
    page.keyboard.press("ArrowDown")
    expect(line).to_have_value("")
    page.keyboard.type("half a thought")
    page.keyboard.press("Escape")
    expect(line).to_have_value("")
    # Back from the line to the last thing that can be reached, and by number to the first quote.
    page.keyboard.press("Shift+Tab")
    expect(line).not_to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#pane mark.opened")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#pane")).to_be_hidden()
    page.keyboard.press("1")
    expect(page.locator("#pane mark.opened")).to_be_focused()
    page.keyboard.press("/")
    expect(line).to_be_focused()
    expect(line).to_have_value("")


def test_enter_on_a_quote_opens_it_and_escape_comes_back_to_it(page: Page) -> None:
    page.goto("/")
    link = ask(page, "How long does the treaty last?").locator(".quotes a.opens").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pane mark.opened")).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()


def test_escape_takes_a_question_back(page: Page) -> None:
    page.goto("/")
    page.route("**/v1/chat", lambda _: None)
    line = page.get_by_label("Your question")
    line.fill("How long does the treaty last?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".turn")).to_have_count(0)
    expect(line).to_have_value("How long does the treaty last?")
    expect(page.get_by_role("heading", name="Ask the articles.")).to_be_visible()


def test_shift_enter_is_a_new_line_and_a_blank_question_is_not_sent(page: Page) -> None:
    page.goto("/")
    line = page.get_by_label("Your question")
    page.keyboard.press("Enter")
    page.keyboard.type(" ")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Enter")
    expect(line).to_have_value(" \n")
    expect(page.locator(".turn")).to_have_count(0)


def test_the_answer_is_announced(page: Page) -> None:
    page.goto("/")
    ask(page, "How long does the treaty last?")
    expect(page.get_by_role("status").filter(has_text="20 years.")).to_contain_text("percent.")


def _answer(page: Page) -> None:
    ask(page, "How many berths does the harbour of Sandvik have?")
    page.locator("details.others summary").click()
    page.get_by_role("button", name="Wrong").click()


def _not_found(page: Page) -> None:
    ask(page, "Who won the 1966 World Cup in football?")
    page.locator("#filters summary").click()


def _article(page: Page) -> None:
    page.goto(f"/articles/{TREATY.id}?sha256=0#{START}-{START + 8}")
    expect(page.get_by_role("alert")).to_be_visible()


def _list(page: Page) -> None:
    page.goto("/articles")
    page.get_by_role("button", name="Remove A harbour").wait_for()


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
@pytest.mark.parametrize("shown", [None, _answer, _not_found, _article, _list])
def test_axe_finds_nothing_that_keeps_people_out(page: Page, shown: Callable[[Page], None] | None) -> None:
    page.goto("/")
    expect(page.locator("#count")).not_to_be_empty()
    if shown:
        shown(page)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], node["html"]) for each in found for node in each["nodes"]] == []


@pytest.mark.parametrize("options", [PHONE], ids=["phone"])
def test_on_a_phone_nothing_is_wider_than_the_screen_and_an_article_covers_it(page: Page) -> None:
    def is_wider() -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    page.goto("/")
    turn = ask(page, "Who is the mayor of Quellin?")
    assert not is_wider()
    turn.locator(".quotes a.opens").first.click()
    expect(page.locator("#pane mark.opened")).to_be_in_viewport()
    assert page.locator("#desk").evaluate("desk => desk.inert")
    assert not is_wider()
    page.get_by_role("button", name="Close").click()
    assert not page.locator("#desk").evaluate("desk => desk.inert")
