from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import Fused, fuse, min_max

SCORES = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.floats(-50, 50), max_size=12)


def test_min_max_brings_the_worst_to_0_and_the_best_to_1() -> None:
    assert min_max([2.0, 4.0, 3.0]) == [0.0, 1.0, 0.5]


@pytest.mark.parametrize("scores", [[3.5], [2.0, 2.0, 2.0]])
def test_min_max_of_equal_scores_is_1_for_all(scores: list[float]) -> None:
    assert min_max(scores) == [1.0] * len(scores)


def test_fusion_adds_half_of_each_normalised_score() -> None:
    bm25 = [("a", 10.0), ("b", 6.0), ("c", 2.0)]
    dense = [("b", 1.0), ("d", 0.75), ("a", 0.5)]
    assert fuse(bm25, dense) == [
        Fused("b", 0.75, 2, 6.0, 1, 1.0),
        Fused("a", 0.5, 1, 10.0, 3, 0.5),
        Fused("d", 0.25, None, None, 2, 0.75),
        Fused("c", 0.0, 3, 2.0, None, None),
    ]


def test_weights_count_by_their_ratio() -> None:
    bm25, dense = [("a", 1.0), ("b", 0.0)], [("b", 1.0), ("a", 0.0)]
    assert [(one.id, one.score) for one in fuse(bm25, dense, 3, 1)] == [("a", 0.75), ("b", 0.25)]
    assert [(one.id, one.score) for one in fuse(bm25, dense, 0, 2)] == [("b", 1.0), ("a", 0.0)]


def test_a_list_alone_counts_whole() -> None:
    assert [(one.id, one.score) for one in fuse([("a", 3.0), ("b", 1.0)], [])] == [("a", 1.0), ("b", 0.0)]
    assert [(one.id, one.score) for one in fuse([], [("a", 0.3)])] == [("a", 1.0)]
    assert fuse([], []) == []


@pytest.mark.parametrize("weights", [(0, 0), (-1, 2), (1, -0.1)])
def test_weights_that_mean_nothing_are_refused(weights: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="fusion needs weights"):
        fuse([("a", 1.0)], [], *weights)


@given(SCORES, SCORES)
def test_fusion_keeps_every_passage_in_a_total_order_whatever_the_order_of_the_lists(
    bm25: dict[str, float], dense: dict[str, float]
) -> None:
    fused = fuse(list(bm25.items()), list(dense.items()))
    assert {one.id for one in fused} == bm25.keys() | dense.keys()
    assert all(0 <= one.score <= 1 or math.isclose(one.score, 1) for one in fused)
    assert fused == sorted(fused, key=lambda one: (-one.score, one.id))
    assert fused == fuse(list(reversed(bm25.items())), list(reversed(dense.items())))
    for one in fused:
        assert one.bm25_score == bm25.get(one.id)
        assert one.dense_score == dense.get(one.id)
