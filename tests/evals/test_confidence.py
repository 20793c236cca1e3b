"""Calibration and coverage, against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.confidence import (
    Bar,
    Judged,
    Risk,
    bars,
    brier,
    coverage_at,
    expected_calibration_error,
    reliability,
    risk_coverage,
)

ANSWERS = [Judged(0.95, True), Judged(0.85, True), Judged(0.85, False), Judged(0.35, False)]
SOME = st.lists(st.builds(Judged, st.floats(0, 1), st.booleans()), min_size=1, max_size=30)


def test_the_curve_goes_from_the_surest_answer_on_and_keeps_ties_together() -> None:
    assert risk_coverage(ANSWERS, 5) == (Risk(0.95, 0.2, 0.0), Risk(0.85, 0.6, 1 / 3), Risk(0.35, 0.8, 0.5))


@pytest.mark.parametrize(("accuracy", "covered"), [(0.9, 0.2), (0.6, 0.6), (0.5, 0.8), (0.0, 0.8)])
def test_coverage_is_the_most_that_reaches_the_accuracy(accuracy: float, covered: float) -> None:
    assert coverage_at(ANSWERS, 5, accuracy) == pytest.approx(covered)


@given(SOME, st.sampled_from((0.5, 0.8, 0.9, 0.95)))
def test_answering_from_the_bar_on_covers_and_reaches_what_was_said(judged: list[Judged], accuracy: float) -> None:
    (found,) = bars(judged, len(judged), (accuracy,))
    bar = found.min_confidence
    given = [] if bar is None else [answer.right for answer in judged if answer.confidence >= bar]
    assert len(given) / len(judged) == found.coverage == coverage_at(judged, len(judged), accuracy)
    assert sum(given) >= (accuracy - 1e-9) * len(given)


def test_an_accuracy_nobody_reaches_covers_nothing() -> None:
    assert bars([Judged(0.9, False)], 3, (0.8, 0.0)) == (Bar(0.8, 0.0, None), Bar(0.0, 1 / 3, 0.9))
    assert coverage_at([Judged(0.9, False)], 3, 0.8) == 0
    assert coverage_at([], 3, 0.8) == 0
    assert coverage_at([], 0, 0.8) is None


def test_calibration_error_and_brier_score_are_those_worked_out_by_hand() -> None:
    # bins: [0.9, 1]: |0.95 - 1|; [0.8, 0.9): |0.85 - 0.5| twice; [0.3, 0.4): |0.35 - 0|
    assert expected_calibration_error(ANSWERS) == pytest.approx((0.05 + 2 * 0.35 + 0.35) / 4)
    assert brier(ANSWERS) == pytest.approx((0.05**2 + 0.15**2 + 0.85**2 + 0.35**2) / 4)


def test_nothing_answered_has_no_calibration() -> None:
    assert expected_calibration_error([]) is None
    assert brier([]) is None


def test_a_confidence_of_one_falls_in_the_last_bin() -> None:
    last = reliability([Judged(1.0, True)])[-1]
    assert (last.count, last.confidence, last.accuracy) == (1, 1.0, 1.0)


def test_more_answers_than_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="4 answers to 3 questions"):
        risk_coverage(ANSWERS, 3)


@given(SOME)
def test_more_accuracy_never_covers_more(judged: list[Judged]) -> None:
    covered = [coverage_at(judged, len(judged), accuracy) or 0.0 for accuracy in (0.5, 0.8, 0.9, 0.95)]
    assert covered == sorted(covered, reverse=True)


@given(SOME)
def test_every_answer_is_in_one_bin_and_the_error_is_bounded(judged: list[Judged]) -> None:
    assert sum(held.count for held in reliability(judged)) == len(judged)
    assert 0 <= (expected_calibration_error(judged) or 0.0) <= 1
