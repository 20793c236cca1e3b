"""Small articles to index, and a stand-in encoder where a test needs vectors but no meaning."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from corpus.splitting import sentences
from corpus.types import Article, Passage, Span
from retrieval.index import Index

DIMENSIONS = 16


def article(key: str, *lines: str, source: str | None = None, published: date | None = None) -> Article:
    return Article(key, f"Title of {key}", "\n".join(lines), source=source, published=published)


def passages(of: Article) -> list[Passage]:
    """One passage for each line."""
    found, start = [], 0
    for number, line in enumerate(of.text.split("\n")):
        span = Span(start, start + len(line))
        found.append(Passage(of.id, number, span, line, (span,)))
        start = span.end + 1
    return found


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """``(n, 16)``: a vector for each text that depends on nothing but the text."""
    seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") for text in texts]
    rows = [np.random.default_rng(seed).normal(size=DIMENSIONS) for seed in seeds]
    return np.array(rows, np.float32).reshape(len(texts), DIMENSIONS)


def put(store: Index, *articles: Article, origin: str | None = None) -> None:
    for one in articles:
        parts = passages(one)
        store.put_article(one, parts, vectors([part.text for part in parts]), origin)


TREATY = article(
    "news/treaty",
    "The treaty lasts twenty years.",
    "It was signed in Moscow.",
    source="Gazette",
    published=date(2025, 1, 17),
)
WEATHER = article("weather", "Rain in the north.", "Sun in the south.")


def whole(key: str, text: str) -> Passage:
    """An article of one passage, with its sentences."""
    return Passage(key, 0, Span(0, len(text)), text, sentences(text))
