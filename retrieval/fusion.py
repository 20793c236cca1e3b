"""Two ranked lists into one: min-max normalisation and a weighted sum.

Each list's scores are brought to 0..1 (``(score - min) / (max - min)``) and added with weights that
sum to 1; a passage that one list did not find gets 0 from it. This is CombSUM over normalised
scores (Fox and Shaw 1994, "Combination of Multiple Searches"; Lee 1997, "Analyses of Multiple
Evidence Combination"), also called a convex combination (Bruch, Gai and Ingber 2023, "An Analysis
of Fusion Functions for Hybrid Retrieval").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Scored = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage's place in the fused list and in each list; ranks from 1, None where it was not found."""

    id: str
    score: float
    bm25_rank: int | None = None
    bm25_score: float | None = None
    dense_rank: int | None = None
    dense_score: float | None = None


def ranked(scored: Sequence[Scored]) -> list[Scored]:
    """``(id, score)`` pairs best first; equal scores stand in the order of their ids."""
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


def min_max(scores: Sequence[float]) -> list[float]:
    """``scores`` brought linearly to 0..1; where all are equal, so that none is worse, all are 1."""
    if not scores:
        return []
    low, high = min(scores), max(scores)
    if high == low:
        return [1.0] * len(scores)
    return [(score - low) / (high - low) for score in scores]


def fuse(
    bm25: Sequence[Scored], dense: Sequence[Scored], bm25_weight: float = 0.5, dense_weight: float = 0.5
) -> list[Fused]:
    """The union of two lists, best first: ``w_b * minmax(bm25) + w_d * minmax(dense)``, ``w_b + w_d = 1``.

    Where one list is empty the other counts alone. Equal scores stand in the order of their ids, so
    the result depends on nothing but the arguments.

    Args:
        bm25: ``(passage id, score)``, each id once; higher is better; in any order.
        dense: the same.
        bm25_weight: what the first list counts, not negative; only the weights' ratio matters.
        dense_weight: what the second counts; not both are 0.

    Raises:
        ValueError: for weights that are negative or both 0.
    """
    if bm25_weight < 0 or dense_weight < 0 or bm25_weight + dense_weight == 0:
        raise ValueError(f"fusion needs weights >= 0 that are not both 0, got {bm25_weight} and {dense_weight}")
    bm25_share = bm25_weight / (bm25_weight + dense_weight) if bm25 and dense else float(bool(bm25))
    bm25_places, dense_places = _places(bm25), _places(dense)
    fused = []
    for key in bm25_places.keys() | dense_places.keys():
        bm25_rank, bm25_score, bm25_part = bm25_places.get(key, (None, None, 0.0))
        dense_rank, dense_score, dense_part = dense_places.get(key, (None, None, 0.0))
        score = bm25_share * bm25_part + (1.0 - bm25_share) * dense_part
        fused.append(Fused(key, score, bm25_rank, bm25_score, dense_rank, dense_score))
    return sorted(fused, key=lambda one: (-one.score, one.id))


def _places(scored: Sequence[Scored]) -> dict[str, tuple[int, float, float]]:
    """Each id's rank, score and normalised score."""
    pairs = ranked(scored)
    parts = min_max([score for _, score in pairs])
    return {key: (rank, score, part) for rank, ((key, score), part) in enumerate(zip(pairs, parts, strict=True), 1)}
