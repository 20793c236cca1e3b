"""A tiny corpus and an answerer that says what it is told to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from answering.types import Answer, Answered, Ask, Citation, NotFound, Outcome, Reason, Timings
from corpus.types import Article, Span
from evals.gold import GoldQuestion
from evals.ranking import Ranked
from evals.records import Record
from evals.runner import Row

TIMINGS = Timings(1.0, 2.0, 3.0)


@dataclass(frozen=True)
class Scripted:
    """Answers each question with the outcome, or the exception, that was written down for it."""

    script: Mapping[str, Outcome | BaseException]

    def ask(self, ask: Ask) -> Outcome:
        outcome = self.script[ask.question]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def cite(article: Article, quote: str, sentence: str) -> Citation:
    """An exact citation of the first ``quote`` in the first ``sentence``."""
    begin = article.text.index(sentence)
    start = article.text.index(quote, begin)
    span = Span(start, start + len(quote))
    return Citation(
        number=1,
        article_id=article.id,
        title=article.title,
        source=None,
        url=None,
        published=None,
        span=span,
        quote=quote,
        before=article.text[begin : span.start],
        after=article.text[span.end : begin + len(sentence)],
        article_sha256=article.sha256,
    )


def answered(citation: Citation, confidence: float = 0.9) -> Answered:
    answer = Answer(citation.quote, confidence, (citation,))
    return Answered("?", "?", answer, (), (), "index", TIMINGS)


def not_found() -> NotFound:
    return NotFound("?", "?", Reason.LOW_CONFIDENCE, (), (), "index", TIMINGS)


def gold(name: str, answer: str | None, article: Article, sentence: str = "") -> GoldQuestion:
    """A gold question that asks its own name; ``answer`` stands in ``sentence`` of the article."""
    if answer is None:
        return GoldQuestion(name, name, (), None, None, "absent")
    start = article.text.index(answer, article.text.index(sentence))
    return GoldQuestion(name, name, (answer,), article.id, Span(start, start + len(answer)), "fact")


@pytest.fixture
def bridge() -> Article:
    return Article("bridge", "The bridge", "The bridge 🌉 opened in 1932. It is 503 metres long.")


def row(name: str, *, em: float = 1.0, answer: str = "1932", confidence: float | None = 0.9) -> Row:
    """An answered question that is right unless ``em`` says otherwise."""
    return Row(
        id=name,
        kind="fact",
        question=f"{name}?",
        gold=("1932",),
        status="answered",
        answer=answer,
        confidence=confidence,
        reason=None,
        em=em,
        f1=em,
        exact=True,
        hit=True,
        precision=1.0,
        recall=1.0,
        ranked=Ranked(1, 1, 1, 1.0, 1.0),
        places=(),
        cited=(),
        ms=10.0,
    )


def record(*rows: Row) -> Record:
    """A run of ours with these rows."""
    settings = {"depth": 8, "workers": 1, "min_confidence": 0.3}
    return Record("pullquote", None, settings, {"gold": "g", "corpus": "c"}, {"python": "3"}, 0, rows)
