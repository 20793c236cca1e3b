from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings

from corpus.text import normalise
from tests.corpus.files import odd_texts


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("\ufeffa\ufeffb", "a\ufeffb"),
        ("e\u0301", "é"),
        ("a\x00b\ud800c", "a\ufffdb\ufffdc"),
        ("\u00a0😀\u200d", "\u00a0😀\u200d"),
        ("", ""),
    ],
)
def test_text_is_brought_to_one_form(raw: str, normal: str) -> None:
    assert normalise(raw) == normal


@settings(deadline=None)
@given(odd_texts())
def test_normalising_twice_changes_nothing_and_the_result_can_be_stored(raw: str) -> None:
    text = normalise(raw)
    assert normalise(text) == text
    assert unicodedata.is_normalized("NFC", text)
    assert "\r" not in text
    assert text.encode("utf-8").decode("utf-8") == text
