"""What confidences are worth: calibration, and how much can be answered at a wanted accuracy. Pure functions.

An answer comes as ``Judged``: its confidence and whether it is right. Questions without an answer are
counted by ``questions``: nobody is helped by an accuracy that was reached on three answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from evals.measures import mean

BINS = 10


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


def coverage_at(judged: Sequence[Judged], questions: int, accuracy: float) -> float | None:
    """The largest share of all questions that can be answered with at least this accuracy, by a bar on confidence.

    Kamath, Jia and Liang 2020. The bar is chosen on the questions it is measured on; 0.0 where no bar
    reaches the accuracy, None without a question.
    """
    if not questions:
        return None
    found = _lowest(judged, questions, accuracy)
    return found.coverage if found else 0.0


def bar_at(judged: Sequence[Judged], questions: int, accuracy: float) -> float | None:
    """The bar on confidence that ``coverage_at`` speaks of, 0 to 1; None where none reaches the accuracy."""
    found = _lowest(judged, questions, accuracy)
    return found.confidence if found else None


def _lowest(judged: Sequence[Judged], questions: int, accuracy: float) -> Risk | None:
    fine = [point for point in risk_coverage(judged, questions) if 1 - point.risk >= accuracy - 1e-12]
    return fine[-1] if fine else None
