"""Copies of articles made by rule, with the truth of what each of their sentences was made from. Pure functions."""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from corpus.splitting import sentences
from corpus.types import Article, Passage

_WORD = re.compile(r"[^\W\d_]+")
_FRONT = (
    "This report was sent by our agency and may be printed by all who take it. ",
    "Pictures and figures can be had from the desk on the usual terms. ",
)


class Way(StrEnum):
    """How a copy differs from its original."""

    HEADLINE = "another headline"
    FRONT = "two sentences in front, so that windows are cut elsewhere"
    CUT = "30 % of the sentences cut"
    SHORT = "60 % of the sentences cut, from the end"
    REWORDED_10 = "every third word of 10 % of the sentences replaced"
    REWORDED_20 = "every third word of 20 % of the sentences replaced"
    REWORDED_30 = "every third word of 30 % of the sentences replaced"
    SPUN = "every fourth word of all sentences replaced"
    SHUFFLED = "every fourth word replaced, and the sentences in another order"


_REWORDED = {Way.REWORDED_10: 0.1, Way.REWORDED_20: 0.2, Way.REWORDED_30: 0.3}


@dataclass(frozen=True, slots=True)
class Made:
    """An article and where its parts came from.

    Attributes:
        article: the copy, or an original.
        original: id of the article it was made from; its own for an original.
        starts: where each part begins in its text, ascending.
        parts: the number of the original's sentence each part was made from; -1 for what was added.
    """

    article: Article
    original: str
    starts: tuple[int, ...]
    parts: tuple[int, ...]

    def says(self, passage: Passage) -> dict[int, int]:
        """How many characters the passage, one of this article, has of each of the original's sentences."""
        found: dict[int, int] = {}
        for span in passage.sentences:
            part = self.parts[max(0, bisect_right(self.starts, span.start) - 1)]
            if part >= 0:
                found[part] = found.get(part, 0) + len(span)
        return found


def original(article: Article) -> Made:
    """An article as what it is: made from itself."""
    starts = tuple(span.start for span in sentences(article.text))
    return Made(article, article.id, starts, tuple(range(len(starts))))


def copied(article: Article, way: Way, seed: int) -> Made:
    """A copy of ``article``, with its own id and title."""
    spans = sentences(article.text)
    ends = [*(span.start for span in spans[1:]), len(article.text)]
    pieces = [
        (number, article.text[span.start : end]) for number, (span, end) in enumerate(zip(spans, ends, strict=True))
    ]
    chosen = random.Random(f"{seed} {article.id} {way}")  # noqa: S311 - a sample
    changed = _changed(pieces, way, chosen)
    starts, at = [], 0
    for _, text in changed:
        starts.append(at)
        at += len(text)
    text = "".join(text for _, text in changed)
    key = f"{article.id}~{way.name.lower()}"
    made = replace(article, id=key, title=f"As it was reported: {article.title[::-1]}", text=text)
    return Made(made, article.id, tuple(starts), tuple(number for number, _ in changed))


def _changed(pieces: Sequence[tuple[int, str]], way: Way, chosen: random.Random) -> list[tuple[int, str]]:
    share = _REWORDED.get(way)
    if share is not None:
        marked = set(chosen.sample(range(len(pieces)), round(share * len(pieces))))
        return [(n, _reworded(text, 3, chosen) if n in marked else text) for n, text in pieces]
    if way is Way.FRONT:
        return [*((-1, text) for text in _FRONT), *pieces]
    if way is Way.CUT:
        kept = set(chosen.sample(range(len(pieces)), max(1, round(0.7 * len(pieces)))))
        return [piece for piece in pieces if piece[0] in kept]
    if way is Way.SHORT:
        return list(pieces[: max(1, round(0.4 * len(pieces)))])
    if way in {Way.SPUN, Way.SHUFFLED}:
        spun = [(n, _reworded(text, 4, chosen)) for n, text in pieces]
        return spun if way is Way.SPUN else [(n, f"{text.rstrip()}\n") for n, text in chosen.sample(spun, len(spun))]
    return list(pieces)


def _reworded(text: str, every: int, chosen: random.Random) -> str:
    """``text`` with every so-manieth word replaced by one that stands in no language; numbers and gaps stay."""
    words = list(_WORD.finditer(text))
    for found in reversed(words[every - 1 :: every]):
        word = "".join(chosen.choice("aeioulnrst") for _ in range(len(found[0])))
        text = text[: found.start()] + word + text[found.end() :]
    return text
