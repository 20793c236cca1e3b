"""What confidences are worth: calibration, and how much can be answered at a wanted accuracy. Pure functions.

An answer comes as ``Judged``: its confidence and whether it is right. Questions without an answer are
counted by ``questions``: nobody is helped by an accuracy that was reached on three answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from evals.measures import mean

BINS = 10
ACCURACIES: Final = (0.80, 0.90, 0.95)


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer that was given: its confidence, 0 to 1, and whether it is right."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence lies in ``[low, high)``; the last bin holds 1.0 too."""

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


def reliability(judged: Sequence[Judged], bins: int = BINS) -> tuple[Bin, ...]:
    """Mean confidence and accuracy in bins of equal width."""
    held: list[list[Judged]] = [[] for _ in range(bins)]
    for answer in judged:
        held[min(int(answer.confidence * bins), bins - 1)].append(answer)
    return tuple(
        Bin(
            low=at / bins,
            high=(at + 1) / bins,
            count=len(inside),
            confidence=mean(answer.confidence for answer in inside),
            accuracy=mean(answer.right for answer in inside),
        )
        for at, inside in enumerate(held)
    )


def expected_calibration_error(judged: Sequence[Judged], bins: int = BINS) -> float | None:
    """Mean distance of confidence and accuracy over the bins, weighted by their answers (Naeini et al. 2015)."""
    if not judged:
        return None
    return sum(
        b.count * abs(b.confidence - b.accuracy) / len(judged)
        for b in reliability(judged, bins)
        if b.confidence is not None and b.accuracy is not None
    )


def brier(judged: Sequence[Judged]) -> float | None:
    """Mean squared distance of confidence and outcome (Brier 1950); 0 is perfect, None of nothing."""
    return mean((answer.confidence - answer.right) ** 2 for answer in judged)


@dataclass(frozen=True, slots=True)
class Risk:
    """Answering from ``confidence`` on: the share of all questions answered, and of those the share wrong."""

    confidence: float
    coverage: float
    risk: float


def risk_coverage(judged: Sequence[Judged], questions: int) -> tuple[Risk, ...]:
    """The curve from the surest answer to all of them; answers of one confidence come together.

    Raises:
        ValueError: if there are more answers than questions.
    """
    if len(judged) > questions:
        raise ValueError(f"{len(judged)} answers to {questions} questions")
    return tuple(_curve(judged, questions))


def _curve(judged: Sequence[Judged], questions: int) -> Iterator[Risk]:
    given = wrong = 0
    ordered = sorted(judged, key=lambda answer: -answer.confidence)
    for confidence, tied in groupby(ordered, key=lambda answer: answer.confidence):
        for answer in tied:
            given += 1
            wrong += not answer.right
        yield Risk(confidence, given / questions, wrong / given)


@dataclass(frozen=True, slots=True)
class Bar:
    """From ``min_confidence`` on, ``coverage`` of all questions are answered, a share ``accuracy`` of those rightly.

    Where no bar reaches the accuracy, ``coverage`` is 0 and ``min_confidence`` None.
    """

    accuracy: float
    coverage: float
    min_confidence: float | None


def bars(judged: Sequence[Judged], questions: int, accuracies: Sequence[float]) -> tuple[Bar, ...]:
    """For each accuracy the bar on confidence that answers most at it or better (Kamath, Jia and Liang 2020).

    The bar is chosen on the questions it is measured on.
    """
    curve = risk_coverage(judged, questions)
    return tuple(_bar(curve, accuracy) for accuracy in accuracies)


def coverage_at(judged: Sequence[Judged], questions: int, accuracy: float) -> float | None:
    """The coverage of the one of ``bars`` for this accuracy; None without a question."""
    return bars(judged, questions, (accuracy,))[0].coverage if questions else None


def _bar(curve: Sequence[Risk], accuracy: float) -> Bar:
    fine = [point for point in curve if 1 - point.risk >= accuracy - 1e-12]
    return Bar(accuracy, fine[-1].coverage, fine[-1].confidence) if fine else Bar(accuracy, 0.0, None)


@dataclass(frozen=True, slots=True)
class ConfidenceFigures:
    """What confidences are worth: calibration error, Brier score, and the bars of ``ACCURACIES``."""

    ece: float
    brier: float
    bars: tuple[Bar, ...]

    @classmethod
    def of(cls, answers: Sequence[Judged], questions: int) -> ConfidenceFigures:
        """Of these answers to so many questions; without an answer, errors of 0."""
        return cls(
            ece=expected_calibration_error(answers) or 0.0,
            brier=brier(answers) or 0.0,
            bars=bars(answers, questions, ACCURACIES),
        )
