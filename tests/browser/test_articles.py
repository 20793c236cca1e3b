from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Error, FilePayload, Page, expect

from corpus.articles import article_from
from tests.browser.articles import ARTICLES, EMOJI, HOSTILE, LONG, PAYLOADS, TREATY, UPLOAD
from tests.browser.asking import ask
from tests.browser.serving import Served


def address(article_id: str, sha256: str, start: int, end: int) -> str:
    return f"/articles/{quote(article_id)}?sha256={sha256}#{start}-{end}"


def test_a_click_on_a_quote_opens_its_article_at_the_mark(page: Page) -> None:
    page.goto("/")
    turn = ask(page, "How long does the treaty last?")
    turn.locator(".quotes a.opens").first.click()
    pane = page.get_by_role("complementary", name="Article")
    mark = pane.locator("mark.opened")
    expect(mark).to_have_text("20 years")
    expect(mark).to_be_focused()
    start = TREATY.text.index("20 years")
    assert page.url.endswith(address(TREATY.id, TREATY.sha256, start, start + 8))
    cited = turn.locator(".quotes").first.get_by_text("Treaty signed").count()
    expect(pane.locator("mark")).to_have_count(cited)
    page.go_back()
    expect(pane).to_be_hidden()


def test_the_mark_is_at_the_right_words_behind_emoji_and_two_directions(page: Page) -> None:
    page.goto("/")
    turn = ask(page, "When was the lighthouse of Varnholm built?")
    expect(turn.locator(".quotes mark").first).to_contain_text("1887")
    quoted = turn.locator(".quotes mark").first.inner_text()
    turn.locator(".quotes a.opens").first.click()
    expect(page.locator("#pane mark.opened")).to_have_text(quoted)
    # The text is there whole: a line of it is a paragraph of the page.
    assert page.locator("#pane .text p").evaluate_all("all => all.map(p => p.textContent).join('\\n')") == EMOJI.text


@pytest.mark.parametrize("words", ["1887", "🗼", "👩‍👩‍👧", "𝔄𝔅ℭ", "שלום עולם", "𝔄𝔅ℭ.\n\nمرحبا 🕊 The"])
def test_a_link_opens_any_words_of_any_article(page: Page, words: str) -> None:
    start = EMOJI.text.index(words)
    page.goto(address(EMOJI.id, EMOJI.sha256, start, start + len(words)))
    marks = page.locator("#pane mark.opened")
    expect(marks.first).to_be_visible()
    assert marks.evaluate_all("all => all.map(mark => mark.textContent)") == [
        part for part in words.split("\n") if part
    ]


def test_the_quote_is_on_the_screen_in_a_long_article(page: Page) -> None:
    start = LONG.text.index("42 berths")
    page.goto(address(LONG.id, LONG.sha256, start, start + 9))
    mark = page.locator("#pane mark.opened")
    expect(mark).to_have_text("42 berths")
    expect(mark).to_be_in_viewport()


def test_a_link_says_when_its_article_has_changed(page: Page) -> None:
    page.goto(address(TREATY.id, "0" * 64, 3, 9))
    expect(page.get_by_role("alert")).to_contain_text("has changed since it was quoted")
    expect(page.locator("#pane mark.opened.unsure")).to_have_text(TREATY.text[3:9])


@pytest.mark.parametrize(
    ("text", "said", "marked"),
    [
        ("News first: the keeper left. {0}", "have moved", 1),
        ("{0} One more line behind it.", "still stand", 1),
        ("Everything else is new, and no word of it was here before.", "stand in it no more", 0),
    ],
)
def test_a_quote_is_found_again_or_said_to_be_gone(page: Page, site: Served, text: str, said: str, marked: int) -> None:
    before = "The mill of Orsk was built in 1912 by Per Lund."
    site.answerer.put(article_from("mill", before, title="The mill"))
    try:
        page.goto("/")
        turn = ask(page, "When was the mill of Orsk built?")
        expect(turn.locator(".quotes mark").first).to_contain_text("1912")
        quoted = turn.locator(".quotes mark").first.inner_text()
        site.answerer.put(article_from("mill", text.format(before), title="The mill"))
        turn.locator(".quotes a.opens").first.click()
        expect(page.get_by_role("alert")).to_contain_text(said)
        expect(page.locator("#pane mark")).to_have_count(marked)
        assert page.locator("#pane mark").all_inner_texts() == [quoted] * marked
    finally:
        site.answerer.delete("mill")


def test_an_article_that_is_gone_is_said(page: Page) -> None:
    page.goto("/articles/no/such<b>?sha256=0#1-2")
    expect(page.get_by_role("alert")).to_have_text("There is no article “no/such<b>” any more.")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Your question")).to_be_focused()


@pytest.mark.parametrize("fragment", ["#9999999-99999999", "#5-5", "#9-3", "#a-b", "#1-2-3", "", "#-1-5"])
def test_a_place_that_cannot_be_marks_nothing(page: Page, fragment: str) -> None:
    page.goto(f"/articles/{TREATY.id}?sha256={TREATY.sha256}{fragment}")
    expect(page.locator("#pane .text")).to_contain_text("The treaty lasts")
    expect(page.locator("#pane mark")).to_have_count(0)


def test_an_article_full_of_markup_stays_text(page: Page) -> None:
    page.goto("/")
    turn = ask(page, "Who is the mayor of Quellin?")
    expect(turn.locator(".quotes").first).to_contain_text("Tom <b>Ashe</b>")
    turn.locator(".quotes a.opens").first.click()
    expect(page.locator("#pane mark.opened")).to_be_visible()
    for payload in PAYLOADS:
        expect(page.locator("#pane .text")).to_contain_text(payload)
    page.get_by_role("link", name="Articles").click()
    expect(page.locator(".articles")).to_contain_text(HOSTILE.title)
    page.locator("#filters summary").click()
    expect(page.get_by_label("<img src=x")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("iframe, #pane img, #turns img, form[action], base").count() == 0


@pytest.mark.parametrize("attempt", ["innerHTML = '<b>x</b>'", "insertAdjacentHTML('beforeend', '<b>x</b>')"])
def test_the_browser_itself_refuses_to_make_markup_of_a_text(browser: Browser, site: Served, attempt: str) -> None:
    # A page of its own: the refusal is also logged as an error.
    page = browser.new_page()
    page.goto(site.url)
    with pytest.raises(Error, match="TrustedHTML"):
        page.evaluate(f"() => {{ document.body.{attempt} }}")
    page.close()


def test_a_file_is_added_and_asked_about_and_removed_and_put_back(page: Page, site: Served) -> None:
    page.goto("/articles")
    expect(page.locator(".articles li")).to_have_count(len(ARTICLES))
    files: list[FilePayload] = [
        {"name": "bridge <b>.txt", "mimeType": "text/plain", "buffer": UPLOAD.encode()},
        {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 broken"},
    ]
    page.locator("input[type=file]").set_input_files(files)
    added = page.locator(".uploads li")
    expect(added.nth(0)).to_contain_text("added")
    expect(added.nth(1)).to_contain_text("broken.pdf")
    expect(added.nth(1).locator(".failed")).not_to_be_empty()
    expect(page.locator("#count")).to_have_text(str(len(ARTICLES) + 1))
    turn = ask(page, "When was the bridge over the Tarn opened?")
    expect(turn.locator(".answer").first).to_contain_text("3 May 1998")

    page.get_by_role("button", name="Remove bridge").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    assert site.answerer.store.article("bridge <b>") is None
    undo.click()
    expect(page.get_by_role("button", name="Remove bridge")).to_be_visible()
    restored = site.answerer.store.article("bridge <b>")
    assert restored is not None
    assert restored.text == UPLOAD
    site.answerer.delete("bridge <b>")


def test_a_file_dropped_anywhere_is_added(page: Page, site: Served) -> None:
    page.goto("/")
    dropped = page.evaluate_handle(
        "text => { const held = new DataTransfer(); held.items.add(new File([text], 'tarn.txt')); return held }", UPLOAD
    )
    page.dispatch_event("body", "dragover", {"dataTransfer": dropped})
    expect(page.locator("body.dropping")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": dropped})
    expect(page.locator(".uploads li")).to_contain_text("added")
    expect(page.locator("body.dropping")).to_have_count(0)
    assert site.answerer.store.article("tarn") is not None
    site.answerer.delete("tarn")


def test_a_service_that_cannot_search_its_list_shows_no_search(page: Page) -> None:
    body = {"error": {"code": "invalid_request", "message": "search: unknown field"}}
    page.route("**/v1/articles?*search=*", lambda route: route.fulfill(status=422, json=body))
    page.goto("/articles")
    search = page.get_by_role("searchbox")
    search.fill("treaty")
    expect(search).to_be_hidden()
    expect(page.locator(".articles li")).to_have_count(len(ARTICLES))
