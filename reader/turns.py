"""Reading in turns: the best passages first, the others only where they could still matter.

Once a span of the first turn is sure enough, a passage of the second turn can change the answer only by
being surer still, which is rare, but it can support the answer, by saying the same. So only those that
have a word of the answer in them are read. The threshold and what it costs are measured by
``evals.turns``. Copies, passages that say what others of the list say, can do nothing but support: one is
read if it mentions the best answer and its original's best span does, however sure the answer is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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


@dataclass(frozen=True, slots=True)
class Copy:
    """A passage that says what another one says, and that one's id."""

    passage: Passage
    original: str


class Reads(Protocol):
    """Whatever reads passages; ``reader.span_reader.SpanReader`` is one."""

    def read(self, question: str, passages: Sequence[Passage], /, *, per_passage: int = 3) -> list[list[Candidate]]:
        """Candidates of each passage, best first."""


def read_in_turns(
    reader: Reads,
    question: str,
    passages: Sequence[Passage],
    *,
    per_passage: int,
    turns: Turns,
    copies: Sequence[Copy] = (),
) -> list[list[Candidate]]:
    """Candidates of each passage, then of each copy, best first; none of what was not read.

    Args:
        reader: reads.
        question: what is asked.
        passages: the likeliest to answer first.
        per_passage: candidates per passage, at least 1.
        turns: how reading is divided.
        copies: passages that say what some of ``passages`` say.
    """

    def read(chosen: Sequence[Passage]) -> list[list[Candidate]]:
        return reader.read(question, chosen, per_passage=per_passage) if chosen else []

    found = read(passages[: turns.first])
    rest = passages[turns.first :]
    best = _best(found)
    if best is None or best.log_odds < turns.sure:
        found += read(rest)
        best = _best(found)
    else:
        found += _of_all(rest, [mentions(passage.text, best.text) for passage in rest], read)
    if best is None:
        return found + [[] for _ in copies]
    says = {each[0].passage.id for each in found if each and mentions(each[0].text, best.text)}
    wanted = [copy.original in says and mentions(copy.passage.text, best.text) for copy in copies]
    return found + _of_all([copy.passage for copy in copies], wanted, read)


def _of_all(
    passages: Sequence[Passage], wanted: Sequence[bool], read: Callable[[Sequence[Passage]], list[list[Candidate]]]
) -> list[list[Candidate]]:
    """What is read in the wanted ones, and nothing in the others, in the order of all."""
    found = iter(read([passage for passage, chosen in zip(passages, wanted, strict=True) if chosen]))
    return [next(found) if chosen else [] for chosen in wanted]


def _best(found: Sequence[Sequence[Candidate]]) -> Candidate | None:
    return max((candidate for each in found for candidate in each), key=lambda c: c.log_odds, default=None)


def mentions(text: str, answer: str) -> bool:
    """Whether a word of ``answer``, cut to its first letters, stands in ``text``; true of an answer without words."""
    words = [word[:_STEM_CHARS] for word in _WORD.findall(answer.casefold())]
    folded = text.casefold()
    return not words or any(word in folded for word in words)
