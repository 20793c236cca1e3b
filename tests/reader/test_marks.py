"""Which marks at a quote's edges are left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Span
from reader.marks import without_lone_marks


def cut(text: str) -> str:
    return without_lone_marks(text, Span(0, len(text))).slice(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("“wipe [Iran] off the map", "wipe [Iran] off the map"),
        ("a real breakthrough”", "a real breakthrough"),
        ("“a real breakthrough”", "“a real breakthrough”"),
        ("“yes” and “no", "“yes” and “no"),
        ("yes” and “no”", "yes” and “no”"),
        ('"yes" and no"', '"yes" and no"'),
        ('"yes', "yes"),
        ("the Kremlin)", "the Kremlin"),
        ("(the Kremlin", "the Kremlin"),
        ("Tehran (Iran)", "Tehran (Iran)"),
        ("((a) or (b)", "(a) or (b)"),
        ("( the Kremlin", "the Kremlin"),
        ("„so“", "„so“"),
        ("„so", "so"),
        ("「東京", "東京"),
        ("6' 2\"", "6' 2\""),
        ("the nations’", "the nations’"),
        ("20 years", "20 years"),
    ],
)
def test_a_mark_at_the_edge_stays_only_with_its_partner(text: str, kept: str) -> None:
    assert cut(text) == kept


@pytest.mark.parametrize("text", ["“", ")", '"', "(“"])
def test_a_span_of_lone_marks_is_left_as_it_is(text: str) -> None:
    assert cut(text) == text


@given(st.text(alphabet="ab “”„«»()[]\"'1", min_size=1), st.text(alphabet='“("', max_size=3))
def test_what_is_left_is_inside_and_loses_nothing_the_second_time(text: str, before: str) -> None:
    whole = before + text + before
    span = Span(len(before), len(before) + len(text))
    left = without_lone_marks(whole, span)
    assert span.contains(left)
    assert len(left) >= 1
    assert without_lone_marks(whole, left) == left
    assert all(not char.isalnum() for char in whole[span.start : left.start] + whole[left.end : span.end])
