from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from answering.feedback import Place
from corpus.types import Span
from tests.browser.articles import EMOJI, TREATY
from tests.browser.asking import answer_with, ask
from tests.browser.serving import Served


def test_an_answer_stands_above_its_quotes_with_source_and_day(page: Page) -> None:
    page.goto("/")
    turn = ask(page, "How long does the treaty last?")
    expect(turn.locator(".answer").first).to_have_text("20 years")
    quote = turn.locator(".quotes > li").first
    expect(quote.locator("blockquote")).to_contain_text("The treaty lasts 20 years, and officials on both sides say")
    expect(quote.locator("mark")).to_have_text("20 years")
    expect(quote.locator("cite")).to_contain_text("Treaty signed · Harbour Wire · 17 January 2025")
    expect(turn.locator(".confidence").first).to_have_text(
        re.compile(r"^(Very sure|Sure|Fairly sure|Not sure), \d+ %$")
    )


def test_the_original_opens_at_the_quote(page: Page) -> None:
    page.goto("/")
    turn = ask(page, "How long does the treaty last?")
    address = turn.get_by_role("link", name="original").first.get_attribute("href")
    assert address == f"{TREATY.url}#:~:text=The%20treaty%20lasts-,20%20years,-%2C%20and%20officials"


def test_what_no_article_says_is_not_found_with_what_comes_nearest(page: Page) -> None:
    page.goto("/")
    turn = ask(page, "Who won the 1966 World Cup in football?")
    expect(turn.locator(".answer")).to_have_text("Not in the articles")
    assert turn.locator(".nearest li").count() > 0
    turn.locator(".nearest a.opens").first.click()
    expect(page.locator("#pane mark.opened").first).to_be_visible()


def test_the_words_that_stand_in_no_article_are_named(page: Page) -> None:
    answer_with(page, unknown_words=["football", "<b>cup</b>"])
    page.goto("/")
    turn = ask(page, "Who won the 1966 World Cup in football?")
    expect(turn.locator(".unknown")).to_have_text("In no article: football, <b>cup</b>")


def test_a_rewritten_question_is_shown_and_can_be_asked_as_typed(page: Page) -> None:
    asked = answer_with(page, searched="Who signed the treaty?")
    page.goto("/")
    turn = ask(page, "How long does it last?")
    expect(turn.locator(".searched")).to_contain_text("Searched for: Who signed the treaty?")
    assert "rewrite" not in asked[0]
    page.get_by_role("button", name="ask exactly as typed").click()
    expect(page.locator(".turn footer")).to_be_visible()
    expect(page.locator(".searched")).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(1)
    assert [each["question"] for each in asked] == ["How long does it last?"] * 2


def test_a_question_is_sent_with_the_turns_before_it(page: Page) -> None:
    asked = answer_with(page)
    page.goto("/")
    ask(page, "How long does the treaty last?")
    ask(page, "When was the lighthouse of Varnholm built?")
    assert asked[0]["history"] == []
    assert asked[1]["history"] == [
        {"role": "user", "content": "How long does the treaty last?"},
        {"role": "assistant", "content": "20 years"},
    ]


def test_the_conversation_outlives_a_reload_and_ends_when_told_to(page: Page) -> None:
    page.goto("/")
    ask(page, "How long does the treaty last?")
    page.reload()
    expect(page.locator(".turn .answer").first).to_have_text("20 years")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Ask the articles.")).to_be_visible()


def test_an_example_is_asked_when_it_is_chosen(page: Page) -> None:
    page.goto("/")
    example = page.locator("#examples button").first
    question = example.inner_text()
    example.click()
    turn = page.locator(".turn")
    expect(turn.locator(".question")).to_have_text(question)
    expect(turn.locator(".confidence").first).to_be_visible()
    expect(example).to_be_hidden()


def test_a_link_asks_its_question_once(page: Page) -> None:
    page.goto("/?q=How+long+does+the+treaty+last%3F&source=Harbour+Wire")
    expect(page.locator(".turn .answer").first).to_have_text("20 years")
    expect(page.locator(".turn .searched")).to_have_text("Only Harbour Wire")
    page.reload()
    expect(page.locator(".turn .answer").first).to_have_text("20 years")
    expect(page.locator(".turn")).to_have_count(1)


def test_a_question_that_speaks_of_now_is_asked_today_and_its_link_keeps_the_day(page: Page) -> None:
    page.clock.set_fixed_time("2025-02-03T12:00:00")
    page.goto("/")
    turn = ask(page, "Which treaty was signed recently?")
    expect(turn.locator(".searched")).to_have_text("As asked on 3 February 2025: articles of about that day count more")
    expect(ask(page, "How long does the treaty last?").locator(".searched")).to_have_count(0)
    page.goto("/?q=Which+treaty+was+signed+recently%3F&on=2024-12-31")
    expect(page.locator(".turn .searched").last).to_contain_text("As asked on 31 December 2024")


def test_a_verdict_keeps_the_day_that_counted(page: Page, site: Served) -> None:
    page.clock.set_fixed_time("2025-02-03T12:00:00")
    page.goto("/")
    for question, day in (
        ("Which treaty was signed recently?", date(2025, 2, 3)),
        ("How long does the treaty last?", None),
    ):
        turn = ask(page, question)
        turn.get_by_role("button", name="Right").click()
        expect(turn.locator(".feedback")).to_have_text("Thank you.")
        assert list(site.feedback.read())[-1].feedback.asked_on == day


def test_a_verdict_on_a_follow_up_tells_the_question_by_itself(page: Page, site: Served) -> None:
    page.goto("/")
    ask(page, "Where was the treaty signed?")
    turn = ask(page, "And how long does it last?")
    turn.get_by_role("button", name="Right").click()
    expect(turn.locator(".feedback")).to_have_text("Thank you.")
    assert "treaty" in list(site.feedback.read())[-1].feedback.question


def test_filters_leave_the_rest_out_and_say_so(page: Page) -> None:
    page.goto("/")
    page.get_by_text("All sources, any date").click()
    page.get_by_label("מנורה").check()
    page.get_by_label("from").fill("2024-01-01")
    expect(page.locator("#filters summary")).to_have_text("מנורה, from 1 January 2024")
    turn = ask(page, "How long does the treaty last?")
    expect(turn.locator(".searched")).to_have_text("Only מנורה, from 1 January 2024")
    expect(turn.locator(".answer").first).not_to_have_text("20 years")
    page.locator("#filters summary").click()
    page.get_by_role("button", name="Ask all articles").click()
    expect(page.locator("#filters summary")).to_have_text("All sources, any date")
    expect(ask(page, "How long does the treaty last?").locator(".answer").first).to_have_text("20 years")


@pytest.mark.parametrize("path", ["/v1/sources", "/v1/examples"])
def test_what_a_service_does_not_offer_is_hidden(page: Page, path: str) -> None:
    body = {"error": {"code": "unknown_route", "message": "there is nothing at this address"}}
    page.route(f"**{path}", lambda route: route.fulfill(status=404, json=body))
    page.goto("/")
    expect(page.locator("#count")).not_to_be_empty()
    expect(page.locator("#filters" if "sources" in path else "#examples")).to_be_hidden()
    expect(page.get_by_label("Your question")).to_be_focused()


def test_a_service_that_is_gone_is_said_and_can_be_asked_again(page: Page) -> None:
    page.goto("/")
    page.route("**/v1/chat", lambda route: route.abort())
    page.get_by_label("Your question").fill("How long does the treaty last?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The service does not answer.")
    page.unroute("**/v1/chat")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".turn .answer").first).to_have_text("20 years")


def test_a_verdict_reaches_the_service_with_what_it_is_about(page: Page, site: Served) -> None:
    page.goto("/")
    turn = ask(page, "How long does the treaty last?")
    turn.get_by_role("button", name="Right").click()
    expect(turn.locator(".feedback")).to_have_text("Thank you.")
    given = list(site.feedback.read())[-1].feedback
    start = TREATY.text.index("20 years")
    assert (given.verdict, given.answer, given.right_span, given.note) == ("right", "20 years", None, None)
    assert given.citation == Place(TREATY.id, Span(start, start + len("20 years")), TREATY.sha256)


def test_what_would_have_been_right_is_pointed_at_in_an_article(page: Page, site: Served) -> None:
    page.goto("/")
    turn = ask(page, "When was the lighthouse of Varnholm built?")
    turn.locator(".quotes a.opens").first.click()
    expect(page.locator("#pane mark.opened")).to_be_visible()
    turn.get_by_role("button", name="Wrong").click()
    page.get_by_label("What would have been right?").fill("The engineer <b>herself</b>")
    # From the first paragraph into the last: behind emoji, and over two line breaks.
    page.evaluate(
        """() => {
          const [first, , last] = document.querySelectorAll("#pane .text p");
          const range = document.createRange();
          range.setStart(first.firstChild, first.textContent.indexOf("𝔄𝔅ℭ"));
          range.setEnd(last.lastChild, last.lastChild.textContent.indexOf("Ida Krog") + 8);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    turn.get_by_role("button", name="Use the selected words").click()
    expect(turn.locator(".right-words")).to_contain_text("Ida Krog")
    turn.get_by_role("button", name="Send").click()
    expect(turn.locator(".feedback")).to_have_text("Thank you.")
    given = list(site.feedback.read())[-1].feedback
    assert (given.verdict, given.note) == ("wrong", "The engineer <b>herself</b>")
    assert given.right_span is not None
    start, end = EMOJI.text.index("𝔄𝔅ℭ"), EMOJI.text.index("Ida Krog") + 8
    assert (given.right_span.article_id, given.right_span.span) == (EMOJI.id, Span(start, end))


def test_an_answer_is_copied_with_its_quote_and_a_link_that_holds(page: Page, site: Served) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    turn = ask(page, "How long does the treaty last?")

    def copied(name: str) -> str:
        turn.get_by_role("button", name=f"Copy as {name}").click()
        expect(turn.get_by_text("copied")).to_be_visible()
        expect(turn.get_by_text("copied")).to_have_count(0)
        return str(page.evaluate("navigator.clipboard.readText()"))

    start = TREATY.text.index("20 years")
    link = f"{site.url}/articles/news/treaty?sha256={TREATY.sha256}#{start}-{start + 8}"
    sentence = "The treaty lasts 20 years, and officials on both sides say that it can be renewed after that."
    assert copied("text") == f"20 years\n\n“{sentence}”\nTreaty signed, Harbour Wire, 17 January 2025\n{link}\n"
    assert "> The treaty lasts **20 years**, and officials" in copied("Markdown")
    page.goto(copied("link"))
    expect(page.locator(".turn").last.locator(".answer").first).to_have_text("20 years")
