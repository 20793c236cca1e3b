"""Paired statistics against values worked out by hand, and what a comparison shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corpus.errors import GoldError
from evals.comparing import bootstrap_interval, compare, randomisation_p
from tests.evals.conftest import record, row


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([], 1.0),
        ([0.0, 0.0], 1.0),
        ([1.0], 1.0),  # either sign is as extreme
        ([1.0, 1.0, 1.0], 2 / 8),  # all one way, or all the other
        ([1.0, 1.0, -1.0], 1.0),  # every flip moves the sum at least as far as 1
        ([1.0, 2.0, 3.0, 0.0], 2 / 8),  # a pair that does not differ says nothing
    ],
)
def test_few_pairs_give_the_exact_p(differences: list[float], p: float) -> None:
    assert randomisation_p(differences) == pytest.approx(p)


def test_drawn_signs_come_near_the_exact_p_and_never_give_zero() -> None:
    fifteen = [1.0] * 12 + [-1.0] * 3  # binomial: at most 3 or at least 12 of 15
    assert randomisation_p(fifteen) == pytest.approx(1152 / 32768, abs=0.006)
    assert randomisation_p([1.0] * 60) == pytest.approx(1 / 10_001)


def test_the_same_seed_gives_the_same_figures() -> None:
    differences = list(np.random.default_rng(13).normal(0.1, 1, 40))
    assert randomisation_p(differences) == randomisation_p(differences)
    assert bootstrap_interval(differences) == bootstrap_interval(differences)
    assert bootstrap_interval(differences, seed=14) != bootstrap_interval(differences)


def test_an_interval_holds_the_mean_and_is_as_wide_as_theory_says() -> None:
    values = list(np.random.default_rng(13).normal(0.2, 1, 400))
    low, high = bootstrap_interval(values)
    assert low < np.mean(values) < high
    assert high - low == pytest.approx(2 * 1.96 * np.std(values) / 20, rel=0.1)
    with pytest.raises(ValueError, match="at least one pair"):
        bootstrap_interval([])


def test_a_comparison_names_what_flipped_with_both_answers_and_what_else_changed() -> None:
    first = record(row("a", em=1.0, answer="1932"), row("b", em=0.0, answer="503"), row("c", em=1.0))
    second = replace(
        record(row("a", em=0.0, answer="1933"), row("b", em=1.0, answer="504"), row("c", em=1.0), row("new")),
        settings={**first.settings, "min_confidence": 0.5},
    )
    found = compare(first, second)
    assert found.questions == 3
    assert [(flip.id, flip.first, flip.second) for flip in found.gained] == [("b", "503", "504")]
    assert [(flip.id, flip.first, flip.second) for flip in found.lost] == [("a", "1932", "1933")]
    assert found.changed == ("settings.min_confidence: 0.3 → 0.5",)
    em = found.differences[0]
    assert (em.measure, em.first, em.second, em.p) == ("em", 2 / 3, 2 / 3, 1.0)


def test_a_question_whose_label_changed_is_no_pair() -> None:
    one, other = record(row("a"), row("b")), record(replace(row("a"), gold=("other",)), row("b"))
    assert compare(one, other).questions == 1


def test_records_without_a_common_question_are_refused() -> None:
    with pytest.raises(GoldError, match="share no question"):
        compare(record(row("a")), record(row("b")))
