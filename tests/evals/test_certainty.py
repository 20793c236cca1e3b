"""The fit of an answer's confidence, on made-up observations and on a few real questions."""

from __future__ import annotations

import gzip
import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the models extra is not installed")

from corpus.held_back import is_held_back
from evals.certainty import (
    DATASETS,
    FOLDERS,
    Asking,
    Observed,
    asked_elsewhere,
    build_index,
    by_fit,
    crossed,
    fit,
    judged,
    observations,
    told,
)
from evals.confidence import brier
from reader.training.examples import Asked
from reader.training.written import digest


def test_the_fit_finds_what_the_observations_were_made_with() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(0, 2, (4000, 2))
    right = rng.random(4000) < 1 / (1 + np.exp(-(0.9 * rows[:, 0] - 0.4 * rows[:, 1] + 0.5)))
    seen = [Observed((float(a), float(b)), float(yes), bool(yes)) for (a, b), yes in zip(rows, right, strict=True)]
    by = fit([*seen, Observed(None, 0.0, exact=False)])
    assert (*by.coef_[0], by.intercept_[0]) == pytest.approx((0.9, -0.4, 0.5), abs=0.12)
    figures = told(judged(seen, by_fit(by)), len(seen))
    assert figures["right"] == pytest.approx(right.mean(), abs=1e-4)
    assert (figures["ece"] or 0) < 0.03
    assert (figures["answered at 80%"] or 0) > (figures["answered at 95%"] or 0) > 0


def test_what_was_not_read_counts_as_not_answered() -> None:
    seen = [Observed((2.0, 0.0), 1.0, exact=True), Observed((-2.0, 0.0), 0.0, exact=False)]
    by = fit([*seen, Observed((0.0, 0.0), 0.6, exact=False), Observed((0.1, 0.1), 0.2, exact=False)])
    given = judged([*seen, Observed(None, 0.0, exact=False)], by_fit(by))
    assert [answer.right for answer in given] == [True, False]
    assert told(given, 3)["right"] == pytest.approx(1 / 3, abs=1e-4)
    assert [answer.right for answer in judged([Observed((0.0, 0.0), 0.6, exact=False)], by_fit(by), exactly=True)] == [
        False
    ]


def test_no_answer_is_judged_by_a_fit_that_saw_it() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(0, 2, 400)
    # What speaks for an answer among the even ones speaks against it among the odd ones.
    seen = [
        Observed((float(value),), float(right), bool(right))
        for at, value in enumerate(rows)
        for right in [(value + rng.normal() > 0) == (at % 2 == 0)]
    ]
    given = crossed(seen)
    assert len(given) == 400
    assert (brier(given) or 0) > 0.5
    assert (brier(judged(seen[::2], by_fit(fit(seen[::2])))) or 1) < 0.3


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
    question = ("Where did envoy 3 fly?", ["Kazan"])
    (answered,) = asked_elsewhere([question], asking, 0.0, seed=1)
    assert answered.exact
    # Every article says it: there is nothing left to ask.
    assert asked_elsewhere([question], asking, 1.0, seed=1) == [Observed(None, 0.0, exact=False)]
    (withheld,) = asked_elsewhere([("Where did envoy 3 fly?", ["envoy 3"])], asking, 1.0, seed=1)
    assert withheld.features is not None
    assert withheld.f1 == 0.0
    at = texts[0].index("Kazan")
    written = {digest(texts[0]): Asked((("Where did envoy 0 go?", at, at + 5),), ("Who flew home from Minsk?",))}
    both = [observations(tmp_path, asking, written, seed=seed) for seed in range(12)]
    assert all(len(one) == len(seen) + 1 for one in both)  # of one folder, drawn for it
    assert {one[len(FOLDERS)].exact for one in both} == {True, False}  # to a third it is asked what nothing answers
    asking.store.close()
