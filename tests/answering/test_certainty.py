"""How sure an answer is among all that was read."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.certainty import FEATURES, certainty, features
from answering.choosing import group
from tests.answering.test_choosing import candidate

LOG_ODDS = st.floats(-8, 8)


def test_the_features_are_what_the_answer_is_worth_and_what_all_others_are() -> None:
    moscow = [candidate("Moscow", 1.0, "a"), candidate("Moscow", 1.5, "b")]
    groups = group([*moscow, candidate("Kazan", 0.5, "c"), candidate("Minsk", -2.0, "d")], [])
    worth = math.log(math.exp(1.0) + math.exp(1.5))
    others = math.log(math.exp(0.5) + math.exp(-2.0))
    assert dict(zip(FEATURES, features(groups[0], groups), strict=True)) == pytest.approx(
        {"worth": worth, "others": others}
    )
    assert features(groups[1], groups) == pytest.approx((0.5, math.log(math.exp(worth) + math.exp(-2.0))))


def test_an_answer_without_a_rival_is_as_one_whose_rival_is_impossible() -> None:
    alone = group([candidate("Moscow", 2.0)], [])
    beside = group([candidate("Moscow", 2.0), candidate("Kazan", -30.0, "b")], [])
    assert certainty(alone[0], alone) == certainty(beside[0], beside)


@given(LOG_ODDS, LOG_ODDS, st.floats(0.01, 4))
def test_it_rises_with_the_answer_and_falls_with_its_rival(best: float, rival: float, more: float) -> None:
    def sure(one: float, other: float) -> float:
        groups = group([candidate("Moscow", one), candidate("Kazan", other, "b")], [])
        return certainty(next(g for g in groups if g.best.text == "Moscow"), groups)

    assert sure(best + more, rival) > sure(best, rival)
    assert sure(best, rival + more) <= sure(best, rival)
    assert 0 < sure(best, rival) < 1


@pytest.mark.parametrize("log_odds", [1e6, -1e6])
def test_however_sure_the_reader_is_nothing_overflows(log_odds: float) -> None:
    groups = group([candidate("Moscow", log_odds)], [])
    assert certainty(groups[0], groups) == (1.0 if log_odds > 0 else 0.0)
    assert math.isfinite(certainty(groups[0], groups))
