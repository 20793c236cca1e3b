"""Ask every gold question, measure every outcome, sum up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from answering.types import Answered, Ask, Outcome
from corpus.types import Article
from evals.gold import GoldQuestion
from evals.measures import abstention, citation_is_exact, citations_hit, exact_match, f1, mean, percentile


class Asked(Protocol):
    """Whatever answers questions; ``answering.answerer.Answerer`` is one."""

    def ask(self, ask: Ask) -> Outcome:
        """Answer one question."""


@dataclass(frozen=True, slots=True)
class Row:
    """One gold question, what came back, and what that is worth.

    Attributes:
        answer: the answer's words; empty where nothing was answered.
        confidence: of the answer, 0 to 1; None where nothing was answered.
        reason: why nothing was answered, or the error.
        exact: whether every citation of the answer holds; False for a failure, None without an answer.
        hit: whether a citation touches the gold span; None for unanswerable questions.
        ms: wall time of the question, milliseconds.
    """

    id: str
    kind: str
    question: str
    gold: tuple[str, ...]
    status: Literal["answered", "not_found", "failed"]
    answer: str
    confidence: float | None
    reason: str | None
    em: float
    f1: float
    exact: bool | None
    hit: bool | None
    ms: float

    @property
    def answerable(self) -> bool:
        """Whether the articles answer the question."""
        return bool(self.gold)


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a run; shares are 0 to 1, and None where there was nothing to measure.

    A question that raised counts as the worst of each: no match, inexact, no hit, the wrong
    decision, and the time of the slowest question. ``failures`` says how many there were.

    Attributes:
        em, f1: over all questions; answering an unanswerable one is worth 0.
        answerable_em, answerable_f1: over the answerable ones.
        citation_exactness: answers of which every citation holds in its article.
        citation_hit: answerable questions with a citation that touches the gold span.
    """

    questions: int
    answerable: int
    failures: int
    em: float | None
    f1: float | None
    answerable_em: float | None
    answerable_f1: float | None
    citation_exactness: float | None
    citation_hit: float | None
    abstention_accuracy: float | None
    abstention_precision: float | None
    abstention_recall: float | None
    p50_ms: float | None
    p95_ms: float | None


def evaluate(answerer: Asked, questions: Sequence[GoldQuestion], articles: Mapping[str, Article]) -> Iterator[Row]:
    """Ask each question in turn; ``articles`` by id are what citations are held against."""
    for gold in questions:
        begun = time.perf_counter()
        try:
            outcome = answerer.ask(Ask(gold.question))
        except Exception as error:  # whatever it was, the run goes on and the question counts as failed
            yield failed(gold, error, _ms_since(begun))
        else:
            yield judge(gold, outcome, articles, _ms_since(begun))


def judge(gold: GoldQuestion, outcome: Outcome, articles: Mapping[str, Article], ms: float) -> Row:
    """What one outcome is worth."""
    answer = outcome.answer if isinstance(outcome, Answered) else None
    citations = answer.citations if answer else ()
    exact = bool(citations) and all(citation_is_exact(c, articles.get(c.article_id)) for c in citations)
    hit = gold.article is not None and gold.span is not None and citations_hit(citations, gold.article, gold.span)
    text = answer.text if answer else ""
    return Row(
        id=gold.id,
        kind=gold.kind,
        question=gold.question,
        gold=gold.answers,
        status="answered" if answer else "not_found",
        answer=text,
        confidence=answer.confidence if answer else None,
        reason=None if isinstance(outcome, Answered) else outcome.reason.value,
        em=exact_match(text, gold.answers),
        f1=f1(text, gold.answers),
        exact=exact if answer else None,
        hit=hit if gold.answerable else None,
        ms=ms,
    )


def failed(gold: GoldQuestion, error: Exception, ms: float) -> Row:
    """The row of a question that raised."""
    return Row(
        id=gold.id,
        kind=gold.kind,
        question=gold.question,
        gold=gold.answers,
        status="failed",
        answer="",
        confidence=None,
        reason=f"{type(error).__name__}: {error}",
        em=0.0,
        f1=0.0,
        exact=False,
        hit=False if gold.answerable else None,
        ms=ms,
    )


def summarise(rows: Sequence[Row]) -> Summary:
    """The figures of a run."""
    answerable = [row for row in rows if row.answerable]
    decided = abstention((row.answerable, _abstained(row)) for row in rows)
    slowest = max((row.ms for row in rows), default=0.0)
    times = [slowest if row.status == "failed" else row.ms for row in rows]
    return Summary(
        questions=len(rows),
        answerable=len(answerable),
        failures=sum(row.status == "failed" for row in rows),
        em=mean(row.em for row in rows),
        f1=mean(row.f1 for row in rows),
        answerable_em=mean(row.em for row in answerable),
        answerable_f1=mean(row.f1 for row in answerable),
        citation_exactness=mean(row.exact for row in rows if row.exact is not None),
        citation_hit=mean(row.hit for row in rows if row.hit is not None),
        abstention_accuracy=decided.accuracy,
        abstention_precision=decided.precision,
        abstention_recall=decided.recall,
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
    )


def _abstained(row: Row) -> bool:
    # A failure is the wrong decision whichever was right.
    return row.answerable if row.status == "failed" else row.status == "not_found"


def _ms_since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000
