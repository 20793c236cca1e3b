"""What both stores do alike: fuse two lists and hand them on as hits, copies after all that says something new."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from haystack import Document

from corpus.types import Passage
from retrieval.copies import spread
from retrieval.documents import published_on
from retrieval.fusion import Fused, Scored, fuse
from retrieval.types import Hit

# How many times deeper the lists are made, and made again, where they hold too few passages that say something new.
_DEEPER: Final = 4
_DEEPEST: Final = 16


@dataclass(frozen=True, slots=True)
class Ranking:
    """How lists are made and fused.

    Attributes:
        depth: how many passages each list holds before fusion; at least the number wanted is taken.
        bm25_weight, dense_weight: the lists' shares; only their ratio matters.
        title_weight: what a word of the title counts against one of the passage in BM25.
        spread: whether a passage that says what better ones say stands after all that say something new.
    """

    depth: int = 50
    bm25_weight: float = 0.6
    dense_weight: float = 0.4
    title_weight: float = 0.5
    spread: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A fused passage with its document, which is scored and has no embedding."""

    fused: Fused
    document: Document
    passage: Passage


class Searched(Protocol):
    """One question to one state of a store."""

    def lists(self, depth: int) -> tuple[list[Scored], list[Scored]]:
        """The best ``depth`` passages by words and by meaning, ids and scores; empty for what is not asked."""

    def read(self, fused: Sequence[Fused]) -> list[Found]:
        """The passages of these places, in their order."""

    def stories(self, article_ids: Sequence[str]) -> Mapping[str, Collection[str]]:
        """For each of these articles that has any: the ids of those it tells one story with."""


def best_hits(searched: Searched, top_k: int, ranking: Ranking, copies: int) -> list[tuple[Hit, Document]]:
    """The best ``top_k`` passages of both lists, fused, with their documents (without embeddings).

    Those that say something new come first. If they are fewer than ``top_k``, copies of them fill it up; up to
    ``copies`` are given in any case, so that they can be cited.
    """
    depth = max(ranking.depth, top_k)
    deepest = _DEEPEST * depth
    while True:
        by_words, by_meaning = searched.lists(depth)
        fused = fuse(by_words, by_meaning, ranking.bm25_weight, ranking.dense_weight)
        if not ranking.spread:
            return [_hit_of(found, rank) for rank, found in enumerate(searched.read(fused[:top_k]), 1)]
        hits = _spread(searched, fused, top_k, copies)
        new = sum(hit.copy_of is None for hit, _ in hits)
        # Where copies fill the lists, what is new stands behind them.
        if new == top_k or depth >= deepest or max(len(by_words), len(by_meaning)) < depth:
            return hits
        depth *= _DEEPER


def _hit_of(found: Found, rank: int, copy_of: str | None = None) -> tuple[Hit, Document]:
    """The hit at ``rank``, with its document."""
    one = found.fused
    places = (one.bm25_rank, one.bm25_score, one.dense_rank, one.dense_score)
    return Hit(found.passage, rank, one.score, *places, copy_of, published_on(found.document)), found.document


def _spread(searched: Searched, fused: Sequence[Fused], top_k: int, copies: int) -> list[tuple[Hit, Document]]:
    """The first ``top_k`` of ``fused`` that say something new, then copies of them; no more is read than needed."""
    read: list[Found] = []
    told: dict[str, Collection[str]] = {}

    def passages() -> Iterator[Passage]:
        for start in range(0, len(fused), top_k):
            batch = searched.read(fused[start : start + top_k])
            told.update(searched.stories([found.passage.article_id for found in batch]))
            read.extend(batch)
            yield from (found.passage for found in batch)

    def one_story(one: str, other: str) -> bool:
        return one in told.get(other, ())

    spreading = spread(passages(), top_k, one_story, further=top_k if copies else 0)
    hits = [_hit_of(read[place], rank) for rank, place in enumerate(spreading.new, 1)]
    for place, original in spreading.copies[: max(copies, top_k - len(spreading.new))]:
        hits.append(_hit_of(read[place], len(hits) + 1, read[original].passage.id))
    return hits
