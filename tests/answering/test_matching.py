"""Which quotes say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.matching import key, same

WORDS = st.text(alphabet="abcs 20-.,&éÉ'", max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("20 years", "20-year"),
        ("twenty years", "20 years"),
        ("Putin", "Vladimir Putin"),
        ("the Kremlin", "Kremlin"),
        ("17 January", "17 January 2025"),
        ("January 17th", "January 17"),
        ("São Paulo", "Sao Paulo"),
        ("Moscow", "in Moscow"),
        ("Russia and Iran", "Iran and Russia"),
        ("Ana Lind and Finance Minister Jo Berg", "Jo Berg, and Prime Minister Ana Lind"),
    ],
)
def test_these_say_the_same(one: str, other: str) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Iran", "Russia and Iran"),
        ("Iran", "Iran, China"),
        ("20 years", "2 years"),
        ("2001", "2015"),
        ("Moscow", "Kazan"),
        ("trade", "culture"),
        ("Russia and Iran", "Iran and China"),
        ("Russia and Iran", "Russia, Iran and China"),
        ("Iran and Iran", "Russia and Iran"),
        ("and", "or"),
        ("", "Moscow"),
        ("...", "..."),
    ],
)
def test_these_do_not(one: str, other: str) -> None:
    assert not same(one, other)
    assert not same(other, one)


@given(WORDS, WORDS)
def test_sameness_has_no_order(one: str, other: str) -> None:
    assert same(one, other) == same(other, one)


@given(WORDS)
def test_an_answer_with_any_word_says_the_same_as_itself(answer: str) -> None:
    assert same(answer, answer) == bool(key(answer))
