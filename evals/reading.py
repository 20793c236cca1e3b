"""The reader alone: SQuAD questions, each with its own paragraph; no retrieval, no choice among passages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpus.errors import GoldError
from corpus.types import Article, Passage, Span
from evals.gold import GoldQuestion
from evals.measures import BestThreshold, best_threshold, exact_match, f1, mean
from evals.trust import Told, Trusts, trusts
from reader.turns import Reads
from reader.types import log_odds_of


@dataclass(frozen=True, slots=True)
class Reading:
    """One question's best span.

    Attributes:
        answer: the best span's characters; empty if the reader found none.
        confidence: the reader's; None if it found none.
        given: whether its confidence reaches the threshold, so that it would be answered.
    """

    gold: GoldQuestion
    answer: str
    confidence: float | None
    given: bool


@dataclass(frozen=True, slots=True)
class ReadingSummary:
    """The reader's figures, 0 to 1.

    Attributes:
        em, f1: of the best span, over the answerable questions (SQuAD 1.1's measure).
        with_null: SQuAD 2.0's measures; None where every question is answerable.
        trusts: what the confidence of the best spans is worth; None where no span was found.
    """

    questions: int
    answerable: int
    em: float | None
    f1: float | None
    with_null: NullSummary | None
    trusts: Trusts | None


@dataclass(frozen=True, slots=True)
class NullSummary:
    """SQuAD 2.0's measures, where an answer may be withheld.

    Attributes:
        em, f1: with the threshold that is shipped (``min_confidence``).
        has_answer_f1, no_answer_f1: the same over the answerable and the unanswerable questions.
        picked_em, picked_f1: each half of the questions (the even and the odd ones) with the threshold that is
            best for F1 on the other; None where there are fewer than two.
        best_f1, best_confidence: with the best of all thresholds, chosen on these questions: an upper bound, and
            what SQuAD's script calls best. ``best_confidence`` is None where the best is never to answer.
    """

    min_confidence: float
    em: float | None
    f1: float | None
    has_answer_f1: float | None
    no_answer_f1: float | None
    picked_em: float | None
    picked_f1: float | None
    best_f1: float
    best_confidence: float | None


def read_all(
    reader: Reads, questions: Sequence[GoldQuestion], articles: Mapping[str, Article], min_confidence: float
) -> Iterator[Reading]:
    """Read each question in its article, given whole: the reader windows what is too long for it.

    Raises:
        GoldError: if a question names no article.
    """
    for gold in questions:
        if gold.article is None:
            raise GoldError(f"gold question {gold.id}: article: expected the article to read it in, found none")
        article = articles[gold.article]
        whole = Span(0, len(article.text))
        found = reader.read(gold.question, [Passage(article.id, 0, whole, article.text, (whole,))])[0]
        best = max(found, key=lambda candidate: candidate.log_odds, default=None)
        if best is None:
            yield Reading(gold, "", None, given=False)
        else:
            yield Reading(gold, best.text, best.confidence, given=best.confidence >= min_confidence)


def summarise_reading(readings: Sequence[Reading], min_confidence: float) -> ReadingSummary:
    """The figures of a run."""
    answerable = [r for r in readings if r.gold.answerable]
    return ReadingSummary(
        questions=len(readings),
        answerable=len(answerable),
        em=mean(exact_match(r.answer, r.gold.answers) for r in answerable),
        f1=mean(f1(r.answer, r.gold.answers) for r in answerable),
        with_null=None if len(answerable) == len(readings) else _with_null(readings, min_confidence),
        trusts=trusts([_told(reading) for reading in readings]),
    )


def _told(reading: Reading) -> Told | None:
    if reading.confidence is None:
        return None
    golds = reading.gold.answers if reading.gold.answerable else ()
    overlap = f1(reading.answer, golds) if golds else 0.0
    return Told(log_odds_of(reading.confidence), overlap, bool(golds) and exact_match(reading.answer, golds) == 1)


def _with_null(readings: Sequence[Reading], min_confidence: float) -> NullSummary:
    said = [(r.answer if r.given else "", r.gold) for r in readings]
    picked = _picked(readings[::2], readings[1::2]) + _picked(readings[1::2], readings[::2])
    best = _best(readings)
    return NullSummary(
        min_confidence=min_confidence,
        em=mean(exact_match(text, gold.answers) for text, gold in said),
        f1=mean(f1(text, gold.answers) for text, gold in said),
        has_answer_f1=mean(f1(text, gold.answers) for text, gold in said if gold.answerable),
        no_answer_f1=mean(f1(text, gold.answers) for text, gold in said if not gold.answerable),
        picked_em=mean(exact_match(text, gold.answers) for text, gold in picked),
        picked_f1=mean(f1(text, gold.answers) for text, gold in picked),
        best_f1=best.f1,
        best_confidence=best.threshold if math.isfinite(best.threshold) else None,
    )


def _picked(judged: Sequence[Reading], others: Sequence[Reading]) -> list[tuple[str, GoldQuestion]]:
    """What is said to the ``judged`` questions with the threshold that is best on the ``others``."""
    if not others:
        return []
    threshold = _best(others).threshold
    return [(r.answer if _confidence(r) >= threshold else "", r.gold) for r in judged]


def _best(readings: Sequence[Reading]) -> BestThreshold:
    return best_threshold((_confidence(r), f1(r.answer, r.gold.answers), f1("", r.gold.answers)) for r in readings)


def _confidence(reading: Reading) -> float:
    return float("-inf") if reading.confidence is None else reading.confidence
