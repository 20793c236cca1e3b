"""Articles, vectors and questions made by a seed, so that a store can be measured at sizes nobody has texts for.

Words follow Zipf's law (frequency in inverse proportion to rank) over a made-up vocabulary. A share of an
article's words comes from a few dozen words of its own, so that words keep together as they do in real
texts (Church and Gale 1995, "Poisson Mixtures"): spread evenly, as many occurrences of a word would reach
far more passages. Vectors lie around the centre of their article's topic. What is made depends on the seed
alone: a larger corpus begins with the articles of a smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from corpus.types import Article, Passage, Span, Value
from retrieval.articles import Entry
from retrieval.types import Filters

VOCABULARY: Final = 200_000
# The commonest words of a language are what a query leaves out as stop words.
FUNCTION_WORDS: Final = 150
# Queries hold none of the words past this rank: they stand in so few passages that looking for them costs nothing.
RAREST_ASKED: Final = 20_000
DIMENSIONS: Final = 384
TOPICS: Final = 1_000
SOURCES: Final = 20
FIRST_DAY: Final = date(2015, 1, 1)
DAYS: Final = 3_650
_SENTENCES, _SENTENCE_WORDS = 5, 20
_OWN_WORDS, _OWN_SHARE = 60, 0.3
_SPREAD = 1.2
_SYLLABLES = tuple(first + vowel for first in "bcdfghjklmnprstvz" for vowel in "aeiou")


@dataclass(frozen=True, slots=True)
class MadeQuestion(Value):
    """A query of content words, its vector ``(DIMENSIONS,)``, and what a filtered search is restricted to.

    ``filters`` are, in turns, one of the sources, and the last fifth of the days.
    """

    query: str
    vector: NDArray[np.float32]
    filters: Filters


@dataclass(frozen=True)
class Maker:
    """Makes the corpus and the questions of one ``seed``."""

    seed: int = 13

    def articles(self, passages: int, after: int = 0, held: int = 0) -> Iterator[Entry]:
        """Articles of 4 to 12 passages (the last may have fewer) of 100 words, ``passages`` passages in all.

        The first ``after``, of ``held`` passages together, are left out.
        """
        left = passages - held
        while left > 0:
            made = self.article(after, left)
            yield made
            left -= len(made.passages)
            after += 1

    def article(self, number: int, most: int = 12) -> Entry:
        """The article of this number, with ``most`` passages at most."""
        random = np.random.default_rng([self.seed, 1, number])
        count = min(int(random.integers(4, 13)), most)
        words = self._drawn(random, 0, VOCABULARY, count * _SENTENCES * _SENTENCE_WORDS)
        own = self._drawn(random, FUNCTION_WORDS, VOCABULARY, _OWN_WORDS)
        theirs = random.random(len(words)) < _OWN_SHARE
        words[theirs] = own[random.integers(0, _OWN_WORDS, int(theirs.sum()))]
        vectors = self._near(random, count)
        article_id = f"made/{number}"
        texts, passages = [], []
        start = 0
        for at, of_passage in enumerate(words.reshape(count, _SENTENCES, _SENTENCE_WORDS)):
            sentences = [f"{' '.join(self.words[of_sentence])}." for of_sentence in of_passage]
            text = " ".join(sentences)
            spans, begin = [], start
            for sentence in sentences:
                spans.append(Span(begin, begin + len(sentence)))
                begin += len(sentence) + 1
            passages.append(Passage(article_id, at, Span(start, start + len(text)), text, tuple(spans)))
            texts.append(text)
            start += len(text) + 1
        published = FIRST_DAY + timedelta(days=int(random.integers(0, DAYS)))
        article = Article(
            id=article_id,
            title=" ".join(self.words[own[:6]]),
            text="\n".join(texts),
            source=self._source(random),
            published=published,
        )
        return Entry(article, passages, vectors)

    def questions(self, count: int) -> Iterator[MadeQuestion]:
        """``count`` queries of 2 to 6 content words, each with a vector near a topic's centre."""
        for number in range(count):
            random = np.random.default_rng([self.seed, 2, number])
            words = self._drawn(random, FUNCTION_WORDS, RAREST_ASKED, int(random.integers(2, 7)))
            by_source = Filters(sources=(self._source(random),))
            filters = by_source if number % 2 else Filters(published_from=FIRST_DAY + timedelta(days=DAYS * 4 // 5))
            yield MadeQuestion(" ".join(self.words[words]), self._near(random, 1)[0], filters)

    @cached_property
    def words(self) -> NDArray[np.object_]:
        """The vocabulary, the commonest word first: ``(VOCABULARY,)``; common words are short."""
        shuffled = np.random.default_rng([self.seed, 0]).permutation(len(_SYLLABLES))
        syllables: Sequence[str] = [_SYLLABLES[at] for at in shuffled]
        found = np.empty(VOCABULARY, np.object_)
        for rank in range(VOCABULARY):
            word, left = "", rank
            while left or not word:
                left, at = divmod(left, len(syllables))
                word += syllables[at]
            # An ending that no stemmer takes off keeps every word a term of its own.
            found[rank] = f"{word}k"
        return found

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        """Zipf's law, summed up: how much of a text the words up to each rank make."""
        return np.cumsum(1 / np.arange(1, VOCABULARY + 1))

    @cached_property
    def _centres(self) -> NDArray[np.float32]:
        return _units(np.random.default_rng([self.seed, 3]).standard_normal((TOPICS, DIMENSIONS), np.float32))

    def _drawn(self, random: np.random.Generator, first: int, end: int, count: int) -> NDArray[np.int64]:
        """``count`` ranks from ``first`` up to ``end``, by Zipf's law."""
        low = self._shares[first - 1] if first else 0.0
        at = low + random.random(count) * (self._shares[end - 1] - low)
        ranks: NDArray[np.int64] = np.minimum(np.searchsorted(self._shares, at, side="right"), end - 1)
        return ranks

    def _near(self, random: np.random.Generator, count: int) -> NDArray[np.float32]:
        centre = self._centres[random.integers(0, TOPICS)]
        return _units(centre + _SPREAD * _units(random.standard_normal((count, DIMENSIONS), np.float32)))

    @staticmethod
    def _source(random: np.random.Generator) -> str:
        """One of the sources; the first write most."""
        return f"source {int(SOURCES * random.random() ** 2)}"


def _units(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled
