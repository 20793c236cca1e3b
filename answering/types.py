"""What an asker gets: an answer with citations, or the word that the articles do not say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from corpus.types import Span, Value
from retrieval.types import Filters, Hit

# The least confidence at which an answer is given where nobody says otherwise; the reader's card says why.
MIN_CONFIDENCE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of the conversation, as the client remembers it."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Ask(Value):
    """A question and how it is to be answered.

    Attributes:
        question: what the person typed.
        history: earlier turns, oldest first.
        filters: which articles may answer.
        max_citations: the most citations an answer carries, at least 1.
        min_confidence: the least confidence, 0 to 1, at which an answer is given; None leaves it to
            the settings.
        rewrite: whether a follow-up is made to stand alone by the history before it is searched.
        asked_on: the day that "this week" and the like are said on; None gives no article a day's advantage.
    """

    question: str
    history: tuple[Turn, ...] = ()
    filters: Filters = field(default_factory=Filters)
    max_citations: int = 5
    min_confidence: float | None = None
    rewrite: bool = True
    asked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and the place it stands in; ``before + quote + after`` is contiguous article text.

    Attributes:
        number: its place among the answer's citations, from 1.
        span: where the quote stands in the article's text.
        quote: exactly ``article.text[span.start:span.end]``.
        before, after: the rest of the sentence or sentences the quote stands in.
        article_sha256: digest of the article's text the offsets refer to.
    """

    number: int
    article_id: str
    title: str
    source: str | None
    url: str | None
    published: date | None
    span: Span
    quote: str
    before: str
    after: str
    article_sha256: str


class Features(NamedTuple):
    """What an answer's confidence is made of (``answering.certainty`` says how).

    Attributes:
        worth: what the passages that say it are worth together, in log-odds.
        others: what all other answers are worth together, in log-odds, at least -2.6.
        likeness: the cosine of the question and the passage that words it, -1 to 1.
    """

    worth: float
    others: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its words, how sure, every place that says it (at least one), and what it is sure by.

    ``features`` is None where something else than ``answering.certainty`` was sure: a peer in an evaluation.
    """

    text: str
    confidence: float
    citations: tuple[Citation, ...]
    features: Features | None = None


@dataclass(frozen=True, slots=True)
class Nearest:
    """A passage that came closest, shown when there is no answer; ``score`` 0 to 1, no probability."""

    article_id: str
    title: str
    span: Span
    text: str
    score: float


class Reason(StrEnum):
    """Why there is no answer."""

    EMPTY_INDEX = "empty_index"
    NO_HIT = "no_hit"
    NO_ANSWER_READ = "no_answer_read"
    LOW_CONFIDENCE = "low_confidence"


@dataclass(frozen=True, slots=True)
class Timings:
    """How long each part took, in milliseconds of wall time."""

    retrieve_ms: float
    read_ms: float
    total_ms: float


@dataclass(frozen=True, slots=True)
class Answered:
    """The articles say it.

    Attributes:
        question, searched: what was typed, and the stand-alone question that was searched.
        answer: the best answer; ``alternatives`` are others, best first.
        hits: the passages that were found, in the order of what the reader saw in them (for traces and evals).
        index: identity of the index's contents and its models; the same and the same question give the same answer.
    """

    question: str
    searched: str
    answer: Answer
    alternatives: tuple[Answer, ...]
    hits: tuple[Hit, ...]
    index: str
    timings: Timings


@dataclass(frozen=True, slots=True)
class NotFound:
    """The articles do not say it; ``reason`` and the nearest passages tell the person more.

    Attributes:
        unknown_words: words of the searched question that stand in no article, as they were typed.
    """

    question: str
    searched: str
    reason: Reason
    nearest: tuple[Nearest, ...]
    hits: tuple[Hit, ...]
    index: str
    timings: Timings
    unknown_words: tuple[str, ...] = ()


Outcome = Answered | NotFound
