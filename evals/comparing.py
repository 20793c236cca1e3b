"""Whether one run is better than another, or only luckier. Pure functions, seeded.

Both statistics pair the runs question by question. The p-value is that of a two-sided paired
randomisation test on the difference of means (Fisher; Noreen 1989; Smucker, Allan and Carterette
2007): under the hypothesis of no difference each pair might as well have come the other way round.
With few pairs that differ every flip of signs is counted and p is exact; with more, signs are
drawn, and the observed one counts among them, so that p is never 0. Intervals are percentile
bootstrap intervals of the mean difference (Efron 1979).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.errors import GoldError
from evals.ranking import reciprocal_rank
from evals.records import Record
from evals.runner import Row

SEED = 13
DRAWS = 10_000
EXACT_UP_TO = 14


@dataclass(frozen=True, slots=True)
class Difference:
    """The second run less the first, in one measure.

    Attributes:
        questions: that both runs were measured on.
        first, second: means, 0 to 1.
        low, high: 95 % interval of the difference.
        p: how often chance alone would make a difference as large, 0 to 1.
    """

    measure: str
    questions: int
    first: float
    second: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Flip:
    """A question whose answer became right or stopped being it."""

    id: str
    question: str
    gold: tuple[str, ...]
    first: str
    second: str
    first_f1: float
    second_f1: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over the same questions.

    Attributes:
        changed: what else than the answers differs between the runs (settings, digests, versions).
        gained, lost: questions that became, or stopped being, an exact match.
    """

    questions: int
    differences: tuple[Difference, ...]
    changed: tuple[str, ...]
    gained: tuple[Flip, ...]
    lost: tuple[Flip, ...]


MEASURES: tuple[tuple[str, Callable[[Row], float | None]], ...] = (
    ("em", lambda row: row.em),
    ("f1", lambda row: row.f1),
    ("answerable_f1", lambda row: row.f1 if row.answerable else None),
    ("citation_recall", lambda row: row.recall),
    ("abstention_accuracy", lambda row: float(row.status != "failed" and row.answerable == (row.status == "answered"))),
    ("passage_mrr", lambda row: None if row.ranked is None else reciprocal_rank(row.ranked.passage)),
)


def randomisation_p(differences: Sequence[float], *, seed: int = SEED, draws: int = DRAWS) -> float:
    """Two-sided p of the mean of paired differences; 1.0 where no pair differs."""
    moved = np.array([value for value in differences if value], np.float64)  # (pairs that differ,)
    if not len(moved):
        return 1.0
    observed = abs(moved.sum()) - 1e-9
    if len(moved) <= EXACT_UP_TO:
        flips = (np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1  # (flips, pairs)
        return float(np.mean(np.abs((1 - 2 * flips) @ moved) >= observed))
    rng = np.random.default_rng(seed)
    as_extreme = sum(abs(rng.choice((-1.0, 1.0), len(moved)) @ moved) >= observed for _ in range(draws))
    return float((as_extreme + 1) / (draws + 1))


def bootstrap_interval(
    differences: Sequence[float], *, seed: int = SEED, draws: int = DRAWS, level: float = 0.95
) -> tuple[float, float]:
    """Percentile interval of the mean of paired differences.

    Raises:
        ValueError: if there is no difference to draw from.
    """
    if not differences:
        raise ValueError("an interval needs at least one pair")
    values = np.array(differences, np.float64)
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(draws)]
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def compare(first: Record, second: Record) -> Comparison:
    """Compare two runs over the questions that both asked with the same labels.

    Raises:
        GoldError: if there is no such question.
    """
    known = {row.id: row for row in first.rows}
    pairs = [
        (known[row.id], row)
        for row in second.rows
        if row.id in known and (row.question, row.gold) == (known[row.id].question, known[row.id].gold)
    ]
    if not pairs:
        raise GoldError("the two records share no question; compare runs over the same gold questions")
    return Comparison(
        questions=len(pairs),
        differences=tuple(d for name, value in MEASURES if (d := _difference(name, value, pairs)) is not None),
        changed=_changed(first, second),
        gained=tuple(_flip(one, other) for one, other in pairs if one.em < other.em),
        lost=tuple(_flip(one, other) for one, other in pairs if one.em > other.em),
    )


def _difference(name: str, value: Callable[[Row], float | None], pairs: Sequence[tuple[Row, Row]]) -> Difference | None:
    both = [(a, b) for one, other in pairs if (a := value(one)) is not None and (b := value(other)) is not None]
    if not both:
        return None
    moved = [b - a for a, b in both]
    low, high = bootstrap_interval(moved)
    first, second = (sum(side) / len(both) for side in zip(*both, strict=True))
    return Difference(name, len(both), first, second, low, high, randomisation_p(moved))


def _flip(one: Row, other: Row) -> Flip:
    return Flip(one.id, one.question, one.gold, _said(one), _said(other), one.f1, other.f1)


def _said(row: Row) -> str:
    return row.answer or f"({row.status}: {row.reason})"


def _changed(first: Record, second: Record) -> tuple[str, ...]:
    changed: list[str] = []
    for group in ("settings", "digests", "versions"):
        one, other = getattr(first, group), getattr(second, group)
        differing = (name for name in sorted({*one, *other}) if one.get(name) != other.get(name))
        changed += (f"{group}.{name}: {one.get(name)} → {other.get(name)}" for name in differing)
    if first.system != second.system:
        changed.insert(0, f"system: {first.system} → {second.system}")
    return tuple(changed)
