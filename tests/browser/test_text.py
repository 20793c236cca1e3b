"""The page's own counting, held against Python's: a place is the same words on both sides."""

from __future__ import annotations

import random

from playwright.sync_api import Page

from tests.browser.articles import ARTICLES

ALPHABET = "ab \n\u00e9e\u0301\u05e9\u0645\u200d🕊👩‍👩‍👧𝔄🗼\uffff\ue000"


def _texts(count: int) -> list[str]:
    chance = random.Random(7)
    return ["".join(chance.choices(ALPHABET, k=chance.randrange(1, 40))) for _ in range(count)]


def _spans(text: str, count: int, seed: int) -> list[tuple[int, int]]:
    chance = random.Random(seed)
    ends = (sorted(chance.sample(range(len(text) + 1), 2)) for _ in range(count))
    return [(start, end) for start, end in ends]


def test_every_place_is_the_same_words_as_in_python(page: Page) -> None:
    page.goto("/")
    cases = [
        {"text": text, "spans": [{"start": start, "end": end} for start, end in _spans(text, 6, seed)]}
        for seed, text in enumerate([*_texts(150), *(article.text for article in ARTICLES)])
    ]
    found = page.evaluate(
        """async (cases) => {
          const { pieces } = await import("/text.js");
          return cases.map(({ text, spans }) => {
            const cut = pieces(text, spans);
            const joined = (some) => some.map((piece) => piece.text).join("");
            const wordsOf = (span) => joined(cut.filter((piece) => piece.spans.includes(span)));
            return { whole: joined(cut), words: spans.map(wordsOf) };
          });
        }""",
        cases,
    )
    for case, got in zip(cases, found, strict=True):
        text, spans = case["text"], case["spans"]
        assert isinstance(text, str)
        assert got["whole"] == text
        assert got["words"] == [text[span["start"] : span["end"]] for span in spans if isinstance(span, dict)]


def test_there_and_back_is_the_same_place(page: Page) -> None:
    page.goto("/")
    differing = page.evaluate(
        """async (texts) => {
          const { unitsOf, pointsBefore } = await import("/text.js");
          const places = (text) => [...Array([...text].length + 1).keys()];
          const isOther = (text) => (unit, point) => pointsBefore(text, unit) !== point;
          const differs = (text) => unitsOf(text, places(text)).some(isOther(text));
          return texts.filter(differs);
        }""",
        _texts(150),
    )
    assert differing == []


def test_an_address_leads_back_to_what_it_was_made_of(page: Page) -> None:
    page.goto("/")
    ids = ["plain", "a/b c", "what?", "50% #1", "🕊/<b>", "..hidden", "a+b&c=d"]
    back = page.evaluate(
        """async (ids) => {
          const { articleAddress, shownAt } = await import("/links.js");
          const place = { article_sha256: "ab", start: 3, end: 9 };
          return ids.map((id) => shownAt(new URL(articleAddress(id, place), location.origin)));
        }""",
        ids,
    )
    assert back == [{"article": each, "sha256": "ab", "span": {"start": 3, "end": 9}} for each in ids]


def test_only_addresses_of_the_web_become_links(page: Page) -> None:
    page.goto("/")
    urls = ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", None, "HTTPS://fine.example/a"]
    kept = page.evaluate(
        """async (urls) => {
          const { originalAddress } = await import("/links.js");
          return urls.map((url) => originalAddress({ url }));
        }""",
        urls,
    )
    assert kept == [None] * 5 + ["HTTPS://fine.example/a"]


def test_what_markdown_would_read_as_markup_is_copied_as_text(page: Page) -> None:
    page.goto("/")
    copied = page.evaluate(
        """async () => {
          const { markdown } = await import("/copy.js");
          const place = { before: "*a* ", quote: "[b](c)", after: " <i>\\n# d", title: "T_1", source: null,
            published: null, article_id: "x", start: 0, end: 1, article_sha256: "ab" };
          return markdown({ answer: "[b](c)", citations: [place] });
        }"""
    )
    assert copied.startswith(
        "\\[b\\]\\(c\\)\n\n> \\*a\\* **\\[b\\]\\(c\\)** \\<i\\> \\# d\n>\n> — [T\\_1](http://127.0.0.1:"
    )
