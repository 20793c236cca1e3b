"""Ask every gold question and judge every outcome."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

from answering.types import Answered, Ask, Features, Outcome
from corpus.splitting import split
from corpus.types import Article, Span
from evals.gold import GoldQuestion
from evals.measures import citation_is_exact, exact_match, f1
from evals.ranking import WORST, Ranked, citation_precision, citation_recall, rank_gold


class Asked(Protocol):
    """Whatever answers questions; ``answering.answerer.Answerer`` is one."""

    def ask(self, ask: Ask) -> Outcome:
        """Answer one question."""


@dataclass(frozen=True, slots=True)
class Place:
    """A span of an article, in code points."""

    article: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """One gold question, what came back, and what that is worth.

    Attributes:
        answer: the answer's words; empty where nothing was answered.
        confidence: of the answer, 0 to 1; None where nothing was answered.
        reason: why nothing was answered, or the error.
        exact: whether every citation of the answer holds; False for a failure, None without an answer.
        hit: whether a citation touches a gold span; None for unanswerable questions.
        precision: the share of citations that touch a gold span; None where nothing was answered.
        recall: the share of gold spans that a citation touches; None for unanswerable questions.
        ranked: how well the gold was retrieved; None for unanswerable questions.
        places, cited: the gold spans and the citations' spans.
        ms: wall time of the question, milliseconds.
        similarity: cosine of the answer and the nearest gold answer; None where it was not asked for.
        features: what the confidence is made of, to four digits; None where nothing was answered, or by a peer.
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
    precision: float | None
    recall: float | None
    ranked: Ranked | None
    places: tuple[Place, ...]
    cited: tuple[Place, ...]
    ms: float
    similarity: float | None = None
    features: Features | None = None

    @property
    def answerable(self) -> bool:
        """Whether the articles answer the question."""
        return bool(self.gold)


def plain_ask(gold: GoldQuestion) -> Ask:
    """The question as a person puts it: on its day, after its history, to all articles, with the settings' bar."""
    return Ask(gold.question, gold.history, asked_on=gold.asked_on)


def gold_places(gold: GoldQuestion) -> tuple[tuple[str, Span], ...]:
    """Where gold says the answer stands."""
    return () if gold.article is None or gold.span is None else ((gold.article, gold.span),)


def evaluate(
    answerer: Asked,
    questions: Sequence[GoldQuestion],
    articles: Mapping[str, Article],
    *,
    asking: Callable[[GoldQuestion], Ask] = plain_ask,
    workers: int = 1,
) -> Generator[Row, None, None]:
    """Ask every question; rows come in the order of the questions, each when it and those before it are done.

    Args:
        answerer: safe to share between threads where ``workers`` is above 1.
        questions: asked from first to last.
        articles: by id, what citations are held against.
        asking: how a gold question is put.
        workers: questions asked side by side. The answers are the same; the times are those of a busy machine.
    """

    def one(gold: GoldQuestion) -> Row:
        begun = time.perf_counter()
        try:
            outcome = answerer.ask(asking(gold))
        except Exception as error:  # whatever it was, the run goes on and the question counts as failed
            return failed(gold, error, _ms_since(begun))
        return judge(gold, outcome, articles, _ms_since(begun))

    if workers == 1:
        yield from map(one, questions)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        waiting: deque[Future[Row]] = deque()
        for gold in questions:
            waiting.append(pool.submit(one, gold))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def judge(gold: GoldQuestion, outcome: Outcome, articles: Mapping[str, Article], ms: float) -> Row:
    """What one outcome is worth."""
    answer = outcome.answer if isinstance(outcome, Answered) else None
    citations = answer.citations if answer else ()
    exact = bool(citations) and all(citation_is_exact(c, articles.get(c.article_id)) for c in citations)
    places = gold_places(gold)
    recall = citation_recall(citations, places) or 0.0
    text = answer.text if answer else ""
    relevant = sum(p.span.overlaps(s) for a, s in places if a in articles for p in split(articles[a]))
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
        hit=recall > 0 if gold.answerable else None,
        precision=(citation_precision(citations, places) or 0.0) if answer else None,
        recall=recall if gold.answerable else None,
        ranked=rank_gold(outcome.hits, places, gold.answers, relevant) if gold.answerable else None,
        places=_flat(places),
        cited=_flat((c.article_id, c.span) for c in citations),
        ms=ms,
        features=Features(*(round(value, 4) for value in answer.features)) if answer and answer.features else None,
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
        precision=0.0,
        recall=0.0 if gold.answerable else None,
        ranked=WORST if gold.answerable else None,
        places=_flat(gold_places(gold)),
        cited=(),
        ms=ms,
    )


def _flat(places: Iterable[tuple[str, Span]]) -> tuple[Place, ...]:
    return tuple(Place(article, span.start, span.end) for article, span in places)


def _ms_since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000
