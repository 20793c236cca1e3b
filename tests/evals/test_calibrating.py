"""Fitting confidences to judged answers: the regression against scikit-learn's, the prior, what is said of a fit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from answering.calibration import SHIPPED, Calibration
from answering.types import MIN_CONFIDENCE, Features
from corpus.errors import GoldError
from evals.calibrating import FEWEST, PRIOR, Observed, calibrate, crossed, fit, judged, observed_in
from evals.confidence import ACCURACIES, brier
from evals.runner import Row
from evals.tables import calibration_table
from reader.types import prior_correction
from tests.evals.conftest import row

UNANSWERED = replace(row("none", em=0.0, answer="", confidence=None), status="not_found")
TRUE = Calibration(worth=0.9, others=-0.4, likeness=2.0, intercept=-1.5)
HARDER = replace(TRUE, intercept=-3.0)


def made(count: int, seed: int, truth: Calibration = TRUE) -> list[Observed]:
    """Answers whose being right was drawn with the probability that ``truth`` gives."""
    rng = np.random.default_rng(seed)
    seen = [Features(rng.normal(0, 2), rng.normal(0, 1), rng.uniform(0, 1)) for _ in range(count)]
    right = [bool(rng.random() < truth.probability(one)) for one in seen]
    return [Observed(one, float(yes), yes) for one, yes in zip(seen, right, strict=True)]


def test_the_fit_finds_what_the_answers_were_made_with() -> None:
    found = fit([*made(6000, 2), Observed(None, 0.0, exact=False)])
    assert astuple(found) == pytest.approx(astuple(TRUE), abs=0.2)


def test_without_a_prior_the_constants_are_those_of_scikit_learn() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    seen = made(300, 3)
    by = linear_model.LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        [one.features for one in seen], [one.exact for one in seen]
    )
    assert astuple(fit(seen)) == pytest.approx((*by.coef_[0], by.intercept_[0]), abs=1e-4)


def test_the_prior_is_a_gaussian_around_what_is_shipped() -> None:
    seen = made(60, 4)
    spread = (0.3, 0.2, 1.0, 0.7)

    def posterior(at: Sequence[float]) -> float:
        by = Calibration(*at)
        scores = [(by.log_odds(one.features), one.exact) for one in seen if one.features is not None]
        likelihood = -sum(float(np.logaddexp(0, -score if yes else score)) for score, yes in scores)
        for value, mean, sd in zip(at, astuple(SHIPPED), spread, strict=True):
            likelihood -= float((value - mean) ** 2 / (2 * sd**2))
        return likelihood

    best = astuple(fit(seen, spread))
    for at in range(4):
        for step in (-0.01, 0.01):
            assert posterior([value + step * (place == at) for place, value in enumerate(best)]) < posterior(best)


def test_without_answers_a_prior_is_all_there_is() -> None:
    assert fit([], PRIOR) == SHIPPED


@given(st.integers(1, 40), st.integers(0, 1000))
def test_few_answers_move_the_constants_less_than_the_same_many_times(count: int, seed: int) -> None:
    seen = made(count, seed)

    def moved(by: Calibration) -> float:
        away = np.subtract(astuple(by), astuple(SHIPPED)) / PRIOR
        return float(away @ away)

    assert moved(fit(seen, PRIOR)) <= moved(fit(seen * 8, PRIOR)) + 1e-9


def test_what_right_and_wrong_answers_do_not_share_has_no_likeliest_constants() -> None:
    apart = [Observed(Features(float(at), 0.0, 0.5), float(at > 0), at > 0) for at in (-2, -1, 1, 2)]
    with pytest.raises(ValueError, match="no constants are most likely for 4 answers"):
        fit(apart)
    assert fit(apart, PRIOR).worth > SHIPPED.worth


def test_a_fit_holds_for_another_share_of_right_answers_once_its_prior_is_corrected() -> None:
    # Every second wrong answer is left out: the odds of a right one double, at every value of the features.
    seen = made(20_000, 6)
    wrong = [one for one in seen if not one.exact]
    fewer = [one for one in seen if one.exact] + wrong[::2]
    right, then = 1 - len(wrong) / len(seen), 1 - len(wrong[::2]) / len(fewer)
    gain = prior_correction(right, 1 / 3, 1 - (2 / 3) * then / right)
    assert gain == pytest.approx(np.log(2), abs=1e-3)
    by = fit(seen)
    assert astuple(fit(fewer)) == pytest.approx(astuple(replace(by, intercept=by.intercept + gain)), abs=0.05)


def test_the_share_that_was_fitted_on_needs_no_correction() -> None:
    assert prior_correction(0.56, 1 / 3, 1 / 3) == pytest.approx(0)
    assert prior_correction(0.56, 1 / 3, 1 / 2) < 0 < prior_correction(0.56, 1 / 3, 1 / 7)


def test_half_of_the_words_make_an_answer_right_unless_it_is_to_be_exact() -> None:
    seen = [Observed(Features(0.0, 0.0, 0.0), 0.6, exact=False), Observed(Features(0.0, 0.0, 0.0), 0.4, exact=False)]
    assert [answer.right for answer in judged(seen, SHIPPED.probability)] == [True, False]
    assert [answer.right for answer in judged(seen, SHIPPED.probability, exactly=True)] == [False, False]
    assert judged([Observed(None, 0.0, exact=False)], SHIPPED.probability) == []


def test_no_answer_is_judged_by_a_fit_that_saw_it() -> None:
    # What speaks for an answer among the even ones speaks against it among the odd ones.
    even, odd = made(300, 5), made(300, 6, Calibration(-0.9, 0.4, -2.0, 1.5))
    seen = [one for pair in zip(even, odd, strict=True) for one in pair]
    given_ = crossed(seen)
    assert len(given_) == 600
    assert (brier(given_) or 0) > 0.5
    assert (brier(judged(even, fit(even).probability)) or 1) < 0.2


def test_every_answer_is_judged_once_whatever_the_parts() -> None:
    seen = made(103, 9)
    for parts in (2, 10):
        given_ = crossed(seen, PRIOR, parts)
        assert sum(answer.right for answer in given_) == sum(one.exact for one in seen)
        assert len(given_) == 103
        first = fit([one for at, one in enumerate(seen) if at % parts], PRIOR)
        assert given_[: len(seen[::parts])] == judged(seen[::parts], first.probability)


def rows(seen: Sequence[Observed]) -> list[Row]:
    return [
        replace(row(str(at), em=one.f1), features=one.features) if one.features else UNANSWERED
        for at, one in enumerate(seen)
    ]


def test_a_run_is_calibrated_by_its_answers() -> None:
    found = calibrate(rows([*made(400, 7, HARDER), Observed(None, 0.0, exact=False)]))
    assert found.questions == 401
    assert found.gains
    assert found.fitted.ece < found.shipped.ece
    assert [bar.accuracy for bar in found.fitted.bars] == list(ACCURACIES)
    coverage = [bar.coverage for bar in found.fitted.bars]
    assert coverage == sorted(coverage, reverse=True)
    assert astuple(found.constants) == pytest.approx(astuple(fit(made(400, 7, HARDER), PRIOR)))


def test_what_a_calibration_is_worth_is_shown_beside_what_is_shipped() -> None:
    found = calibrate(rows(made(400, 7)))
    printed = io.StringIO()
    Console(file=printed, width=100).print(calibration_table(found))
    shown = printed.getvalue()
    assert f"400 questions, {found.right} answered right" in shown
    assert f"{found.shipped.ece:.3f}" in shown
    assert f"{found.fitted.ece:.3f}" in shown
    assert f"{100 * found.fitted.bars[0].coverage:.1f} %" in shown


def test_the_bar_that_answers_as_many_as_before_is_named() -> None:
    seen = made(400, 7)
    found = calibrate(rows(seen))
    features = [one.features for one in seen if one.features is not None]
    before = sum(SHIPPED.probability(one) >= MIN_CONFIDENCE for one in features)
    assert found.min_confidence is not None
    assert sum(found.constants.probability(one) >= found.min_confidence for one in features) == before
    hopeless = [Observed(Features(-9.0 - at, 0.0, 0.0), 0.0, exact=False) for at in range(30)]
    assert calibrate(rows(hopeless)).min_confidence is None


def test_where_the_shipped_constants_are_right_a_fit_need_not_gain() -> None:
    gained = [calibrate(rows(made(60, seed, SHIPPED))).gains for seed in range(10)]
    assert not all(gained)


def test_a_question_that_failed_is_not_learnt_from() -> None:
    assert observed_in([replace(UNANSWERED, status="failed"), UNANSWERED]) == [Observed(None, 0.0, exact=False)]


def test_too_few_answers_are_refused() -> None:
    with pytest.raises(GoldError, match=f"expected at least {FEWEST}"):
        calibrate(rows(made(FEWEST - 1, 8)))
