"""Two pipelines, the same questions, one run: asked in turns, so that noise falls on both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from answering.types import Answered, Ask
from evals.gold import GoldQuestion
from evals.measures import exact_match, f1, mean, percentile
from evals.runner import Asked


@dataclass(frozen=True, slots=True)
class Said:
    """What a contestant said.

    Attributes:
        text: its answer; empty where it withheld one.
        insisted: what it says when it may not withhold an answer; asked for outside the timed part.
    """

    text: str
    insisted: Callable[[], str]


class Contestant(Protocol):
    """A pipeline that has indexed the articles and answers questions."""

    def ask(self, question: str) -> Said:
        """Answer one question."""


class Ours:
    """Pullquote as a contestant."""

    def __init__(self, answerer: Asked) -> None:
        self._answerer = answerer

    def ask(self, question: str) -> Said:
        """The answer as shipped; insisting asks again with no least confidence."""
        text = self._text(Ask(question))
        return Said(text, lambda: text or self._text(Ask(question, min_confidence=0.0)))

    def _text(self, ask: Ask) -> str:
        outcome = self._answerer.ask(ask)
        return outcome.answer.text if isinstance(outcome, Answered) else ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question put to one contestant: what it said and how long that took; failed if it raised."""

    gold: GoldQuestion
    said: str
    insisted: str
    ms: float
    failed: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """One contestant's figures; shares are 0 to 1. A question that raised counts as the worst of each.

    Attributes:
        em, f1: as it is shipped; over all questions.
        insisted_em, insisted_f1: over the answerable questions, when it may not withhold an answer.
    """

    questions: int
    failures: int
    em: float | None
    f1: float | None
    insisted_em: float | None
    insisted_f1: float | None
    p50_ms: float | None
    p95_ms: float | None


def in_turns(contestants: Sequence[Contestant], questions: Iterable[GoldQuestion]) -> Iterator[tuple[Turn, ...]]:
    """Put each question to every contestant; who goes first changes with every question.

    Yields one turn per contestant, in the order of ``contestants``.
    """
    for number, gold in enumerate(questions):
        shift = number % len(contestants)
        order = [*range(shift, len(contestants)), *range(shift)]
        turns = {at: _turn(contestants[at], gold) for at in order}
        yield tuple(turns[at] for at in range(len(contestants)))


def _turn(contestant: Contestant, gold: GoldQuestion) -> Turn:
    begun = time.perf_counter()
    try:
        said = contestant.ask(gold.question)
        ms = (time.perf_counter() - begun) * 1000
        return Turn(gold, said.text, said.insisted(), ms, failed=False)
    except Exception:  # whatever it was, the run goes on and the question counts as failed
        return Turn(gold, "", "", (time.perf_counter() - begun) * 1000, failed=True)


def figures(turns: Sequence[Turn]) -> Figures:
    """Sum up one contestant's turns."""
    answerable = [turn for turn in turns if turn.gold.answerable]
    slowest = max((turn.ms for turn in turns), default=0.0)
    times = [slowest if turn.failed else turn.ms for turn in turns]
    return Figures(
        questions=len(turns),
        failures=sum(turn.failed for turn in turns),
        em=mean(0.0 if t.failed else exact_match(t.said, t.gold.answers) for t in turns),
        f1=mean(0.0 if t.failed else f1(t.said, t.gold.answers) for t in turns),
        insisted_em=mean(exact_match(t.insisted, t.gold.answers) for t in answerable),
        insisted_f1=mean(f1(t.insisted, t.gold.answers) for t in answerable),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
    )
