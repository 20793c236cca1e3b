"""Ranking measures over binary relevance, best hit first, each 0 to 1. Pure functions.

A list of hits is given as relevance flags; how many relevant items there are in all is given apart,
because what was not retrieved counts too.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from answering.types import Citation
from corpus.types import Span
from evals.measures import mean, padded
from retrieval.types import Hit

RECALL_AT = (1, 3, 5, 8, 20)

_Key = TypeVar("_Key", bound=Hashable)


def reciprocal_rank(rank: int | None) -> float:
    """1 / rank of the first relevant item; 0.0 where there is none (Voorhees 1999)."""
    return 0.0 if rank is None else 1 / rank


def first_rank(relevance: Iterable[bool]) -> int | None:
    """The rank of the first relevant item, from 1; None where there is none."""
    return next((rank for rank, relevant in enumerate(relevance, start=1) if relevant), None)


def ndcg(relevance: Sequence[bool], relevant: int, depth: int = 10) -> float:
    """Normalised discounted cumulative gain of the first ``depth`` (Järvelin and Kekäläinen 2002).

    ``relevant`` counts all relevant items, the ones that were not retrieved too; 0.0 where there is none.
    """
    ideal = _gain([True] * relevant, depth)
    return _gain(relevance, depth) / ideal if ideal else 0.0


def _gain(relevance: Sequence[bool], depth: int) -> float:
    return sum(1 / math.log2(rank + 1) for rank, found in enumerate(relevance[:depth], start=1) if found)


def once(keys: Iterable[_Key]) -> list[_Key]:
    """Each key where it first stands: a ranking of passages as one of their articles."""
    return list(dict.fromkeys(keys))


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Whether a text says one of the answers: its normalised words stand there in a row (Chen et al. 2017)."""
    words = padded(text)
    return any(said.strip() and said in words for said in map(padded, answers))


@dataclass(frozen=True, slots=True)
class Ranked:
    """How well the gold of one answerable question was retrieved. Ranks are from 1; None is not retrieved.

    Attributes:
        answer: rank of the first passage that says one of the answers, wherever it stands.
        passage: rank of the first passage that touches a gold span.
        article: rank of the first gold article among the articles.
        passage_ndcg, article_ndcg: nDCG@10 of both, 0 to 1.
    """

    answer: int | None
    passage: int | None
    article: int | None
    passage_ndcg: float
    article_ndcg: float


WORST = Ranked(None, None, None, 0.0, 0.0)


def rank_gold(
    hits: Sequence[Hit], places: Sequence[tuple[str, Span]], answers: Sequence[str], relevant_passages: int
) -> Ranked:
    """Measure one ranking.

    Args:
        hits: best first.
        places: gold spans with the ids of their articles.
        answers: wordings held right.
        relevant_passages: how many passages of the index touch a gold span.
    """
    gold_articles = {article for article, _ in places}
    by_passage = [any(h.passage.article_id == a and h.passage.span.overlaps(s) for a, s in places) for h in hits]
    by_article = [article in gold_articles for article in once(h.passage.article_id for h in hits)]
    return Ranked(
        answer=first_rank(holds_answer(hit.passage.text, answers) for hit in hits),
        passage=first_rank(by_passage),
        article=first_rank(by_article),
        passage_ndcg=ndcg(by_passage, relevant_passages),
        article_ndcg=ndcg(by_article, len(gold_articles)),
    )


@dataclass(frozen=True, slots=True)
class RankingSummary:
    """Means over the answerable questions, 0 to 1; None where there was none.

    Attributes:
        answer_recall: ``(k, share)`` pairs: questions with a passage among the first k that says the answer.
    """

    answer_recall: tuple[tuple[int, float | None], ...]
    passage_mrr: float | None
    article_mrr: float | None
    passage_ndcg_10: float | None
    article_ndcg_10: float | None


def summarise_ranking(ranked: Sequence[Ranked], depth: int) -> RankingSummary:
    """The figures of a run that retrieved ``depth`` passages a question; no recall is claimed beyond."""
    return RankingSummary(
        answer_recall=tuple(
            (k, mean(r.answer is not None and r.answer <= k for r in ranked)) for k in RECALL_AT if k <= depth
        ),
        passage_mrr=mean(reciprocal_rank(r.passage) for r in ranked),
        article_mrr=mean(reciprocal_rank(r.article) for r in ranked),
        passage_ndcg_10=mean(r.passage_ndcg for r in ranked),
        article_ndcg_10=mean(r.article_ndcg for r in ranked),
    )


def citation_precision(citations: Sequence[Citation], places: Sequence[tuple[str, Span]]) -> float | None:
    """The share of citations that touch a gold span in its article; None without a citation. A lower bound:
    another place may say it too, and gold does not name every one.
    """
    return mean(any(c.article_id == a and c.span.overlaps(s) for a, s in places) for c in citations)


def citation_recall(citations: Sequence[Citation], places: Sequence[tuple[str, Span]]) -> float | None:
    """The share of gold spans that a citation touches; None without a gold span."""
    return mean(any(c.article_id == a and c.span.overlaps(s) for c in citations) for a, s in places)
