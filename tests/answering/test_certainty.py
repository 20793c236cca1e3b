"""How sure an answer is among all that was read."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.calibration import SHIPPED, Calibration
from answering.certainty import features, surest_first
from answering.choosing import Group, group
from retrieval.types import Hit
from tests.answering.test_choosing import QUESTION, candidate

LOG_ODDS = st.floats(-8, 8)


def certainty(chosen: Group, groups: list[Group], hits: list[Hit]) -> float:
    return SHIPPED.probability(features(chosen, groups, hits))


def found(*likenesses: tuple[str, float | None]) -> list[Hit]:
    return [
        Hit(candidate("Moscow", 0.0, passage).passage, rank, 1.0, dense_score=score)
        for rank, (passage, score) in enumerate(likenesses, 1)
    ]


def test_the_features_are_what_the_answer_is_worth_what_all_others_are_and_how_like_its_passage_is() -> None:
    moscow = [candidate("Moscow", 1.0, "a"), candidate("Moscow", 1.5, "b")]
    groups = group(QUESTION, [*moscow, candidate("Kazan", 0.5, "c"), candidate("Minsk", -2.0, "d")], [])
    worth = math.log(math.exp(1.0) + math.exp(1.5))
    others = math.log(math.exp(0.5) + math.exp(-2.0))
    hits = found(("a", 0.9), ("b", 0.1), ("c", 0.5))
    assert features(groups[0], groups, hits)._asdict() == pytest.approx(
        {"worth": worth, "others": others, "likeness": 0.1}
    )
    assert features(groups[1], groups, hits) == pytest.approx((0.5, math.log(math.exp(worth) + math.exp(-2.0)), 0.5))


def test_a_passage_found_by_its_words_alone_is_as_like_as_the_least_like() -> None:
    (alone,) = group(QUESTION, [candidate("Moscow", 1.0, "a")], [])
    assert features(alone, [alone], found(("a", None), ("b", 0.2), ("c", 0.1)))[2] == 0.1


def test_without_vectors_a_passage_is_as_like_as_most() -> None:
    (alone,) = group(QUESTION, [candidate("Moscow", 1.0, "a")], [])
    assert features(alone, [alone], found(("a", None)))[2] == features(alone, [alone], [])[2] == 0.55


def test_an_answer_from_a_passage_about_something_else_is_trusted_less() -> None:
    (alone,) = group(QUESTION, [candidate("Moscow", 1.0, "a")], [])
    sure = [certainty(alone, [alone], found(("a", likeness))) for likeness in (-0.1, 0.1, 0.5, 0.8)]
    assert sure == sorted(set(sure))


def test_an_answer_without_a_rival_is_as_one_whose_rival_is_impossible() -> None:
    alone = group(QUESTION, [candidate("Moscow", 2.0)], [])
    beside = group(QUESTION, [candidate("Moscow", 2.0), candidate("Kazan", -30.0, "b")], [])
    assert certainty(alone[0], alone, []) == certainty(beside[0], beside, [])


def test_the_surest_comes_first_and_equally_sure_ones_stay_as_they_are() -> None:
    groups = group(QUESTION, [candidate("Moscow", 1.0, "a"), candidate("Kazan", 0.9, "b")], [])
    alike, liker = found(("a", 0.5), ("b", 0.5)), found(("a", 0.1), ("b", 0.9))
    assert surest_first(groups, alike, SHIPPED) == groups
    assert surest_first(groups, liker, SHIPPED) == groups[::-1]
    assert surest_first(groups, liker, replace(SHIPPED, likeness=0.0)) == groups
    deaf = Calibration(worth=0.0, others=0.0, likeness=0.0, intercept=0.0)
    assert surest_first(groups[::-1], liker, deaf) == groups[::-1]


@given(LOG_ODDS, LOG_ODDS, st.floats(0.01, 4))
def test_it_rises_with_the_answer_and_falls_with_its_rival(best: float, rival: float, more: float) -> None:
    def sure(one: float, other: float) -> float:
        groups = group(QUESTION, [candidate("Moscow", one), candidate("Kazan", other, "b")], [])
        return certainty(next(g for g in groups if g.best.text == "Moscow"), groups, [])

    assert sure(best + more, rival) > sure(best, rival)
    assert sure(best, rival + more) <= sure(best, rival)
    assert 0 < sure(best, rival) < 1


@pytest.mark.parametrize("log_odds", [1e6, -1e6])
def test_however_sure_the_reader_is_nothing_overflows(log_odds: float) -> None:
    groups = group(QUESTION, [candidate("Moscow", log_odds)], [])
    assert certainty(groups[0], groups, []) == (1.0 if log_odds > 0 else 0.0)
    assert math.isfinite(certainty(groups[0], groups, []))
