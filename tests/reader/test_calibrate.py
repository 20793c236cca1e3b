"""The measures the confidence is fitted and judged by."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the models extra is not installed")
pytest.importorskip("torch", reason="the models extra is not installed")

from reader.training.calibrate import Observed, expected_calibration_error, first_answers, fit, word_f1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("20 years", "20 years", 1.0), ("20 Years!", "for 20 years", 0.8), ("Moscow", "Kazan", 0.0), ("", "", 0.0)],
)
def test_word_f1(one: str, other: str, expected: float) -> None:
    assert word_f1(one, other) == pytest.approx(expected)


def test_confidence_that_means_what_it_says_has_no_calibration_error() -> None:
    confidence = np.array([0.75] * 4 + [0.25] * 4)
    right = np.array([True, True, True, False, True, False, False, False])
    assert expected_calibration_error(confidence, right) == pytest.approx(0.0)


def test_the_calibration_error_is_the_weighted_gap() -> None:
    # Eight answers at 0.9 of which half are right (gap 0.4), two at 0.1 of which none is (gap 0.1).
    confidence = np.array([0.9] * 8 + [0.1] * 2)
    right = np.array([True] * 4 + [False] * 6)
    assert expected_calibration_error(confidence, right) == pytest.approx(0.8 * 0.4 + 0.2 * 0.1)


def test_a_confidence_of_one_falls_in_the_last_bin() -> None:
    assert expected_calibration_error(np.array([1.0]), np.array([True])) == pytest.approx(0.0)


def made_up_questions(count: int) -> list[Observed]:
    """Ten passages each, right with log-odds of 0.5 * margin + 2 * answerability - 3."""
    rng = np.random.default_rng(5)
    questions = []
    for _ in range(count):
        features = rng.normal(size=(10, 2))
        right = rng.random(10) < 1 / (1 + np.exp(-(features @ [0.5, 2.0] - 3)))
        questions.append(Observed(features, right))
    return questions


def test_the_fit_weighs_its_inputs_as_the_questions_do() -> None:
    fitted = fit(made_up_questions(4000))
    assert fitted.weights[1] / fitted.weights[0] == pytest.approx(4, rel=0.15)
    log_odds, right = first_answers(made_up_questions(4000), fitted)
    assert expected_calibration_error(1 / (1 + np.exp(-log_odds)), right) < 0.03


def test_a_network_without_answerability_is_fitted_on_its_margin_alone() -> None:
    margins = [Observed(q.features * [0, 1] @ np.array([[0, 0], [1, 0]]), q.right) for q in made_up_questions(500)]
    fitted = fit(margins)
    assert fitted.weights[0] > 1
    assert fitted.weights[1] == 0
