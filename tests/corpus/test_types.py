from __future__ import annotations

import hashlib
from copy import copy, deepcopy
from dataclasses import replace
from datetime import date

import pytest

from corpus.types import Article, Passage, Span


def test_a_span_slices_shifts_and_compares() -> None:
    span = Span(2, 5)
    assert span.slice("abcdefg") == "cde"
    assert len(span) == 3
    assert span.shifted(2) == Span(4, 7)
    assert span.overlaps(Span(4, 9))
    assert not span.overlaps(Span(5, 9))
    assert span.contains(Span(2, 5))
    assert not span.contains(Span(1, 3))
    assert Span(1, 9) < Span(2, 3)


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (3, 2)])
def test_a_span_that_runs_backwards_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="a span needs"):
        Span(start, end)


def test_an_article_needs_an_id_and_normalised_text() -> None:
    with pytest.raises(ValueError, match="needs an id"):
        Article("", "t", "text")
    with pytest.raises(ValueError, match="not normalised"):
        Article("a", "t", "text\r\n")


def test_sha256_is_the_texts_and_the_digest_is_every_fields() -> None:
    article = Article("a", "t", "café", "s", "https://example.org/", date(2025, 1, 17))
    assert article.sha256 == hashlib.sha256("café".encode()).hexdigest()
    changed = [
        replace(article, id="b"),
        replace(article, title="u"),
        replace(article, text="cafe"),
        replace(article, source=None),
        replace(article, url=None),
        replace(article, published=date(2025, 1, 18)),
    ]
    assert len({article.digest, *(one.digest for one in changed)}) == 7
    assert replace(article).digest == article.digest
    assert replace(article, title="u").sha256 == article.sha256


def test_a_passages_id_is_its_articles_and_its_number() -> None:
    assert Passage("2025/a", 3, Span(0, 1), "x", (Span(0, 1),)).id == "2025/a#3"


def test_a_value_is_its_own_copy() -> None:
    passage = Passage("a", 0, Span(0, 3), "abc", (Span(0, 3),))
    article = Article("a", "Abc", "abc")
    for value in (passage, passage.span, article):
        assert deepcopy(value) is value
        assert copy(value) is value
