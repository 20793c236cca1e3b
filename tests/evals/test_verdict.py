"""OK, BETTER, WORSE."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.errors import GoldError
from evals.verdict import Verdict, check, overall
from tests.evals.conftest import record, row

HUNDRED = [row(str(at), em=float(at < 60)) for at in range(100)]


def test_the_same_run_is_ok() -> None:
    assert overall(check(record(*HUNDRED), record(*HUNDRED))) is Verdict.OK


@pytest.mark.parametrize(
    ("right", "verdict"), [(50, Verdict.WORSE), (59, Verdict.OK), (61, Verdict.OK), (70, Verdict.BETTER)]
)
def test_only_more_than_the_tolerance_counts(right: int, verdict: Verdict) -> None:
    now = [row(str(at), em=float(at < right)) for at in range(100)]
    said = {one.measure: one.verdict for one in check(record(*HUNDRED), record(*now))}
    assert said["em"] is verdict


def test_a_slower_run_is_not_worse() -> None:
    slow = [replace(one, ms=one.ms * 50) for one in HUNDRED]
    assert overall(check(record(*HUNDRED), record(*slow))) is Verdict.OK


def test_one_failure_or_one_citation_that_does_not_hold_is_worse() -> None:
    broken = [replace(HUNDRED[0], status="failed", confidence=None), *HUNDRED[1:]]
    bent = [replace(HUNDRED[0], exact=False), *HUNDRED[1:]]
    for now in (broken, bent):
        assert overall(check(record(*HUNDRED), record(*now))) is Verdict.WORSE


def test_worse_anywhere_outweighs_better_elsewhere() -> None:
    now = [replace(row(str(at)), recall=0.0) for at in range(100)]
    checks = check(record(*HUNDRED), record(*now))
    assert {Verdict.BETTER, Verdict.WORSE} <= {one.verdict for one in checks}
    assert overall(checks) is Verdict.WORSE


def test_a_figure_that_can_no_longer_be_measured_is_worse() -> None:
    now = [replace(one, status="not_found", confidence=None, exact=None, precision=None) for one in HUNDRED]
    said = {one.measure: one.verdict for one in check(record(*HUNDRED), record(*now))}
    assert said["citation_exactness"] is Verdict.WORSE


@pytest.mark.parametrize("name", ["gold", "corpus"])
def test_a_baseline_of_other_questions_is_refused_with_a_way_out(name: str) -> None:
    one = record(*HUNDRED)
    with pytest.raises(GoldError, match=f"another {name}.*--accept"):
        check(one, replace(one, digests={**one.digests, name: "else"}))


def test_a_baseline_of_another_system_is_refused() -> None:
    with pytest.raises(GoldError, match="name its own"):
        check(record(row("a")), replace(record(row("a")), system="peer"))
