"""The rows of a run, summed up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from evals.confidence import ACCURACIES, Judged, bars, brier, expected_calibration_error
from evals.measures import abstention, mean, percentile
from evals.ranking import RankingSummary, summarise_ranking
from evals.runner import Row


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a run; shares are 0 to 1, and None where there was nothing to measure.

    A question that raised counts as the worst of each: no match, inexact, no hit, the wrong
    decision, and the time of the slowest question. ``failures`` says how many there were.

    Attributes:
        em, f1: over all questions; answering an unanswerable one is worth 0.
        answerable_em, answerable_f1: over the answerable ones.
        citation_exactness: answers of which every citation holds in its article.
        citation_hit: answerable questions with a citation that touches a gold span.
        citation_precision: mean over the answers given: the share of citations that touch a gold span.
        citation_recall: mean over the answerable questions: the share of gold spans that a citation touches.
        coverage_80, coverage_90, coverage_95: the most that can be answered with that share of exact matches.
        bar_80, bar_90, bar_95: the confidence from which on answers must be given for that.
        ece, brier: of the confidences of the answers given, an exact match being right.
        questions_per_s: by the questions' own times.
        ranking: how well the gold was retrieved among the passages read; None where nothing was retrieved.
        similarity: mean over the answerable questions; None where it was not asked for.
    """

    questions: int
    answerable: int
    failures: int
    em: float | None
    f1: float | None
    answerable_em: float | None
    answerable_f1: float | None
    citation_exactness: float | None
    citation_hit: float | None
    citation_precision: float | None
    citation_recall: float | None
    abstention_accuracy: float | None
    abstention_precision: float | None
    abstention_recall: float | None
    coverage_80: float | None
    coverage_90: float | None
    coverage_95: float | None
    bar_80: float | None
    bar_90: float | None
    bar_95: float | None
    ece: float | None
    brier: float | None
    p50_ms: float | None
    p95_ms: float | None
    questions_per_s: float | None
    ranking: RankingSummary | None
    similarity: float | None


def summarise(rows: Sequence[Row], *, depth: int = 8, workers: int = 1) -> Summary:
    """The figures of a run that read ``depth`` passages a question, ``workers`` questions side by side."""
    answerable = [row for row in rows if row.answerable]
    decided = abstention((row.answerable, abstained(row)) for row in rows)
    slowest = max((row.ms for row in rows), default=0.0)
    times = [slowest if row.status == "failed" else row.ms for row in rows]
    sure = judged(rows)
    at_80, at_90, at_95 = bars(sure, len(rows), ACCURACIES)
    ranked = [row.ranked for row in answerable if row.ranked is not None]
    return Summary(
        questions=len(rows),
        answerable=len(answerable),
        failures=sum(row.status == "failed" for row in rows),
        em=mean(row.em for row in rows),
        f1=mean(row.f1 for row in rows),
        answerable_em=mean(row.em for row in answerable),
        answerable_f1=mean(row.f1 for row in answerable),
        citation_exactness=mean(row.exact for row in rows if row.exact is not None),
        citation_hit=mean(row.hit for row in rows if row.hit is not None),
        citation_precision=mean(row.precision for row in rows if row.precision is not None),
        citation_recall=mean(row.recall for row in rows if row.recall is not None),
        abstention_accuracy=decided.accuracy,
        abstention_precision=decided.precision,
        abstention_recall=decided.recall,
        coverage_80=at_80.coverage if rows else None,
        coverage_90=at_90.coverage if rows else None,
        coverage_95=at_95.coverage if rows else None,
        bar_80=at_80.min_confidence,
        bar_90=at_90.min_confidence,
        bar_95=at_95.min_confidence,
        ece=expected_calibration_error(sure),
        brier=brier(sure),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
        questions_per_s=1000 * workers * len(times) / sum(times) if sum(times) else None,
        ranking=summarise_ranking(ranked, depth) if ranked and depth else None,
        similarity=mean(row.similarity for row in rows if row.similarity is not None),
    )


@dataclass(frozen=True, slots=True)
class OfKind:
    """The figures of one kind of question: how many, exact match and F1, and the share that nothing was answered to."""

    kind: str
    questions: int
    em: float
    f1: float
    not_found: float


def by_kind(rows: Sequence[Row]) -> tuple[OfKind, ...]:
    """The figures kind by kind, in the order of their names."""
    kinds: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        kinds[row.kind].append(row)
    return tuple(
        OfKind(
            kind=kind,
            questions=len(asked),
            em=sum(row.em for row in asked) / len(asked),
            f1=sum(row.f1 for row in asked) / len(asked),
            not_found=sum(row.status == "not_found" for row in asked) / len(asked),
        )
        for kind, asked in sorted(kinds.items())
    )


def judged(rows: Sequence[Row]) -> list[Judged]:
    """The answers given with their confidences; an exact match is right."""
    return [Judged(row.confidence, row.em == 1) for row in rows if row.confidence is not None]


def abstained(row: Row) -> bool:
    """Whether nothing was answered. A failure is the wrong decision whichever was right."""
    return row.answerable if row.status == "failed" else row.status == "not_found"
