"""What a reader's confidence is worth on one set of questions: as shipped, and fitted anew to half of the set.

An answer is right if its word F1 with a gold answer is at least one half (what the calibrator was fitted
to), or if it is exact. To a question without an answer no answer is right. As shipped, the confidence
belongs to the best of several passages of a folder; asked of one given paragraph, the base rate differs,
so the second figure fits slope and intercept (Platt 1999) to one half of the questions and is judged on the
other, both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.confidence import ConfidenceFigures, Judged, coverage_at
from evals.regression import most_likely
from reader.types import confidence_of

_CLIPPED = 30.0  # log-odds beyond this are as sure as this: no exponential overflows


@dataclass(frozen=True, slots=True)
class Told:
    """A best span: its calibrated log-odds, its best word F1 with a gold answer (0 to 1), whether it is exact."""

    log_odds: float
    f1: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Trust:
    """The figures, each 0 to 1; coverage is of all questions, answered at that accuracy or better."""

    right: float
    ece: float
    brier: float
    coverage_80: float
    coverage_90: float
    coverage_95: float
    exact_coverage_80: float


@dataclass(frozen=True, slots=True)
class Trusts:
    """As shipped, and fitted to the other half (None where a half has only right, or only wrong, answers)."""

    shipped: Trust
    fitted: Trust | None


def trusts(told: Sequence[Told | None]) -> Trusts | None:
    """Of all questions in order, None where the reader found no span; None without any span."""
    if not any(told):
        return None
    halves = told[::2], told[1::2]
    fits = [_fit(half) for half in halves]
    shipped = _trust(told)
    if fits[0] is None or fits[1] is None:
        return Trusts(shipped, None)
    by_half = [[_refitted(one, fit) for one in half] for half, fit in zip(halves, reversed(fits), strict=True)]
    return Trusts(shipped, _trust([*by_half[0], *by_half[1]]))


def platt(log_odds: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of ``right`` on ``log_odds``, both ``(n,)``, by Newton's method.

    The targets are smoothed as Platt (1999) does, so that separable halves have a finite fit.
    """
    hits, misses = right.sum(), (~right).sum()
    targets = np.where(right, (hits + 1) / (hits + 2), 1 / (misses + 2))
    inputs = np.stack([np.clip(log_odds, -_CLIPPED, _CLIPPED), np.ones_like(log_odds)], axis=1)  # (n, 2)
    # So weak a prior moves nothing, but gives inputs that are all alike a fit.
    weights = most_likely(inputs, targets, centre=np.zeros(2), precision=np.full(2, 1e-9))
    if weights is None:
        raise ValueError(f"no slope and intercept are most likely for {len(targets)} answers")
    return float(weights[0]), float(weights[1])


def _fit(half: Sequence[Told | None]) -> tuple[float, float] | None:
    found = [one for one in half if one is not None]
    right = np.array([_right(one) for one in found])
    if not found or right.all() or not right.any():
        return None
    return platt(np.array([one.log_odds for one in found]), right)


def _refitted(one: Told | None, fit: tuple[float, float] | None) -> Told | None:
    if one is None or fit is None:
        return None
    return Told(fit[0] * max(-_CLIPPED, min(_CLIPPED, one.log_odds)) + fit[1], one.f1, one.exact)


def _right(one: Told) -> bool:
    return one.f1 >= 0.5


def _trust(told: Sequence[Told | None]) -> Trust:
    found = [one for one in told if one is not None]
    sure = [confidence_of(one.log_odds) for one in found]
    judged = [Judged(p, _right(one)) for p, one in zip(sure, found, strict=True)]
    exact = [Judged(p, one.exact) for p, one in zip(sure, found, strict=True)]
    figures = ConfidenceFigures.of(judged, len(told))
    at_80, at_90, at_95 = figures.bars
    return Trust(
        right=sum(answer.right for answer in judged) / len(told),
        ece=figures.ece,
        brier=figures.brier,
        coverage_80=at_80.coverage,
        coverage_90=at_90.coverage,
        coverage_95=at_95.coverage,
        exact_coverage_80=coverage_at(exact, len(told), 0.80) or 0.0,
    )
