"""What a reader's confidence is worth, as shipped and fitted to the other half."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.trust import Told, platt, trusts


def drawn(count: int, slope: float, intercept: float, seed: int) -> list[Told | None]:
    """Spans whose true log-odds are ``slope * told + intercept``."""
    rng = np.random.default_rng(seed)
    told = rng.normal(0, 2, count)
    right = rng.random(count) < 1 / (1 + np.exp(-(slope * told + intercept)))
    return [Told(float(x), 1.0 if yes else 0.2, bool(yes)) for x, yes in zip(told, right, strict=True)]


def test_the_fit_is_the_logistic_regression_of_scikit_learn() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model", reason="the models extra is not installed")
    rng = np.random.default_rng(3)
    log_odds = rng.normal(size=2000)
    right = rng.random(2000) < 1 / (1 + np.exp(-(1.7 * log_odds - 0.4)))
    theirs = linear_model.LogisticRegression(C=np.inf).fit(log_odds[:, None], right)
    # Platt's smoothed targets move a fit to 2,000 points by less than this.
    assert platt(log_odds, right) == pytest.approx((theirs.coef_[0, 0], theirs.intercept_[0]), abs=0.02)


def test_separable_answers_have_a_finite_fit() -> None:
    slope, intercept = platt(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([False, False, True, True]))
    assert 0 < slope < 50
    assert intercept == pytest.approx(0, abs=1e-6)


def test_answers_that_are_all_as_sure_have_a_fit_that_gives_their_mean() -> None:
    slope, intercept = platt(np.full(3, 14.0), np.array([False, False, True]))
    smoothed = (1 / 4 + 1 / 4 + 2 / 3) / 3
    assert 1 / (1 + np.exp(-(14 * slope + intercept))) == pytest.approx(smoothed, abs=1e-6)


def test_a_confidence_off_by_a_constant_is_mended_by_the_fit() -> None:
    found = trusts(drawn(4000, 0.5, 1.5, seed=1))
    assert found is not None
    assert found.fitted is not None
    assert found.shipped.ece > 0.15
    assert found.fitted.ece < 0.04
    assert found.fitted.brier < found.shipped.brier
    # The order of the answers is the same within a half, so what can be answered hardly moves.
    assert found.fitted.coverage_80 == pytest.approx(found.shipped.coverage_80, abs=0.02)


def test_a_true_confidence_is_calibrated_as_shipped() -> None:
    found = trusts(drawn(4000, 1.0, 0.0, seed=2))
    assert found is not None
    assert found.shipped.ece < 0.03
    assert found.shipped.right == pytest.approx(0.5, abs=0.03)
    assert found.shipped.coverage_95 < found.shipped.coverage_90 < found.shipped.coverage_80 < 1


def test_a_question_without_a_span_counts_against_coverage() -> None:
    told: list[Told | None] = [Told(2.0, 1.0, exact=True), Told(1.0, 0.6, exact=False), None, None]
    found = trusts(told)
    assert found is not None
    assert found.fitted is None  # a half has only right answers
    assert found.shipped.right == 0.5
    assert found.shipped.coverage_80 == 0.5
    assert found.shipped.exact_coverage_80 == 0.25


def test_nothing_is_said_of_no_span() -> None:
    assert trusts([None, None]) is None
    assert trusts([]) is None


@given(st.lists(st.one_of(st.none(), st.builds(Told, st.floats(), st.floats(0, 1), st.booleans())), max_size=12))
def test_figures_are_shares_whatever_was_told(told: list[Told | None]) -> None:
    told = [one if one is None or one.log_odds == one.log_odds else None for one in told]
    found = trusts(told)
    for trust in () if found is None else (found.shipped, found.fitted):
        if trust is not None:
            values = (trust.right, trust.ece, trust.brier, trust.coverage_80, trust.coverage_90, trust.coverage_95)
            assert all(0 <= value <= 1 for value in values)
