"""The HTTP contract: what comes in and what goes out. docs/api.md says it in words, and a test compares them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from answering.types import Reason


def _iso_day(value: object) -> object:
    # Pydantic alone would also take a time of day, or seconds since 1970, for a date.
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII)):
        return value
    raise ValueError("expected a date as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_iso_day), Field(strict=False)]
Name = Annotated[str, Field(min_length=1, max_length=1_000)]


class Request(BaseModel):
    """What a client sends: no unknown fields, and no number where a text is expected."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Response(BaseModel):
    """What a client gets."""

    model_config = ConfigDict(frozen=True)


class Turn(Request):
    """One earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    content: str


class Filters(Request):
    """Which articles may answer; an empty field leaves all of them."""

    articles: list[Name] = Field(default=[], max_length=1_000, description="article ids")
    sources: list[Name] = Field(default=[], max_length=1_000, description="sources, exactly as the articles carry them")
    published_from: Day | None = Field(default=None, description="first day, included")
    published_to: Day | None = Field(default=None, description="last day, included")

    @model_validator(mode="after")
    def _in_order(self) -> Filters:
        if self.published_from and self.published_to and self.published_from > self.published_to:
            raise ValueError("expected published_from to be no later than published_to")
        return self


class ChatRequest(Request):
    """A question and how it is to be answered."""

    question: str
    history: list[Turn] = Field(default=[], description="earlier turns, oldest first")
    filters: Filters = Field(default_factory=Filters)
    max_citations: int = Field(default=5, ge=1, le=20)
    min_confidence: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    stream: bool = Field(default=False, description="answer in server-sent events, stage by stage")
    rewrite: bool = Field(default=True, description="follow-ups are made to stand alone by the history")
    asked_on: Day | None = Field(default=None, description='the day that "this week" and the like are said on')


class Citation(Response):
    """A quote and where it stands; ``before + quote + after`` is contiguous text of the article."""

    number: int = Field(ge=1)
    article_id: str
    title: str
    source: str | None
    url: str | None
    published: date | None
    start: int = Field(description="first code point of the quote in the article's text")
    end: int = Field(description="the code point after its last")
    quote: str
    before: str
    after: str
    article_sha256: str


class Alternative(Response):
    """Another answer."""

    answer: str
    confidence: float
    citations: list[Citation]


class NearestPassage(Response):
    """A passage that came close to the question."""

    article_id: str
    title: str
    start: int
    end: int
    text: str
    score: float


class Timings(Response):
    """Wall time in milliseconds."""

    retrieve: float
    read: float
    total: float


class AnsweredResponse(Response):
    """The articles say it."""

    id: str
    status: Literal["answered"] = "answered"
    question: str
    searched: str
    asked_on: date | None = Field(description="the day of asking, where the question speaks of now")
    answer: str
    confidence: float
    citations: list[Citation]
    alternatives: list[Alternative]
    nearest: list[NearestPassage]
    index: str
    timings_ms: Timings


class NotFoundResponse(Response):
    """The articles do not say it."""

    id: str
    status: Literal["not_found"] = "not_found"
    question: str
    searched: str
    asked_on: date | None = Field(description="the day of asking, where the question speaks of now")
    answer: None = None
    confidence: None = None
    citations: list[Citation]
    alternatives: list[Alternative]
    reason: Reason
    nearest: list[NearestPassage]
    unknown_words: list[str]
    index: str
    timings_ms: Timings


ChatResponse = Annotated[AnsweredResponse | NotFoundResponse, Field(discriminator="status")]


class SearchedEvent(Response):
    """In a stream: what is searched now."""

    searched: str


class FoundPassage(Response):
    """A passage that is read now."""

    article_id: str
    title: str
    start: int
    end: int
    score: float


class HitsEvent(Response):
    """In a stream: the passages found, best first."""

    hits: list[FoundPassage]


class ArticleRequest(Request):
    """An article to put; what is left out is looked for in the text's head."""

    text: Annotated[str, Field(min_length=1)]
    title: Name | None = None
    source: Name | None = None
    url: Annotated[str, Field(max_length=2_000, pattern=r"^https?://\S+$")] | None = None
    published: Day | None = None


class ArticleChange(Response):
    """What putting an article did."""

    id: str
    change: Literal["added", "changed", "unchanged"]
    sha256: str


class ArticleSummary(Response):
    """An article in the list."""

    id: str
    title: str
    source: str | None
    url: str | None
    published: date | None
    chars: int
    passages: int
    same_story: list[str]


class ArticleList(Response):
    """A page of the list of articles, by id."""

    articles: list[ArticleSummary]
    total: int
    limit: int
    offset: int
    search: str


class Source(Response):
    """Who published articles."""

    name: str
    articles: int


class SourceList(Response):
    """What filters can name: the sources, and the days between which the articles were published."""

    sources: list[Source]
    published_from: date | None
    published_to: date | None


class Unreadable(Response):
    """What of a file could not be read."""

    path: str
    reason: str


class FileArticle(Response):
    """What putting an article of a file did."""

    id: str
    title: str
    change: Literal["added", "changed", "unchanged"]
    sha256: str


class FileChange(Response):
    """What putting a file did."""

    articles: list[FileArticle]
    unreadable: list[Unreadable]


class CitationClaim(Request):
    """A citation to verify. One of an answer may be sent as it is: its other fields are not looked at."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    article_id: Name
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: Annotated[str, Field(min_length=1)]
    article_sha256: str
    before: str = ""
    after: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> CitationClaim:
        if self.end < self.start:
            raise ValueError("expected end to be no less than start")
        return self


class Verified(Response):
    """Whether a citation still holds, and where its quote stands now."""

    status: Literal["exact", "moved", "changed", "missing"]
    start: int | None
    end: int | None


class Examples(Response):
    """Questions that the articles are known to answer."""

    questions: list[str]


class ArticleText(Response):
    """An article with the text every offset refers to."""

    id: str
    title: str
    source: str | None
    url: str | None
    published: date | None
    chars: int
    sha256: str
    text: str


class FeedbackPlace(Request):
    """A span of an article."""

    article_id: Name
    start: int = Field(ge=0)
    end: int
    article_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _not_empty(self) -> FeedbackPlace:
        if self.end <= self.start:
            raise ValueError("expected end to lie behind start")
        return self


class FeedbackRequest(Request):
    """What a person says of an answer."""

    id: str = Field(min_length=1, max_length=100, description="the response's id")
    question: str = Field(min_length=1, max_length=10_000)
    verdict: Literal["right", "wrong"]
    answer: str | None = Field(default=None, max_length=10_000)
    citation: FeedbackPlace | None = None
    right_span: FeedbackPlace | None = Field(default=None, description="where the right answer stands")
    note: str | None = Field(default=None, max_length=10_000)
    asked_on: Day | None = Field(default=None, description="the response's asked_on")


class FeedbackReceipt(Response):
    """It is stored."""

    id: str


class Page(BaseModel):
    """Which part of a list is asked for; from a query, so its numbers come as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=100, ge=1, le=1_000)
    offset: int = Field(default=0, ge=0)
    search: str = Field(default="", max_length=1_000, description="what id, title or source must hold")


class Alive(Response):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(Response):
    """Questions are answered."""

    status: Literal["ready"] = "ready"
    index: str


class ErrorDetail(Response):
    """What went wrong: ``code`` for programs, ``message`` for people."""

    code: str
    message: str


class ErrorBody(Response):
    """The body of every error."""

    error: ErrorDetail
