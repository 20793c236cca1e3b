"""When two quotes say the same thing: "20 years", "a 20-year", "20 Years" are one answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_WORD = re.compile(r"\w+")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_EMPTY = frozenset({"a", "an", "the", "of", "on", "in", "at", "about", "some", "mr", "mrs", "president", "minister"})
_LIST = re.compile(r",|;|\band\b|\bor\b|&", re.IGNORECASE)
_NUMBERS = {word: str(value) for value, word in enumerate(
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
     "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty")
)}  # fmt: skip


@lru_cache(maxsize=4096)  # each candidate is compared with every group
def key(answer: str) -> tuple[str, ...]:
    """The words that make an answer what it is: folded case and accents, no plural s, no empty words.

    Number words up to twenty become digits, ordinals lose their ending. An answer of nothing but
    empty words keeps them.
    """
    words = _WORD.findall(_folded(answer))
    kept = [word for word in words if word not in _EMPTY] or words
    return tuple(_stem(word) for word in kept)


def word_key(word: str) -> str:
    """A single word as ``key`` compares it, an empty one too."""
    return _stem(_folded(word))


def same(one: str, other: str) -> bool:
    """Whether two answers to the same question say the same.

    They do where their keys are equal, or where one's words run through the other's in one piece
    ("Putin", "Vladimir Putin"), unless the longer one is a list ("Iran", "Russia and Iran"). Two lists say the same
    where their items do, in any order ("Russia and Iran", "Iran and Russia").
    """
    first, second = key(one), key(other)
    if first == second:
        return bool(first)
    if _LIST.search(one) or _LIST.search(other):
        return _same_items(_items(one), _items(other))
    short, long = sorted((first, second), key=len)
    if not short or len(short) == len(long):
        return False
    return any(long[i : i + len(short)] == short for i in range(len(long) - len(short) + 1))


@lru_cache(maxsize=4096)
def _items(answer: str) -> tuple[str, ...]:
    return tuple(item for item in _LIST.split(answer) if key(item))


def _same_items(one: Sequence[str], other: Sequence[str]) -> bool:
    def within(items: Sequence[str], others: Sequence[str]) -> bool:
        return all(any(same(item, each) for each in others) for item in items)

    return len(one) == len(other) > 1 and within(one, other) and within(other, one)


def _folded(text: str) -> str:
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _stem(word: str) -> str:
    word = _NUMBERS.get(word, word)
    if ordinal := _ORDINAL.fullmatch(word):
        return ordinal.group(1)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
