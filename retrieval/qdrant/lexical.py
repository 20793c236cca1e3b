"""BM25 on a cluster: a text as a sparse vector whose product with a question's is nearly it, and the score itself.

BM25 (Robertson and Zaragoza 2009) adds up, over the words a question and a passage share,

    idf(word) * f * (k1 + 1) / (f + k1 * (1 - b + b * length / average))

The fraction is the passage's alone once ``average`` is a constant, so it is what the passage stores. The cluster
multiplies it by ``idf = ln(1 + (N - n + 0.5) / (n + 0.5))`` of its own (``N`` passages in the shard, ``n`` with the
word), which is always right for what is stored now. That finds passages.

They are ranked by the score that the SQLite index gives them, whose full-text module takes ``average`` from the index,
``idf`` without the ``1 +``, and phrases as phrases: ``ln(exp(idf) - 1)`` of the cluster's own is that ``idf``. A phrase
is taken to be as rare as its rarest word. ``k1``, ``b``, the weight of a title and the forms of words are the same.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import snowballstemmer

K1: Final = 1.2
B: Final = 0.75
# Words of a passage and its title together, on news; a small error moves all passages' scores alike.
AVERAGE_WORDS: Final = 110
# What SQLite takes a word for that stands in half of the passages or more.
_LEAST_IDF: Final = 1e-6
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Sparse:
    """A sparse vector: ``values[i]`` at ``indices[i]``; indices ascend, from 0 to 2³² - 1."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


def words(text: str) -> list[str]:
    """The words of ``text`` in order, each in the form that is indexed: lower case, no accents, stemmed."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
    return [_stem(word) for word in _WORD.findall(plain.lower())]


def passage_vector(text: str, title: str, title_weight: float) -> Sparse:
    """What a passage stores: the saturated count of each of its words, a title's word counting ``title_weight``."""
    in_text, in_title = words(text), words(title)
    counts: dict[str, float] = dict(Counter(in_text))
    for word in in_title:
        counts[word] = counts.get(word, 0.0) + title_weight
    slack = K1 * (1 - B + B * (len(in_text) + len(in_title)) / AVERAGE_WORDS)
    return _sparse({word: count * (K1 + 1) / (count + slack) for word, count in counts.items() if count > 0})


def question_vector(terms: Iterable[str]) -> Sparse:
    """What a passage's vector is multiplied with: 1 for each word of ``terms``."""
    return _sparse(dict.fromkeys((word for term in terms for word in words(term)), 1.0))


def number(word: str) -> int:
    """The place of a word in vectors: 32 bits of its digest."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=4).digest(), "big")


def length(text: str, title: str) -> int:
    """How many words a passage and its title have."""
    return len(words(text)) + len(words(title))


def idf_of(served: float) -> float:
    """SQLite's ``idf`` of a word, at least 1e-6, from the cluster's, above 0."""
    return math.log(max(math.expm1(served), 1.0)) or _LEAST_IDF


def bm25(
    text: str,
    title: str,
    forms: Iterable[Sequence[str]],
    idfs: Mapping[str, float],
    average: float,
    title_weight: float,
) -> float:
    """A passage's score, from 0, as the SQLite index gives it.

    Args:
        text: of the passage.
        title: of its article.
        forms: what is searched for: words, and phrases of several, as ``words`` writes them.
        idfs: of the words that stand in any passage, by the word.
        average: words of a passage with its title, over all passages, above 0.
        title_weight: what a word of the title counts.
    """
    in_text, in_title = words(text), words(title)
    slack = K1 * (1 - B + B * (len(in_text) + len(in_title)) / average)
    score = 0.0
    for form in forms:
        count = _standing(form, in_text) + title_weight * _standing(form, in_title)
        if count > 0:
            score += max(idfs.get(word, _LEAST_IDF) for word in form) * count * (K1 + 1) / (count + slack)
    return score


def _standing(form: Sequence[str], text: Sequence[str]) -> int:
    """How often a word, or a phrase, stands in the words of a text."""
    if len(form) == 1:
        return text.count(form[0])
    return sum(text[at : at + len(form)] == form for at in range(len(text) - len(form) + 1))


def _sparse(weights: dict[str, float]) -> Sparse:
    # Two words of one number would count as one; among a million words that befalls one in four thousand.
    numbered: dict[int, float] = {}
    for word, weight in weights.items():
        numbered[number(word)] = numbered.get(number(word), 0.0) + weight
    indices = sorted(numbered)
    return Sparse(tuple(indices), tuple(numbered[index] for index in indices))


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    """Porter's stem (Porter 1980), which SQLite's full-text module cuts words to as well."""
    # A stemmer keeps its place in itself: each call has its own, so that threads do not share one.
    return str(snowballstemmer.stemmer("porter").stemWord(word)) if 2 < len(word) <= 64 else word
