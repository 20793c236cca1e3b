"""What both stores do with what they fused: hand it on as hits, copies after all that says something new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from haystack import Document

from corpus.types import Passage
from retrieval.copies import spread
from retrieval.fusion import Fused
from retrieval.types import Hit


@dataclass(frozen=True, slots=True)
class Found:
    """A fused passage with its document, which is scored and has no embedding."""

    fused: Fused
    document: Document
    passage: Passage


def hit_of(found: Found, rank: int, copy_of: str | None = None) -> tuple[Hit, Document]:
    """The hit at ``rank``, with its document."""
    one = found.fused
    places = (one.bm25_rank, one.bm25_score, one.dense_rank, one.dense_score)
    return Hit(found.passage, rank, one.score, *places, copy_of), found.document


def spread_hits(
    found: Iterable[Found], top_k: int, copies: int, one_story: Callable[[str, str], bool]
) -> list[tuple[Hit, Document]]:
    """The first ``top_k`` that say something new, then copies of them.

    Copies fill ``top_k`` up; up to ``copies`` are given in any case, so that they can be cited.

    Args:
        found: best first; no more are taken than needed.
        top_k: how many, at least 1.
        copies: see above.
        one_story: whether two articles, by their ids, tell one story.
    """
    read: list[Found] = []

    def passages() -> Iterator[Passage]:
        for one in found:
            read.append(one)
            yield one.passage

    spreading = spread(passages(), top_k, one_story, further=top_k if copies else 0)
    hits = [hit_of(read[place], rank) for rank, place in enumerate(spreading.new, 1)]
    for place, original in spreading.copies[: max(copies, top_k - len(spreading.new))]:
        hits.append(hit_of(read[place], len(hits) + 1, read[original].passage.id))
    return hits
