"""Reading in turns: the best passages first, the others only where they could still matter.

Once a span of the first turn is sure enough, a passage of the second turn can change the answer only by
being surer still, which is rare, but it can support the answer, by saying the same. So only those that
have a word of the answer in them are read. The threshold and what it costs are measured by
``evals.turns``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.types import Passage
from reader.types import Candidate

_WORD = re.compile(r"\d+|[^\W\d_]{3,}")
_STEM_CHARS = 5  # "signing" finds "signed", "20 years" finds "20-year"


@dataclass(frozen=True, slots=True)
class Turns:
    """How reading is divided.

    Attributes:
        first: how many passages are read first, at least 1.
        sure: the log-odds of a candidate from which the others are read only if they mention it.
    """

    first: int = 4
    sure: float = float("inf")


class Reads(Protocol):
    """Whatever reads passages; ``reader.span_reader.SpanReader`` is one."""

    def read(self, question: str, passages: Sequence[Passage], /, *, per_passage: int = 3) -> list[list[Candidate]]:
        """Candidates of each passage, best first."""


def read_in_turns(
    reader: Reads, question: str, passages: Sequence[Passage], *, per_passage: int, turns: Turns
) -> list[list[Candidate]]:
    """Candidates of each passage, best first; none of a passage that was not read.

    Args:
        reader: reads.
        question: what is asked.
        passages: the likeliest to answer first.
        per_passage: candidates per passage, at least 1.
        turns: how reading is divided.
    """
    found = reader.read(question, passages[: turns.first], per_passage=per_passage)
    rest = passages[turns.first :]
    if not rest:
        return found
    best = max((candidate for each in found for candidate in each), key=lambda c: c.log_odds, default=None)
    if best is None or best.log_odds < turns.sure:
        return found + reader.read(question, rest, per_passage=per_passage)
    read = [passage for passage in rest if mentions(passage.text, best.text)]
    later = dict(
        zip((passage.id for passage in read), reader.read(question, read, per_passage=per_passage), strict=True)
    )
    return found + [later.get(passage.id, []) for passage in rest]


def mentions(text: str, answer: str) -> bool:
    """Whether a word of ``answer``, cut to its first letters, stands in ``text``; true of an answer without words."""
    words = [word[:_STEM_CHARS] for word in _WORD.findall(answer.casefold())]
    folded = text.casefold()
    return not words or any(word in folded for word in words)
