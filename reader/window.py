"""One network input: which of its tokens may be quoted, and what text they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from corpus.types import Passage, Span
from reader.decoding import TokenSpan

_ENGLISH_ARTICLES: Final = frozenset({"a", "an", "the"})


class Window:
    """A question and a stretch of a passage as the network sees them.

    Args:
        encoding: the tokens of both, those of the passage as the second sequence.
        passage: whose characters their offsets count.
    """

    def __init__(self, encoding: Encoding, passage: Passage) -> None:
        # Each of these is made anew by the encoding whenever it is asked.
        self._offsets = encoding.offsets
        self._word_ids = encoding.word_ids
        self._of_passage = [sequence == 1 for sequence in encoding.sequence_ids]
        self._passage = passage
        written = dict(self._written_words())
        self._words = {word: text.casefold() for word, text in written.items()}
        self._telling = {word for word, text in self._words.items() if _is_telling(text)}
        self._names = {word for word, text in written.items() if text == "A"}

    def blocks(self) -> NDArray[np.int_]:
        """Number of the stretch of lines that each token of the passage stands in, shape ``(tokens,)``.

        It is -1 for tokens of the question, and for a word that the window's edge may have cut: windows share enough
        tokens that it stands whole in the next. The network does not see where a line ends, and would quote a
        headline together with the sentence below it.
        """
        begins = [
            after.start - self._passage.span.start
            for before, after in pairwise(self._passage.sentences)
            if "\n" in self._slice(before.end - self._passage.span.start, after.start - self._passage.span.start)
        ]
        numbers = np.searchsorted(begins, [first for first, _ in self._offsets], side="right")
        return np.where(self._readable(), numbers, -1)

    def whole_words(self, span: TokenSpan) -> Span:
        """The characters of the words a token span touches: a quote never opens or ends inside a word."""
        first, last = span.first, span.last
        while self._of_passage[first - 1] and self._word_ids[first - 1] == self._word_ids[first]:
            first -= 1
        while (
            last + 1 < len(self._word_ids)
            and self._of_passage[last + 1]
            and self._word_ids[last + 1] == self._word_ids[last]
        ):
            last += 1
        return Span(self._offsets[first][0], self._offsets[last][1])

    def said(self, first: int, last: int) -> tuple[str, ...]:
        """What the tokens ``first`` to ``last`` of the passage say, wherever they stand: their words without case.

        Punctuation and a, an, the are left out; but a capital A with nothing beside it is a name ("Plan A").
        """
        words = dict.fromkeys(self._word_ids[first : last + 1])
        telling = [self._words[word] for word in words if word in self._telling]
        return tuple(telling or [self._words[word] for word in words if word in self._names])

    def _written_words(self) -> Iterator[tuple[int | None, str]]:
        tokens = [token for token, inside in enumerate(self._of_passage) if inside]
        for word, grouped in groupby(tokens, key=self._word_ids.__getitem__):
            of_word = list(grouped)
            yield word, self._slice(self._offsets[of_word[0]][0], self._offsets[of_word[-1]][1])

    def _readable(self) -> NDArray[np.bool_]:
        readable = np.array(self._of_passage, dtype=np.bool_)
        inside = np.flatnonzero(readable)
        if inside.size:
            first, last = int(inside[0]), int(inside[-1])
            start, end = self._offsets[first][0], self._offsets[last][1]
            cut = {
                self._word_ids[edge]
                for edge, neighbour in (
                    (first, self._slice(start - 1, start) if start else ""),
                    (last, self._slice(end, end + 1)),
                )
                if neighbour.strip()
            }
            for token in inside:
                readable[token] = self._word_ids[token] not in cut
        return readable

    def _slice(self, start: int, end: int) -> str:
        return self._passage.text[start:end]


def _is_telling(word: str) -> bool:
    return word not in _ENGLISH_ARTICLES and any(map(str.isalnum, word))
