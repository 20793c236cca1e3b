"""A reply in OpenAI's words: whole, or the parts of a stream."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from service.openai import schemas
from service.openai.questions import text_of
from service.openai.replies import Reply
from service.schemas import AnsweredResponse, NotFoundResponse
from service.streaming import event

_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the reply to it.

    Attributes:
        id: of the reply; every part of a stream carries it.
        created: seconds since 1970.
        prompt_tokens: words and signs of all messages.
        tells_usage: whether a stream ends with the usage.
    """

    id: str
    created: int
    prompt_tokens: int
    tells_usage: bool

    @classmethod
    def begun(cls, request: schemas.ChatCompletionRequest) -> Exchange:
        """The exchange that begins with ``request``, now."""
        return cls(
            id=f"chatcmpl-{uuid.uuid4().hex}",
            created=int(time.time()),
            prompt_tokens=sum(tokens(text_of(each)) for each in request.messages),
            tells_usage=request.stream_options is not None and bool(request.stream_options.include_usage),
        )

    def whole(self, reply: Reply, response: AnsweredResponse | NotFoundResponse | None) -> schemas.ChatCompletion:
        """The reply in one piece; ``response`` is what stands behind it, if it is an answer."""
        return schemas.ChatCompletion(
            id=self.id,
            created=self.created,
            choices=[schemas.Choice(message=_message(reply, response, role="assistant"))],
            usage=self._usage(reply),
        )

    def opening(self) -> bytes:
        """The part of a stream that says that a reply will come."""
        return self._part(schemas.ReplyMessage(role="assistant", content=""))

    def closing(self, reply: Reply, response: AnsweredResponse | NotFoundResponse | None) -> Iterator[bytes]:
        """The parts of a stream after that: an answer is there at once, so its reply is one part."""
        yield self._part(_message(reply, response))
        yield self._part(schemas.ReplyMessage(), finish_reason="stop")
        if self.tells_usage:
            yield event(None, self._chunk([], self._usage(reply)))
        yield b"data: [DONE]\n\n"

    def _part(self, delta: schemas.ReplyMessage, finish_reason: Literal["stop"] | None = None) -> bytes:
        return event(None, self._chunk([schemas.ChunkChoice(delta=delta, finish_reason=finish_reason)]))

    def _chunk(
        self, choices: list[schemas.ChunkChoice], usage: schemas.Usage | None = None
    ) -> schemas.ChatCompletionChunk:
        return schemas.ChatCompletionChunk(id=self.id, created=self.created, choices=choices, usage=usage)

    def _usage(self, reply: Reply) -> schemas.Usage:
        said = tokens(reply.text)
        return schemas.Usage(
            prompt_tokens=self.prompt_tokens, completion_tokens=said, total_tokens=self.prompt_tokens + said
        )


def tokens(text: str) -> int:
    """How many words and signs; clients want a number, and no model's tokens are used up here."""
    return sum(1 for _ in _TOKEN.finditer(text))


def _message(
    reply: Reply, response: AnsweredResponse | NotFoundResponse | None, role: Literal["assistant"] | None = None
) -> schemas.ReplyMessage:
    return schemas.ReplyMessage(
        role=role, content=reply.text, annotations=list(reply.annotations) or None, pullquote=response
    )
