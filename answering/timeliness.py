"""Questions that speak of now, and what the day an article was published is worth for them.

"What was agreed this week?" has another answer every week. Asked on a known day, it means the articles of about that
day: a span's log-odds gain ``3 * 2 ** (-days / 30)``, by the days between publication and asking. That is a prior of a
passage's age that decays exponentially (Li and Croft 2003, "Time-Based Language Models"). A question that does not
speak of now gains nothing by any day, so its answer is the same on all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from retrieval.types import Hit

WEIGHT: Final = 3.0
HALF_LIFE_DAYS: Final = 30.0

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


def timeliness(question: str, asked_on: date | None, hits: Sequence[Hit]) -> dict[str, float]:
    """What the days of publication are worth, in log-odds from 0 to 3, by passage id.

    Without a day of asking, a day of publication, or a question that speaks of now, nothing.

    Args:
        question: as it is searched.
        asked_on: the day it is asked on; None where that is not known.
        hits: the passages found.
    """
    day = counted_day(question, asked_on)
    return {
        hit.passage.id: WEIGHT * 2 ** (-abs((day - hit.published).days) / HALF_LIFE_DAYS)
        for hit in hits
        if day is not None and hit.published is not None
    }
