"""Fit what makes a confidence to answers that were judged, and say what it is worth. Pure functions.

An answer's confidence is a logistic regression over its features (``answering.certainty``). The constants are the most
likely ones given which answers were right and, of a person's few questions, given a prior: the shipped constants, each
as uncertain as ``PRIOR`` says (maximum a posteriori). A score of questions moves them a little, hundreds put them where
they belong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from answering.calibration import SHIPPED, Calibration
from answering.types import MIN_CONFIDENCE, Features
from corpus.errors import GoldError
from evals.confidence import ConfidenceFigures, Judged
from evals.regression import most_likely
from evals.runner import Row

# How far constants may be from the shipped ones: standard deviations, in the order of Calibration's fields.
PRIOR: Final = (0.15, 0.15, 1.0, 0.7)
FEWEST: Final = 20
PARTS: Final = 10  # nine tenths of few questions teach nearly what all of them do


@dataclass(frozen=True, slots=True)
class Observed:
    """One question's best answer: its features, None where nothing was answered; how right it is."""

    features: Features | None
    f1: float
    exact: bool


def observed_in(rows: Iterable[Row]) -> list[Observed]:
    """What a run at a bar of 0 saw of its questions; of a question that failed, nothing."""
    return [Observed(row.features, row.f1, row.em == 1) for row in rows if row.status != "failed"]


def fit(observed: Iterable[Observed], spread: Sequence[float] | None = None) -> Calibration:
    """The constants most likely to make right answers (word F1 of at least one half) right.

    Args:
        observed: those without features count for nothing.
        spread: standard deviations of the prior around the shipped constants, as ``PRIOR``; None is no prior.

    Raises:
        ValueError: if no constants are most likely: without a prior, where some separate right from wrong.
    """
    given = [(one.features, one.f1 >= 0.5) for one in observed if one.features is not None]
    rows: NDArray[np.float64] = np.array([(*seen, 1.0) for seen, _ in given]).reshape(-1, 4)  # (answers, constants)
    right: NDArray[np.float64] = np.array([float(yes) for _, yes in given])  # (answers,)
    weights = most_likely(
        rows,
        right,
        centre=np.array(astuple(SHIPPED)),
        precision=np.zeros(4) if spread is None else np.array(spread) ** -2.0,
    )
    if weights is None:
        raise ValueError(
            f"no constants are most likely for {len(given)} answers; expected right and wrong ones that overlap"
        )
    return Calibration(*(float(value) for value in weights))


def crossed(observed: Sequence[Observed], spread: Sequence[float] | None = None, parts: int = 2) -> list[Judged]:
    """The answers with the confidence that a fit on the other parts of them gives; every ``parts``-th is of one part.

    Raises:
        ValueError: as ``fit``.
    """
    found = []
    for part in range(parts):
        others = [one for at, one in enumerate(observed) if at % parts != part]
        found += judged(observed[part::parts], fit(others, spread).probability)
    return found


def judged(observed: Iterable[Observed], sure: Callable[[Features], float], *, exactly: bool = False) -> list[Judged]:
    """The answers with the confidence that ``sure`` gives their features; right by word F1, or ``exactly``."""
    return [
        Judged(sure(one.features), one.exact if exactly else one.f1 >= 0.5)
        for one in observed
        if one.features is not None
    ]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Constants fitted to a run's questions.

    Attributes:
        questions: that were asked.
        right: answers among them with an F1 of one half or more.
        shipped: what the shipped constants are worth on them, right being an F1 of one half or more here too.
        fitted: what a fit is worth, each tenth of the questions judged by one on the others.
        min_confidence: the bar at which the fitted constants answer as many of the questions as the shipped ones do
            at theirs; None where those answer none.
    """

    questions: int
    right: int
    constants: Calibration
    shipped: ConfidenceFigures
    fitted: ConfidenceFigures
    min_confidence: float | None

    @property
    def gains(self) -> bool:
        """Whether confidences of one's own come nearer to what happens."""
        return self.fitted.brier < self.shipped.brier


def calibrate(rows: Sequence[Row]) -> Calibrated:
    """Fit constants to the rows of a run at a bar of 0.

    Raises:
        GoldError: if too few questions were answered to learn from.
    """
    observed = observed_in(rows)
    answers = judged(observed, SHIPPED.probability)
    if len(answers) < FEWEST:
        raise GoldError(
            f"{len(answers)} answers are too few to fit a confidence to; expected at least {FEWEST}: add gold "
            "questions, also some that the articles do not answer"
        )
    constants = fit(observed, PRIOR)
    return Calibrated(
        questions=len(observed),
        right=sum(answer.right for answer in answers),
        constants=constants,
        shipped=ConfidenceFigures.of(answers, len(observed)),
        fitted=ConfidenceFigures.of(crossed(observed, PRIOR, PARTS), len(observed)),
        min_confidence=_as_many(answers, judged(observed, constants.probability)),
    )


def _as_many(before: Iterable[Judged], after: Iterable[Judged]) -> float | None:
    given = sum(answer.confidence >= MIN_CONFIDENCE for answer in before)
    return sorted((answer.confidence for answer in after), reverse=True)[given - 1] if given else None
