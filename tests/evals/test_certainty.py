"""What an answer's confidence is fitted to: held-back questions, asked of folders of several sizes."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the models extra is not installed")

from answering.calibration import SHIPPED, Calibration
from answering.types import Features
from corpus.held_back import is_held_back
from evals.calibrating import Observed, judged
from evals.certainty import (
    DATASETS,
    FOLDERS,
    Asking,
    asked_elsewhere,
    build_index,
    fitted_to_few,
    observations,
    told,
)
from evals.confidence import Judged, brier
from evals.gold import GoldQuestion
from reader.training.examples import Asked
from reader.training.written import digest


def test_what_was_not_read_counts_as_not_answered() -> None:
    given = [Judged(0.9, right=True), Judged(0.2, right=False)]
    assert told(given, 3)["right"] == pytest.approx(1 / 3, abs=1e-4)
    assert told(given, 4)["answered at 80%"] == 0.25


def paragraph(held_back: bool, number: int) -> str:
    """A text whose digest puts it on the wanted side."""
    texts = (f"Envoy {number} flew to Kazan in {year}. Nobody met him there." for year in count(1900))
    return next(text for text in texts if is_held_back(text) == held_back)


def test_held_back_questions_are_asked_of_folders_of_every_size(tmp_path: Path) -> None:
    texts = [paragraph(number < 2, number) for number in range(6)]
    paragraphs = [
        {
            "context": text,
            "qas": [
                {
                    "id": str(number),
                    "question": f"Where did envoy {number} fly?",
                    "answers": [{"text": "Kazan", "answer_start": text.index("Kazan")}],
                    "is_impossible": False,
                }
            ],
        }
        for number, text in enumerate(texts)
    ]
    for name in DATASETS:
        own = paragraphs if name == DATASETS[0] else paragraphs[5:]
        with gzip.open(tmp_path / f"{name}.json.gz", "wt", encoding="utf-8") as file:
            json.dump({"data": [{"title": name, "paragraphs": own}]}, file)
    build_index(tmp_path, tmp_path / "work", None, 1)
    asking = Asking(tmp_path / "work" / "index", None, None, 1)
    assert asking.store.count_articles() == 8
    seen = observations(tmp_path, asking, {}, seed=1)
    assert len(seen) == 2 * len(FOLDERS)
    assert any(one.exact for one in seen)
    assert not all(one.exact for one in seen)  # a third of them is asked without the paragraph that answers
    question = GoldQuestion("open", "Where did envoy 3 fly?", ("Kazan",), None, None, "where")
    (answered,) = asked_elsewhere([question], asking, 0.0, seed=1)
    assert answered.exact
    # Every article says it: there is nothing left to ask.
    assert asked_elsewhere([question], asking, 1.0, seed=1) == [Observed(None, 0.0, exact=False)]
    (withheld,) = asked_elsewhere([replace(question, answers=("envoy 3",))], asking, 1.0, seed=1)
    assert withheld.features is not None
    assert withheld.f1 == 0.0
    at = texts[0].index("Kazan")
    written = {digest(texts[0]): Asked((("Where did envoy 0 go?", at, at + 5),), ("Who flew home from Minsk?",))}
    both = [observations(tmp_path, asking, written, seed=seed) for seed in range(12)]
    assert all(len(one) == len(seen) + 1 for one in both)  # of one folder, drawn for it
    assert {one[len(FOLDERS)].exact for one in both} == {True, False}  # to a third it is asked what nothing answers
    asking.store.close()


def test_few_questions_teach_a_confidence_less_than_many() -> None:
    rng = random.Random(5)
    truth = Calibration(worth=0.6, others=-0.6, likeness=2.0, intercept=0.5)
    seen = []
    for _ in range(400):
        one = Features(rng.gauss(0, 2), rng.gauss(0, 1), rng.random())
        right = rng.random() < truth.probability(one)
        seen.append(Observed(one, float(right), right))
    few, more = (fitted_to_few(seen, number, draws=5, seed=1) for number in (20, 200))
    assert fitted_to_few(seen, 20, draws=5, seed=1) == few
    shipped = brier(judged(seen, SHIPPED.probability)) or 0
    assert more["brier"] < few["brier"] < shipped
    assert 0 < more["answered at 80%"] < 1
