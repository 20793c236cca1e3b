from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given, settings

from corpus.articles import article_from, is_web_address
from corpus.errors import InvalidArticle
from corpus.splitting import split
from corpus.text import normalise
from tests.corpus.files import PROSE, odd_texts

HEADED = f"A short headline\nPublished On 17 Jan 2025\nSource: Northern Times\n\n{PROSE}\n"


def test_what_is_not_given_is_read_from_the_head() -> None:
    article = article_from("a", HEADED)
    assert (article.title, article.published, article.source) == (
        "A short headline",
        date(2025, 1, 17),
        "Northern Times",
    )
    assert article.text == HEADED


def test_what_is_given_stands() -> None:
    article = article_from(
        "a", HEADED, title=" My\ntitle ", source="Mine", published=date(2024, 1, 1), url="https://a.example/b"
    )
    assert (article.title, article.source, article.published) == ("My title", "Mine", date(2024, 1, 1))
    assert article.url == "https://a.example/b"


@pytest.mark.parametrize(
    ("article_id", "title"),
    [
        ("2025/the-long_treaty", "The long treaty"),
        ("000_58ad0279768f3e1f", "The two leaders signed the pact at noon"),
        ("17", "The two leaders signed the pact at noon"),
    ],
)
def test_without_a_headline_the_title_is_a_readable_name_or_the_opening_words(article_id: str, title: str) -> None:
    assert article_from(article_id, PROSE).title == title


def test_opening_words_are_not_a_lone_name_or_dateline() -> None:
    assert article_from("17", f"Ann Example\n\nABC —\n\n{PROSE}").title == "The two leaders signed the pact at noon"


def test_long_opening_words_are_cut_between_words() -> None:
    title = article_from("1", "date 2025-01-17 " + "Words " * 60).title
    assert title.startswith("Words Words")
    assert title.endswith("Words…")
    assert len(title) <= 121


@pytest.mark.parametrize("text", ["", " \n\u00a0", "\ufeff", "…—!?", "\x00\x00"])
def test_a_text_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(InvalidArticle, match="blank"):
        article_from("a", text)


@pytest.mark.parametrize("article_id", ["", "  ", "x" * 513, "a\x00", "a\nb", "a\ud800", "a\u2028"])
def test_a_bad_id_is_refused(article_id: str) -> None:
    with pytest.raises(InvalidArticle, match="id"):
        article_from(article_id, PROSE)


def test_an_id_of_512_characters_is_taken() -> None:
    assert article_from("é" * 512, PROSE).id == "é" * 512


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "example.org", "https://", "https://a b", "http://[", "ftp://a.example/"]
)
def test_only_a_web_address_is_a_url(url: str) -> None:
    assert not is_web_address(url)
    with pytest.raises(InvalidArticle, match="url"):
        article_from("a", PROSE, url=url)


def test_an_overlong_title_is_refused() -> None:
    with pytest.raises(InvalidArticle, match="title"):
        article_from("a", PROSE, title="x" * 501)


@settings(deadline=None)
@given(odd_texts())
def test_any_text_with_a_word_becomes_an_article_that_keeps_it(raw: str) -> None:
    text = normalise(raw)
    assume(any(map(str.isalnum, text)))
    article = article_from("17", raw)
    assert article.text == text
    assert article.title.strip()
    assert article.title.encode("utf-8")
    assert all(passage.span.slice(text) == passage.text for passage in split(article))
