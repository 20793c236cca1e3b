"""Passages that say again what others say, and hits spread so that each says something new. Pure functions.

Wire copies, background paragraphs that a paper prints again, and windows of one story that were cut at other places
share sentences, seldom whole passages. So a passage is taken sentence by sentence: a sentence is said again where
enough of its pairs of neighbouring words stand in one of the passages before it (containment of shingles: Broder
1997, "On the resemblance and containment of documents"), and no number in it is new. A passage is a copy where most
of its words stand in such sentences. It asks less of a sentence where its article is known to tell the same story as
the other one's (``retrieval.stories``): there the words may be others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from corpus.types import Passage, Span

Pair = tuple[str, str]

_WORD: Final = re.compile(r"\w+")
# Without "one", which mostly counts nothing.
_NUMBERS: Final = {
    word: str(value) for value, word in enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine"), 2)
}
_FEWEST_WORDS: Final = 4  # a shorter sentence ("He agreed.", a heading) says too little to tell


@dataclass(frozen=True, slots=True)
class Likeness:
    """When a passage counts as a copy; the lab log has what other values find.

    Attributes:
        pairs: the least share of a sentence's word pairs, 0 to 1, that must stand in one other passage.
        words: the least share of a passage's words, 0 to 1, that must stand in such sentences.
    """

    pairs: float
    words: float


ANYWHERE: Final = Likeness(pairs=0.6, words=0.8)
SAME_STORY: Final = Likeness(pairs=0.25, words=0.6)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What one sentence says: how many words, their pairs, and the numbers among them."""

    words: int
    pairs: frozenset[Pair]
    numbers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Saying:
    """What a passage says: its sentences, and the pairs and numbers of all of them."""

    sentences: tuple[Sentence, ...]
    pairs: frozenset[Pair]
    numbers: frozenset[str]


def words(text: str) -> list[str]:
    """The words of ``text``, case folded, number words from two to nine as digits."""
    return [_NUMBERS.get(word, word) for word in _WORD.findall(text.casefold())]


def sentence(text: str) -> Sentence:
    """What one sentence says."""
    said = words(text)
    numbers = frozenset(word for word in said if any(map(str.isdigit, word)))
    return Sentence(len(said), frozenset(pairwise(said)), numbers)


def telling(text: str, spans: Iterable[Span]) -> list[Sentence]:
    """What those sentences of ``text`` say that are long enough to tell something."""
    said = (sentence(span.slice(text)) for span in spans)
    return [one for one in said if one.words >= _FEWEST_WORDS]


def saying(passage: Passage) -> Saying:
    """What ``passage`` says; one whose sentences are not known is one sentence."""
    spans = passage.sentences or (passage.span,)
    said = telling(passage.text, [span.shifted(-passage.span.start) for span in spans])
    return Saying(
        tuple(said),
        frozenset().union(*(one.pairs for one in said)),
        frozenset().union(*(one.numbers for one in said)),
    )


def said_again(later: Saying, earlier: Sequence[Saying], least_pairs: float) -> float:
    """The share of ``later``'s words, 0 to 1, whose sentence is said by one of ``earlier``, each sentence by any."""
    total = sum(one.words for one in later.sentences)
    again = sum(one.words for one in later.sentences if any(_stands_in(one, other, least_pairs) for other in earlier))
    return again / total if total else 0.0


def _stands_in(one: Sentence, other: Saying, least_pairs: float) -> bool:
    return len(one.pairs & other.pairs) >= least_pairs * len(one.pairs) and one.numbers <= other.numbers


@dataclass(frozen=True, slots=True)
class Spread:
    """Passages by their place in the list they came from.

    Attributes:
        new: those that say something new, best first.
        copies: those met on the way that do not, best first, each with the place of the one it is most a copy of.
    """

    new: tuple[int, ...]
    copies: tuple[tuple[int, int], ...]


def spread(passages: Iterable[Passage], wanted: int, one_story: Callable[[str, str], bool], further: int = 0) -> Spread:
    """The first ``wanted`` passages that say something the ones before them do not.

    Args:
        passages: best first; no more are taken than it needs.
        wanted: how many, at least 1.
        one_story: whether two articles, by their ids, tell one story.
        further: how many more are looked at for copies once as many as wanted are found.
    """
    kept: list[tuple[int, str, Saying]] = []
    copies: list[tuple[int, int]] = []
    for place, passage in enumerate(passages):
        said = saying(passage)
        told = [other for _, article_id, other in kept if one_story(article_id, passage.article_id)]
        if _is_copy(said, [other for _, _, other in kept], ANYWHERE) or _is_copy(said, told, SAME_STORY):
            nearest = max(kept, key=lambda one: (said_again(said, [one[2]], SAME_STORY.pairs), -one[0]))
            copies.append((place, nearest[0]))
        elif len(kept) < wanted:
            kept.append((place, passage.article_id, said))
        if len(kept) == wanted and place >= kept[-1][0] + further:
            break
    return Spread(tuple(place for place, _, _ in kept), tuple(copies))


def _is_copy(said: Saying, earlier: Sequence[Saying], likeness: Likeness) -> bool:
    return bool(earlier) and said_again(said, earlier, likeness.pairs) >= likeness.words
