"""The starter articles: each loads, and together they have the forms that people's own files have."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from corpus.loading import Loaded, load_folder
from corpus.types import Article

SEEDS = Path(__file__).parents[2] / "seeds"
GIVEN_ARTICLES = SEEDS.parents[1] / "shared" / "articles"

PUBLISHED = {
    "analysis/drones-and-air-defence": date(2025, 1, 28),
    "background/2001-agreement": date(2025, 1, 16),
    "background/deal-withdrawal-threats": date(2025, 1, 19),
    "brics-and-partners": date(2025, 1, 21),
    "energy-and-transport": date(2025, 1, 22),
    "kremlin-ceremony": date(2025, 1, 17),
    "no-promise-to-fight": None,  # a weekday in its dateline is all it has, and a weekday is no date
    "pact-in-other-words": date(2025, 1, 29),
    "payments-and-sanctions": date(2025, 1, 20),
    "syria-and-the-region": date(2025, 1, 24),
    "treaty-signed": date(2025, 1, 17),
    "what-the-treaty-covers": date(2025, 1, 18),
}

SOURCES = {
    "analysis/drones-and-air-defence": "Eastern Desk Monitor",
    "background/2001-agreement": "The Old Quay Chronicle",
    "background/deal-withdrawal-threats": "Saltmarsh Daily",
    "brics-and-partners": "Northgate Review",
    "energy-and-transport": "The Caspian Freight Letter",
    "kremlin-ceremony": "The Meridian Post",
    "no-promise-to-fight": None,
    "pact-in-other-words": None,  # a lone name behind a bar may be an author's
    "payments-and-sanctions": "The Ledger Line",
    "syria-and-the-region": "The Meridian Post",
    "treaty-signed": "Harbour Wire",
    "what-the-treaty-covers": "Northgate Review",
}


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    return {item.article.id: item.article for item in load_folder(SEEDS) if isinstance(item, Loaded)}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


def _shared(one: str, other: str) -> float:
    """The share of runs of three words that two texts have in common (Jaccard)."""
    first, second = _runs(one, 3), _runs(other, 3)
    return len(first & second) / len(first | second)


def test_every_file_is_read_as_one_article() -> None:
    files = [path for path in SEEDS.rglob("*") if path.is_file()]
    loaded = list(load_folder(SEEDS))
    assert [item for item in loaded if not isinstance(item, Loaded)] == []
    assert len(loaded) == len(files) >= 8


def test_the_ids_that_gold_questions_name_stay_the_same(articles: dict[str, Article]) -> None:
    assert set(articles) == set(PUBLISHED)


def test_every_form_that_people_feed_is_there() -> None:
    assert {path.suffix for path in SEEDS.rglob("*") if path.is_file()} == {".txt", ".md", ".html", ".pdf"}
    assert any(path.parent != SEEDS for path in SEEDS.rglob("*.md"))


def test_every_article_has_a_title(articles: dict[str, Article]) -> None:
    for article in articles.values():
        assert 2 <= len(_words(article.title)) <= 20, article.id


def test_dates_are_read_and_a_dateline_without_one_stays_unknown(articles: dict[str, Article]) -> None:
    assert {article.id: article.published for article in articles.values()} == PUBLISHED


def test_sources_are_read_where_the_file_names_them(articles: dict[str, Article]) -> None:
    assert {article.id: article.source for article in articles.values()} == SOURCES


def test_articles_have_the_length_of_news(articles: dict[str, Article]) -> None:
    for article in articles.values():
        assert 250 <= len(_words(article.text)) <= 500, article.id


def test_front_matter_is_no_part_of_the_text(articles: dict[str, Article]) -> None:
    article = articles["background/2001-agreement"]
    assert "source:" not in article.text
    assert article.url == "https://old-quay-chronicle.example/world/russia-iran-history"


def test_the_web_page_loses_its_boilerplate_and_keeps_its_story(articles: dict[str, Article]) -> None:
    page = (SEEDS / "payments-and-sanctions.html").read_text(encoding="utf-8")
    text = articles["payments-and-sanctions"].text
    for boilerplate in ("Subscribe", "cookies", "dataLayer", "Most read", "Privacy policy", "newsletter"):
        assert boilerplate in page
        assert boilerplate not in text
    for kept in ("more than 95% of their bilateral trade", "Too little trade, says Putin", "a hard line towards Iran."):
        assert kept in text


def test_the_mangled_text_keeps_its_tail(articles: dict[str, Article]) -> None:
    assert articles["pact-in-other-words"].text.rstrip().endswith("Share on:")


def test_typographic_quotes_stand_as_they_were_typed(articles: dict[str, Article]) -> None:
    assert "“real breakthrough”" in articles["kremlin-ceremony"].text
    assert '"real breakthrough"' in articles["treaty-signed"].text


def test_two_articles_report_the_signing_in_nearly_the_same_words(articles: dict[str, Article]) -> None:
    assert _shared(articles["treaty-signed"].text, articles["kremlin-ceremony"].text) > 0.4
    assert _shared(articles["treaty-signed"].text, articles["no-promise-to-fight"].text) < 0.1


def test_two_articles_differ_on_the_number_of_articles_in_the_treaty(articles: dict[str, Article]) -> None:
    assert "It has 47 articles" in articles["what-the-treaty-covers"].text
    assert "divided into 45 articles" in articles["no-promise-to-fight"].text


def test_facts_carry_over_and_sentences_do_not(articles: dict[str, Article]) -> None:
    if not GIVEN_ARTICLES.is_dir():
        pytest.skip(f"the articles the facts come from are not at {GIVEN_ARTICLES}")
    given = set().union(*(_runs(path.read_text(encoding="utf-8"), 8) for path in GIVEN_ARTICLES.glob("*.txt")))
    assert given
    for article in articles.values():
        assert not _runs(article.text, 8) & given, article.id
