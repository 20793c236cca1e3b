"""Questions that speak of now, and what the day an article was published is worth for them.

"What was agreed this week?" has another answer every week. Asked on a known day, it means the articles of about that
day. A day of publication is worth ``3 * 2 ** (-days / 30)`` in log-odds, by the days between it and the asking: a prior
of a passage's age that decays exponentially (Li and Croft 2003, "Time-Based Language Models"). What a passage says
loses what its day is worth less than the best day found. So in articles that are all as old nothing changes, and that
an article is of today makes nothing in it surer. A question that does not speak of now loses nothing by any day, so its
answer is the same on all of them.

In an archive the week that is meant stands behind years of weeks like it. So more passages are found than are read, and
those are read that have most of their fused score less a tenth of that loss.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from haystack import Document, component

from retrieval.types import Hit

WEIGHT: Final = 3.0
HALF_LIFE_DAYS: Final = 30.0
# What a unit of log-odds counts against fused scores, which run from 0 to 1.
SHARE: Final = 0.1
# How many times as many passages are found as are read.
POOL: Final = 3

_PERIOD: Final = "week|weekend|month|quarter|season|year|spring|summer|autumn|fall|winter|morning|afternoon|evening"
_NOW: Final = re.compile(
    rf"\b(?:(?:this|last|past|next|coming)\s(?:{_PERIOD})|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|yesterday|today|tonight|tomorrow|now|nowadays|currently|current|recent|recently|latest|newest|newly|lately"
    r"|upcoming|soon)\b",
    re.IGNORECASE,
)
# What is going to happen; with a capital inside a question it is a name.
_WILL: Final = re.compile(r"\bwill\b|^Will\b")


def speaks_of_now(question: str) -> bool:
    """Whether the answer to ``question`` depends on the day it is asked on."""
    return bool(_NOW.search(question) or _WILL.search(question))


def counted_day(question: str, asked_on: date | None) -> date | None:
    """The day of asking where it counts for ``question``; None where it does not, or is not known."""
    return asked_on if speaks_of_now(question) else None


def timeliness(day: date | None, hits: Sequence[Hit]) -> dict[str, float]:
    """What the days of publication are worth against the best day found, in log-odds from -3 to 0, by passage id.

    A passage without a day has the least. Where no day counts there is nothing.

    Args:
        day: the ``counted_day``.
        hits: the passages found.
    """
    if day is None:
        return {}
    worth = {hit.passage.id: _worth(day, hit.published) for hit in hits}
    best = max(worth.values(), default=0.0)
    return {key: each - best for key, each in worth.items()}


def _worth(day: date, published: date | None) -> float:
    return 0.0 if published is None else WEIGHT * 2 ** (-abs((day - published).days) / HALF_LIFE_DAYS)


def to_find(day: date | None, read: int) -> int:
    """How many passages are to be found where ``read`` are read and ``day`` counts."""
    return read if day is None else POOL * read


def timely_first(day: date | None, hits: Sequence[Hit], read: int) -> list[Hit]:
    """The hits to read, best first: ``read`` of them, and their copies; all of them where no day counts."""
    timely = timeliness(day, hits)
    if not timely:
        return list(hits)

    def score(hit: Hit) -> float:
        return hit.score + SHARE * timely[hit.passage.id]

    best = sorted((hit for hit in hits if hit.copy_of is None), key=score, reverse=True)[:read]
    originals = {hit.passage.id for hit in best}
    copies = [hit for hit in hits if hit.copy_of in originals]
    return [replace(hit, rank=rank) for rank, hit in enumerate([*best, *copies], 1)]


@component
class TimelyFirst:
    """Stands behind the retriever: of what it found, what is to be read.

    Args:
        read: how many passages, their copies apart.
    """

    def __init__(self, read: int) -> None:
        self.read = read

    @component.output_types(documents=list[Document], hits=list[Hit])
    def run(self, documents: list[Document], hits: list[Hit], day: date | None = None) -> dict[str, Any]:
        """``documents[i]`` is that of ``hits[i]``, in and out; ``day`` is the ``counted_day``."""
        of = {hit.passage.id: document for hit, document in zip(hits, documents, strict=True)}
        chosen = timely_first(day, hits, self.read)
        return {"documents": [of[hit.passage.id] for hit in chosen], "hits": chosen}
