"""Words that may stand for each other, and questions changed by them so that their paragraph answers no more.

Who writes unanswerable questions by hand mostly takes one that is answered and exchanges a word for one of its
kind: "lectures" for "sermons", "seven" for "eight", "official" for "unofficial" (Rajpurkar, Jia and Liang 2018, "Know
What You Don't Know", table 1). Words of a kind lie near each other among a language model's word embeddings; so do
words of one meaning, and about a fifth of what is exchanged here is no change at all. A reader that is trained on both
learns how sure it can be.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from tokenizers import Tokenizer

from reader.training.examples import Context, Labelled, answer_text

LikeWords = Mapping[str, tuple[str, ...]]
"""For each word those of its kind, likest first; all in lower case."""

_LIKE = 8  # words of its kind that a word is exchanged for
_CANDIDATES = 40
_STEM = 4  # letters; words that open with the same ones are taken for forms of one word
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ed|ing|ly|est|er|s)$")
_PREFIXES = ("un", "in", "im", "non", "dis", "mis", "anti", "under", "over", "pre", "post")
_WHOLE_WORD = re.compile(r"[a-z]{3,}")
_WORD = re.compile(r"\b[A-Za-z]{4,}\b")
_NUMBER = re.compile(r"(?<![\d.,])\d{1,4}(?![\d,]|\.\d)")
_EMBEDDINGS = "embeddings.word_embeddings.weight"


def like_words(start: Path, tokenizer: Tokenizer) -> dict[str, tuple[str, ...]]:
    """Of every whole word of the vocabulary those whose embedding is likest (cosine, the mean taken off).

    Left out are forms of the word itself and words of another ending, which mostly are of another part of speech.

    Args:
        start: folder with the network's ``model.safetensors``.
        tokenizer: of that network; it knows words in lower case.
    """
    with safe_open(start / "model.safetensors", "np") as file:
        embeddings: NDArray[np.float32] = file.get_tensor(_EMBEDDINGS).astype(np.float32)
    known = {word: at for word, at in tokenizer.get_vocab().items() if _WHOLE_WORD.fullmatch(word)}
    words = sorted(known)
    vectors = embeddings[[known[word] for word in words]]
    vectors -= vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    found = {}
    count = min(_CANDIDATES, len(words) - 1)
    for first in range(0, len(words), 1024):
        likeness = vectors[first : first + 1024] @ vectors.T
        likest = np.argpartition(-likeness, count, axis=1)[:, : count + 1]
        for row, (word, some) in enumerate(zip(words[first : first + 1024], likest, strict=True)):
            others = [words[at] for at in some[np.argsort(-likeness[row, some], kind="stable")]]
            found[word] = tuple([other for other in others if _is_another(word, other)][:_LIKE])
    return found


def _is_another(word: str, other: str) -> bool:
    return word[:_STEM] != other[:_STEM] and _ending(word) == _ending(other)


def _ending(word: str) -> str:
    found = _ENDING.search(word)
    return found.group() if found else ""


def exchange(likes: LikeWords, context: Context, item: Labelled, rng: random.Random) -> tuple[str, str] | None:
    """A word or number that the question shares with its paragraph, and what to put for it; None without one.

    Words of the answer stay as they are.
    """
    text = context.text.lower()
    answer = answer_text(context, item).lower()
    shared = sorted(
        {
            found.group()
            for pattern in (_WORD, _NUMBER)
            for found in pattern.finditer(item.question)
            if (word := found.group().lower()) not in ENGLISH_STOP_WORDS and word not in answer and _stands(word, text)
        }
    )
    for word in rng.sample(shared, len(shared)):
        others = [other for other in _others(likes, word, rng) if other.lower() not in answer]
        if others:
            other = rng.choice(others)
            return word, other.capitalize() if word[0].isupper() else other
    return None


def exchanged(text: str, word: str, other: str) -> str:
    """The text with ``other`` wherever ``word`` stands, in capitals or not."""
    return re.sub(rf"\b{re.escape(word)}\b", lambda _: other, text, flags=re.IGNORECASE)


def _stands(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def _others(likes: LikeWords, word: str, rng: random.Random) -> list[str]:
    """What may be put for a word or number: the number or its prefix changed, or a word of its kind."""
    if word.isdigit():
        number = int(word)
        far = 30 if number >= 1000 else max(2, number // 3)
        return [str(other) for other in (number + rng.randint(1, far), number - rng.randint(1, far)) if other > 0]
    lower = word.lower()
    opposed = [prefix + lower for prefix in _PREFIXES if prefix + lower in likes]
    opposed += [lower.removeprefix(prefix) for prefix in _PREFIXES if lower.startswith(prefix)]
    opposed = [other for other in opposed if other in likes and len(other) >= _STEM]
    return opposed if opposed and rng.random() < 0.5 else list(likes.get(lower, ()))
