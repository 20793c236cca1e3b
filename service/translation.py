"""Between the contract's words and the answering part's values."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from answering.stages import Found
from answering.timeliness import counted_day
from answering.types import Answer, Answered, Ask, Citation, Nearest, Outcome, Timings, Turn
from corpus.errors import QuestionError
from corpus.text import normalise
from corpus.types import Article
from retrieval.types import Filters
from service import schemas
from service.problems import invalid
from service.settings import Settings

if TYPE_CHECKING:
    from retrieval.articles import ArticleRow, Sources


def checked_question(question: str, settings: Settings) -> str:
    """``question`` itself, if it can be asked.

    Raises:
        QuestionError: if nothing in it can be seen, or it is too long.
    """
    if len(question) > settings.max_question_chars:
        raise QuestionError(
            f"question: {len(question)} characters are too many; expected at most {settings.max_question_chars}"
        )
    # Unicode's categories C (control) and Z (separators) leave no mark on the page.
    if all(unicodedata.category(character)[0] in "CZ" for character in question):
        raise QuestionError("question: there is nothing in it; expected a question in words")
    return question


def to_ask(request: schemas.ChatRequest, settings: Settings) -> Ask:
    """The question of a request.

    Raises:
        QuestionError: if it cannot be asked.
        Refused: 422 if the history is too long.
    """
    question = checked_question(request.question, settings)
    if len(request.history) > settings.max_history_turns:
        raise invalid(
            f"history: {len(request.history)} turns are too many; expected the last {settings.max_history_turns}"
        )
    history_chars = sum(len(turn.content) for turn in request.history)
    if history_chars > settings.max_history_chars:
        raise invalid(
            f"history: {history_chars} characters are too many; expected at most {settings.max_history_chars}"
        )
    asked = request.filters
    return Ask(
        question=question,
        history=tuple(Turn(turn.role, turn.content) for turn in request.history),
        filters=Filters(tuple(asked.articles), tuple(asked.sources), asked.published_from, asked.published_to),
        max_citations=request.max_citations,
        min_confidence=request.min_confidence,
        rewrite=request.rewrite,
        asked_on=request.asked_on,
    )


def to_response(outcome: Outcome, ask: Ask, settings: Settings) -> schemas.AnsweredResponse | schemas.NotFoundResponse:
    """The response to ``ask``."""
    day = counted_day(outcome.searched, ask.asked_on)
    identity = _identity(outcome, ask, day, settings)
    if isinstance(outcome, Answered):
        return schemas.AnsweredResponse(
            id=identity,
            question=outcome.question,
            searched=outcome.searched,
            asked_on=day,
            answer=outcome.answer.text,
            confidence=_rounded(outcome.answer.confidence),
            citations=[_citation(each) for each in outcome.answer.citations],
            alternatives=[_alternative(each) for each in outcome.alternatives],
            nearest=[],
            index=outcome.index,
            timings_ms=_timings(outcome.timings),
        )
    return schemas.NotFoundResponse(
        id=identity,
        question=outcome.question,
        searched=outcome.searched,
        asked_on=day,
        citations=[],
        alternatives=[],
        reason=outcome.reason,
        nearest=[_nearest(each) for each in outcome.nearest],
        unknown_words=list(outcome.unknown_words),
        index=outcome.index,
        timings_ms=_timings(outcome.timings),
    )


def to_found(found: Found) -> schemas.HitsEvent:
    """The passages found, without their text."""
    return schemas.HitsEvent(
        hits=[
            schemas.FoundPassage(
                article_id=each.article_id,
                title=each.title,
                start=each.span.start,
                end=each.span.end,
                score=_rounded(each.score),
            )
            for each in found.passages
        ]
    )


def to_list(rows: Sequence[ArticleRow], page: schemas.Page) -> schemas.ArticleList:
    """The ``page`` of those ``rows`` whose id, title or source holds what is searched, case set aside."""
    wanted = normalise(page.search).casefold()
    rows = [row for row in rows if any(wanted in (part or "").casefold() for part in (row.id, row.title, row.source))]
    return schemas.ArticleList(
        articles=[
            schemas.ArticleSummary(
                id=row.id,
                title=row.title,
                source=row.source,
                url=row.url,
                published=row.published,
                chars=row.chars,
                passages=row.passages,
                same_story=list(row.same_story),
            )
            for row in rows[page.offset : page.offset + page.limit]
        ],
        total=len(rows),
        limit=page.limit,
        offset=page.offset,
        search=page.search,
    )


def to_sources(found: Sources) -> schemas.SourceList:
    """Who published the articles, and when."""
    sources = [schemas.Source(name=name, articles=count) for name, count in found.articles.items()]
    return schemas.SourceList(sources=sources, published_from=found.first, published_to=found.last)


def to_text(article: Article) -> schemas.ArticleText:
    """An article whole."""
    return schemas.ArticleText(
        id=article.id,
        title=article.title,
        source=article.source,
        url=article.url,
        published=article.published,
        chars=len(article.text),
        sha256=article.sha256,
        text=article.text,
    )


def to_change(article: Article, change: str) -> schemas.ArticleChange:
    """What putting ``article`` did."""
    return schemas.ArticleChange.model_validate({"id": article.id, "change": change, "sha256": article.sha256})


def _identity(outcome: Outcome, ask: Ask, day: date | None, settings: Settings) -> str:
    """SHA-256 over all that decides an answer: the index, what was searched, and how."""
    least = settings.min_confidence if ask.min_confidence is None else ask.min_confidence
    parts = [outcome.index, outcome.searched, asdict(ask.filters), ask.max_citations, least, settings.top_k, day]
    return hashlib.sha256(json.dumps(parts, default=date.isoformat).encode("ascii")).hexdigest()


def _citation(citation: Citation) -> schemas.Citation:
    return schemas.Citation(
        number=citation.number,
        article_id=citation.article_id,
        title=citation.title,
        source=citation.source,
        url=citation.url,
        published=citation.published,
        start=citation.span.start,
        end=citation.span.end,
        quote=citation.quote,
        before=citation.before,
        after=citation.after,
        article_sha256=citation.article_sha256,
    )


def _alternative(answer: Answer) -> schemas.Alternative:
    return schemas.Alternative(
        answer=answer.text,
        confidence=_rounded(answer.confidence),
        citations=[_citation(each) for each in answer.citations],
    )


def _nearest(nearest: Nearest) -> schemas.NearestPassage:
    return schemas.NearestPassage(
        article_id=nearest.article_id,
        title=nearest.title,
        start=nearest.span.start,
        end=nearest.span.end,
        text=nearest.text,
        score=_rounded(nearest.score),
    )


def _timings(timings: Timings) -> schemas.Timings:
    return schemas.Timings(
        retrieve=round(timings.retrieve_ms, 1), read=round(timings.read_ms, 1), total=round(timings.total_ms, 1)
    )


def _rounded(score: float) -> float:
    return round(score, 4)
