"""OK, BETTER or WORSE: a run held against the committed baseline. Pure functions.

The same code and weights give the same answers on one machine; another processor's int8 kernels move
a score now and then. The tolerances let that pass and little more. Times are no part of a verdict:
they say more about the machine than about the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from corpus.errors import GoldError
from evals.records import Record
from evals.summary import Summary


class Verdict(StrEnum):
    """What the baseline says of a run."""

    OK = "OK"
    BETTER = "BETTER"
    WORSE = "WORSE"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a figure may move either way before it counts; ``higher`` says which way is better."""

    within: float
    higher: bool = True


TOLERANCES: Mapping[str, Tolerance] = MappingProxyType(
    {
        "failures": Tolerance(0, higher=False),
        "citation_exactness": Tolerance(0.0),
        "em": Tolerance(0.02),
        "f1": Tolerance(0.015),
        "answerable_f1": Tolerance(0.015),
        "citation_precision": Tolerance(0.02),
        "citation_recall": Tolerance(0.02),
        "abstention_precision": Tolerance(0.03),
        "abstention_recall": Tolerance(0.03),
        "coverage_80": Tolerance(0.05),
        "ece": Tolerance(0.03, higher=False),
        "passage_mrr": Tolerance(0.01),
        "article_mrr": Tolerance(0.01),
    }
)


@dataclass(frozen=True, slots=True)
class Check:
    """One figure beside the baseline's."""

    measure: str
    baseline: float | None
    now: float | None
    within: float
    verdict: Verdict


def check(baseline: Record, run: Record) -> tuple[Check, ...]:
    """Hold every figure that has a tolerance against the baseline's.

    Raises:
        GoldError: if the baseline was made of other questions, articles or another system.
    """
    for name in ("gold", "corpus"):
        if baseline.digests[name] != run.digests[name]:
            raise GoldError(
                f"the baseline was made with another {name} ({baseline.digests[name]}, now {run.digests[name]}): "
                "figures over different questions or articles do not compare; look at the new ones, then accept "
                "them with 'pullquote eval --accept'"
            )
    if baseline.system != run.system:
        raise GoldError(f"the baseline is one of {baseline.system}, this run one of {run.system}; name its own")
    return tuple(_checks(figures(baseline.summary), figures(run.summary)))


def figures(summary: Summary) -> dict[str, float | None]:
    """The figures a verdict looks at, by name."""
    ranking = summary.ranking
    held = {
        "passage_mrr": None if ranking is None else ranking.passage_mrr,
        "article_mrr": None if ranking is None else ranking.article_mrr,
    }
    return {name: held[name] if name in held else getattr(summary, name) for name in TOLERANCES}


def _checks(baseline: Mapping[str, float | None], now: Mapping[str, float | None]) -> Iterator[Check]:
    for name, tolerance in TOLERANCES.items():
        yield Check(name, baseline[name], now[name], tolerance.within, _one(baseline[name], now[name], tolerance))


def _one(baseline: float | None, now: float | None, tolerance: Tolerance) -> Verdict:
    if baseline is None or now is None:
        # A figure that can no longer be measured is lost; one that can be for the first time is no gain yet.
        return Verdict.OK if baseline is None else Verdict.WORSE
    gain = now - baseline if tolerance.higher else baseline - now
    if abs(gain) <= tolerance.within + 1e-9:
        return Verdict.OK
    return Verdict.BETTER if gain > 0 else Verdict.WORSE


def overall(checks: tuple[Check, ...]) -> Verdict:
    """WORSE if any figure is, else BETTER if any is."""
    said = {one.verdict for one in checks}
    return next((verdict for verdict in (Verdict.WORSE, Verdict.BETTER) if verdict in said), Verdict.OK)
