"""The measures the confidence is fitted and judged by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tokenizers import Tokenizer

from corpus.types import Passage
from tests.reader.conftest import write_squad

pytest.importorskip("sklearn", reason="the models extra is not installed")
pytest.importorskip("torch", reason="the models extra is not installed")

from reader.span_reader import SpanReader
from reader.training.calibrate import Observed, expected_calibration_error, first_answers, fit, observe, word_f1
from reader.training.examples import Asked, load_pool
from reader.training.written import digest, with_written_questions
from reader.types import Candidate


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


TOWNS = ("Kazan", "Minsk", "Baku", "Astana", "Doha", "Muscat", "Tbilisi", "Ankara", "Tehran", "Moscow")


def test_a_third_is_asked_what_its_paragraph_does_not_answer(
    small_tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"The envoy flew to {town} on day {number}. Nobody met him there." for number, town in enumerate(TOWNS)]
    paragraphs = [{"context": text, "qas": []} for text in texts * 40]
    write_squad(tmp_path / "towns.json.gz", paragraphs)
    monkeypatch.setattr("reader.training.examples.is_held_back", lambda _: False)
    pool = load_pool(tmp_path, small_tokenizer, ["towns"], held_back=False)
    written = {
        digest(text): Asked(((f"Where did he fly on day {number}?", 18, 18 + len(town)),), ("Who met him there?",))
        for number, (text, town) in enumerate(zip(texts, TOWNS, strict=True))
    }
    held = with_written_questions(pool, written)
    reader = SpanReader.load(None)
    asked = list[str]()

    def read(question: str, passages: Sequence[Passage], per_passage: int) -> list[list[Candidate]]:
        asked.append(question)
        assert passages[-1].text in texts  # the paragraph it was written for is read, answered or not
        return reader.read(question, passages, per_passage=per_passage)

    found = observe(SimpleNamespace(read=read), held, pool, seed=4)  # type: ignore[arg-type] # all it asks of a reader
    assert len(found) == len(asked) == len(TOWNS)
    unanswered = [question == "Who met him there?" for question in asked]
    assert set(unanswered) == {True, False}
    assert [bool(one.right.any()) for one in found] == [not silent for silent in unanswered]
