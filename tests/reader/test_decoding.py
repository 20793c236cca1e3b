"""Decoding against a reference that tries every span."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reader.decoding import TokenSpan
from reader.decoding import decode as decode_saying

Scores = NDArray[np.float32]


def _scores(values: list[int]) -> Scores:
    return np.array(values, dtype=np.float32)


def decode(
    start: Scores, end: Scores, blocks: NDArray[np.int_], *, max_answer_tokens: int, top: int
) -> list[TokenSpan]:
    """Where no two spans say the same."""
    return decode_saying(
        start, end, blocks, said=lambda i, j: (str(i), str(j)), max_answer_tokens=max_answer_tokens, top=top
    )


def _all(count: int) -> NDArray[np.int_]:
    return np.zeros(count, dtype=np.int_)


def _best_by_trying_all(start: Scores, end: Scores, blocks: NDArray[np.int_], longest: int) -> float | None:
    scores = [
        float(start[i]) + float(end[j])
        for i in range(1, len(start))
        for j in range(i, min(i + longest, len(start)))
        if blocks[i] == blocks[j] >= 0
    ]
    return max(scores) - float(start[0]) - float(end[0]) if scores else None


@given(st.data())
def test_the_first_span_is_the_best_of_all_that_may_stand_and_stay_in_one_block(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 14))
    numbers = st.lists(st.integers(-9, 9), min_size=count, max_size=count)
    start, end = _scores(data.draw(numbers)), _scores(data.draw(numbers))
    steps = np.array(data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)))
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    blocks = np.where(allowed, steps.cumsum(), -1)
    longest = data.draw(st.integers(1, 16))
    spans = decode(start, end, blocks, max_answer_tokens=longest, top=3)
    best = _best_by_trying_all(start, end, blocks, longest)
    assert (spans[0].margin if spans else None) == best
    for span in spans:
        assert 1 <= span.first <= span.last < span.first + longest
        assert blocks[span.first] == blocks[span.last] >= 0
    assert [s.margin for s in spans] == sorted((s.margin for s in spans), reverse=True)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=14), st.integers(1, 5))
def test_spans_never_overlap(values: list[int], top: int) -> None:
    scores = _scores(values)
    spans = decode(scores, scores[::-1].copy(), _all(len(values)), max_answer_tokens=4, top=top)
    covered = [token for span in spans for token in range(span.first, span.last + 1)]
    assert len(covered) == len(set(covered))
    assert 1 <= len(spans) <= top


def test_the_margin_is_the_span_less_the_null_answer() -> None:
    spans = decode(_scores([2, 0, 5, 0]), _scores([1, 0, 0, 4]), _all(4), max_answer_tokens=3, top=1)
    assert [(s.first, s.last, s.margin) for s in spans] == [(2, 3, 6.0)]


def test_a_span_is_never_longer_than_the_limit() -> None:
    spans = decode(_scores([0, 9, 0, 0]), _scores([0, 0, 0, 9]), _all(4), max_answer_tokens=2, top=1)
    assert spans[0].last - spans[0].first < 2


def test_an_end_never_precedes_its_start() -> None:
    spans = decode(_scores([0, 0, 9]), _scores([0, 9, 0]), _all(3), max_answer_tokens=3, top=1)
    assert spans[0].margin == 9.0


def test_where_no_answer_may_stand_there_is_no_span() -> None:
    assert decode(_scores([1, 2]), _scores([1, 2]), np.full(2, -1), max_answer_tokens=3, top=1) == []


def test_the_null_position_is_no_answer() -> None:
    assert decode(_scores([9]), _scores([9]), _all(1), max_answer_tokens=3, top=1) == []


def test_equal_scores_go_to_the_earlier_and_shorter_span() -> None:
    spans = decode(_scores([0, 1, 1]), _scores([0, 1, 1]), _all(3), max_answer_tokens=2, top=1)
    assert (spans[0].first, spans[0].last) == (1, 1)


def test_spans_that_say_the_same_have_their_odds_added() -> None:
    # Tokens 1 and 4 beat token 2 together only; the likelier of them stands for both.
    start = _scores([0, 1, 1, -9, 2])
    end = _scores([0, 0, 1, -9, 0])
    words = ["", "twenty", "thirty", ",", "twenty"]
    spans = decode_saying(start, end, _all(5), said=lambda i, j: tuple(words[i : j + 1]), max_answer_tokens=1, top=3)
    assert (spans[0].first, spans[0].last) == (4, 4)
    assert spans[0].margin == pytest.approx(np.log(np.exp(2) + np.exp(1)))
    assert spans[1:] == [TokenSpan(2, 2, 2.0), TokenSpan(1, 1, 1.0)]


def test_what_says_nothing_is_no_answer_however_likely() -> None:
    start, end = _scores([0, 9, 5, 900]), _scores([0, 9, 0, 900])
    words = ["", "the", "treaty", "."]

    def said(first: int, last: int) -> tuple[str, ...]:
        return tuple(word for word in words[first : last + 1] if word == "treaty")

    spans = decode_saying(start, end, _all(4), said=said, max_answer_tokens=2, top=3)
    assert spans == [TokenSpan(2, 3, 905.0)]
    assert decode_saying(start, end, _all(4), said=lambda *_: (), max_answer_tokens=2, top=3) == []


@pytest.mark.parametrize(("longest", "top"), [(0, 1), (1, 0)])
def test_a_limit_below_one_is_an_error(longest: int, top: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        decode(_scores([0, 1]), _scores([0, 1]), _all(2), max_answer_tokens=longest, top=top)


def test_vectors_of_different_lengths_are_an_error() -> None:
    with pytest.raises(ValueError, match="one length"):
        decode(_scores([0, 1]), _scores([0]), _all(2), max_answer_tokens=1, top=1)
