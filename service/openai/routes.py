"""The two routes an OpenAI client needs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from answering.stages import Searched, Stage
from answering.types import Ask
from service.bodies import described, json_body
from service.openai import schemas
from service.openai.chores import chore_reply
from service.openai.completions import Exchange
from service.openai.questions import check_answerable, to_chat_request
from service.openai.replies import Reply, reply_of
from service.problems import Refused
from service.schemas import ErrorBody
from service.state import Service, ServiceThere
from service.streaming import EVENTS, EventStream, Tell
from service.translation import to_ask, to_response

router = APIRouter()

Conversation = Annotated[
    schemas.ChatCompletionRequest,
    Depends(json_body(schemas.ChatCompletionRequest, lambda settings: settings.max_chat_body_bytes)),
]


@router.get("/v1/models", summary="List the models an OpenAI client can name")
async def list_models() -> schemas.ModelList:
    """There is one."""
    return schemas.ModelList(data=[schemas.Model()])


@router.post(
    "/v1/chat/completions",
    summary="Ask a question as an OpenAI client does",
    openapi_extra=described(schemas.ChatCompletionRequest),
    response_model=schemas.ChatCompletion,
    responses={
        HTTPStatus.OK.value: {"content": EVENTS},
        HTTPStatus.NOT_FOUND.value: {"model": ErrorBody},
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value: {"model": ErrorBody},
    },
)
async def complete(request: Request, service: ServiceThere, body: Conversation) -> schemas.ChatCompletion | Response:
    """The answer to the last user message, in Markdown."""
    if body.model != schemas.MODEL:
        raise Refused(
            HTTPStatus.NOT_FOUND,
            "unknown_model",
            f'model: there is no {body.model[:100]!r} here; expected "{schemas.MODEL}", the one GET /v1/models lists',
        )
    exchange = Exchange.begun(body)
    chore = chore_reply(body)
    if chore is not None:
        parts = exchange.opening(), *exchange.closing(Reply(chore), None)
        if body.stream:
            return Response(b"".join(parts), media_type="text/event-stream")
        return exchange.whole(Reply(chore), None)
    check_answerable(body)
    ask = to_ask(to_chat_request(body, service.settings), service.settings)
    base_url = service.settings.public_url or str(request.base_url)
    if body.stream:
        return _stream(service, ask, exchange, base_url)
    answerer, metrics = service.answerer, service.metrics
    outcome = await service.reading.run(request, lambda: metrics.counted(answerer.ask(ask)))
    response = to_response(outcome, ask, service.settings)
    return exchange.whole(reply_of(response, base_url), response)


def _stream(service: Service, ask: Ask, exchange: Exchange, base_url: str) -> EventStream:
    answerer, settings, metrics = service.answerer, service.settings, service.metrics

    def work(tell: Tell) -> None:
        def listener(stage: Stage) -> None:
            # OpenAI's streams know no stages; the second one is a comment.
            tell(exchange.opening() if isinstance(stage, Searched) else b": the passages are found\n\n")

        response = to_response(metrics.counted(answerer.ask(ask, listener)), ask, settings)
        for part in exchange.closing(reply_of(response, base_url), response):
            tell(part)

    return EventStream(service.reading, work, failed=None)
