"""How much of a question stands beside a span: the words of its sentence, the rarer ones for more.

What is asked for is usually told in the sentence that says the answer. A reader of spans ought to see that, and a small
one often does not: it offers a country because the passage names one, though what was asked about it stands elsewhere.
Shared words weighted by rarity are what sentences were chosen by before networks read them (the word matching count of
Yih et al. 2013, "Question Answering Using Enhanced Lexical Semantic Models").
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from answering.matching import word_key
from corpus.types import Passage
from reader.types import Candidate
from retrieval.query import content_words

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Words:
    """A passage's words as ``answering.matching`` compares them, and where in the article each begins."""

    starts: tuple[int, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, passage: Passage) -> _Words:
        found = list(_WORD.finditer(passage.text))
        return cls(tuple(passage.span.start + one.start() for one in found), tuple(word_key(one[0]) for one in found))

    def run(self, start: int, end: int) -> str:
        """Those that begin from ``start`` to before ``end``."""
        return _run(self.words[bisect_left(self.starts, start) : bisect_left(self.starts, end)])


def nearness(question: str, candidates: Sequence[Candidate], read: Iterable[Passage]) -> list[float]:
    """For each candidate the share, 0 to 1, of what ``question`` says that stands in its sentence beside it.

    A word counts in any of the forms that ``retrieval.analysis`` knows for it, and the more, the fewer of the passages
    ``read`` have it: by the log of their number over that of those (inverse document frequency; Spärck Jones 1972),
    smoothed. A span that is its whole sentence has the sentence itself. Where the question has no word that says what
    it is about, all are 0.
    """
    terms = [[_run(map(word_key, form.split())) for form in term.forms] for term in content_words(question)]
    if not terms:
        return [0.0] * len(candidates)
    passages = {passage.id: passage for passage in (*read, *(one.passage for one in candidates))}
    words = {key: _Words.of(passage) for key, passage in passages.items()}
    runs = [_run(one.words) for one in words.values()]
    rarity = [math.log((len(runs) + 1) / (sum(_stands(forms, run) for run in runs) + 0.5)) for forms in terms]
    whole = math.fsum(rarity)

    def share(one: Candidate) -> float:
        beside = _beside(one, words[one.passage.id])
        return math.fsum(rare for forms, rare in zip(terms, rarity, strict=True) if _stands(forms, beside)) / whole

    return [share(one) for one in candidates]


def _beside(one: Candidate, words: _Words) -> str:
    """What stands in the candidate's sentence before its span and after it; all of the sentence where nothing does."""
    sentences = (sentence for sentence in one.passage.sentences if sentence.overlaps(one.span))
    sentence = next(sentences, one.passage.span)
    before, after = words.run(sentence.start, one.span.start), words.run(one.span.end, sentence.end)
    # A phrase must not run across the span.
    return f"{before}|{after}" if before.strip() or after.strip() else words.run(sentence.start, sentence.end)


def _run(words: Iterable[str]) -> str:
    """Words with a space around each, so that a phrase is found among others as a string."""
    return f" {' '.join(words)} "


def _stands(forms: Sequence[str], run: str) -> bool:
    return any(form in run for form in forms)
