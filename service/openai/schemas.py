"""OpenAI's contract, as far as it means something here. docs/api.md says it in words, and a test compares them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_serializer

from service.schemas import AnsweredResponse, Day, Filters, NotFoundResponse, Response

MODEL = "pullquote"


class Request(BaseModel):
    """What a client sends. It has fields this service has no use for (temperature, …): they are let be."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class ContentPart(Request):
    """A part of a message: text, or what cannot be read here."""

    type: str
    text: str | None = None


class ChatMessage(Request):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None


class StreamOptions(Request):
    """What a stream tells beside the reply."""

    include_usage: bool | None = None


class ResponseFormat(Request):
    """The form the reply is to have."""

    type: str


class ChatCompletionRequest(Request):
    """A conversation whose last user message is the question."""

    messages: list[ChatMessage] = Field(min_length=1)
    model: str = MODEL
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    tool_choice: str | dict[str, Any] | None = None
    response_format: ResponseFormat | None = None
    filters: Filters = Field(default_factory=Filters)
    max_citations: int = Field(default=5, ge=1, le=20)
    min_confidence: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    rewrite: bool = True
    asked_on: Day | None = None


class Sparse(Response):
    """What it does not say is left out, not null: clients add the parts of a stream up by field."""

    @model_serializer(mode="wrap")
    def _sparse(self, whole: Callable[[Any], dict[str, Any]]):  # type: ignore[no-untyped-def] # OpenAPI would show it
        return {name: value for name, value in whole(self).items() if value is not None}


class UrlCitation(Response):
    """A link of the reply; the offsets are code points of the reply's text."""

    start_index: int
    end_index: int
    url: str
    title: str


class Annotation(Response):
    """Something to know about a part of the reply."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class ReplyMessage(Sparse):
    """The reply, or in a stream a part of it."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    annotations: list[Annotation] | None = None
    pullquote: AnsweredResponse | NotFoundResponse | None = None


class Usage(Response):
    """Words and signs, counted."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Choice(Response):
    """The one reply there is."""

    index: Literal[0] = 0
    message: ReplyMessage
    finish_reason: Literal["stop"] = "stop"


class ChatCompletion(Response):
    """The reply whole."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Choice]
    usage: Usage


class ChunkChoice(Response):
    """A part of the one reply there is."""

    index: Literal[0] = 0
    delta: ReplyMessage
    finish_reason: Literal["stop"] | None = None


class ChatCompletionChunk(Sparse):
    """A part of the reply."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str = MODEL
    choices: list[ChunkChoice]
    usage: Usage | None = None


class Model(Response):
    """A model that can be named."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = MODEL


class ModelList(Response):
    """The models that can be named."""

    object: Literal["list"] = "list"
    data: list[Model]
