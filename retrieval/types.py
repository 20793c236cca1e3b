"""What retrieval hands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from corpus.types import Passage, Value


@dataclass(frozen=True, slots=True)
class Filters(Value):
    """Which articles a question is asked of; an empty field leaves all of them.

    Attributes:
        articles: article ids.
        sources: names of sources, exactly as the articles carry them.
        published_from, published_to: first and last day, both included; with either set,
            articles without a date are left out.
    """

    articles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None

    def to_haystack(self) -> dict[str, Any] | None:
        """These filters in Haystack's language, over passage documents; None if nothing is filtered."""
        conditions: list[dict[str, Any]] = []
        if self.articles:
            conditions.append({"field": "meta.article_id", "operator": "in", "value": list(self.articles)})
        if self.sources:
            conditions.append({"field": "meta.source", "operator": "in", "value": list(self.sources)})
        if self.published_from:
            conditions.append({"field": "meta.published", "operator": ">=", "value": self.published_from.isoformat()})
        if self.published_to:
            conditions.append({"field": "meta.published", "operator": "<=", "value": self.published_to.isoformat()})
        return {"operator": "AND", "conditions": conditions} if conditions else None


@dataclass(frozen=True, slots=True)
class Hit(Value):
    """A retrieved passage and why it was retrieved.

    Attributes:
        passage: the passage.
        rank: its place in the list it was handed on in, from 1.
        score: the fused score, 0 to 1, higher is better; not a probability.
        bm25_rank, dense_rank: its place in each list, from 1; None where it was not found.
        bm25_score, dense_score: the list's own score, higher is better.
        copy_of: id of the hit before it that says what this passage says; None where it says something new.
        published: the day its article was published; None where that is not known.
    """

    passage: Passage
    rank: int
    score: float
    bm25_rank: int | None = None
    bm25_score: float | None = None
    dense_rank: int | None = None
    dense_score: float | None = None
    copy_of: str | None = None
    published: date | None = None
