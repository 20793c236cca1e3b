"""The routes under /v1, and the two that say how the service is."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from corpus.articles import article_from
from corpus.errors import UnknownArticle
from service import schemas
from service.bodies import described, json_body
from service.state import ServiceThere
from service.streaming import EVENTS, EventStream, chat_stream
from service.translation import to_ask, to_change, to_list, to_response, to_text

router = APIRouter()

Question = Annotated[
    schemas.ChatRequest, Depends(json_body(schemas.ChatRequest, lambda settings: settings.max_chat_body_bytes))
]
NewArticle = Annotated[
    schemas.ArticleRequest, Depends(json_body(schemas.ArticleRequest, lambda settings: settings.max_article_body_bytes))
]


def _errors(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    return {status.value: {"model": schemas.ErrorBody} for status in statuses}


@router.post(
    "/v1/chat",
    summary="Ask a question",
    openapi_extra=described(schemas.ChatRequest),
    response_model=schemas.ChatResponse,
    responses={HTTPStatus.OK.value: {"content": EVENTS}, **_errors(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)},
)
async def chat(
    request: Request, service: ServiceThere, body: Question
) -> schemas.AnsweredResponse | schemas.NotFoundResponse | EventStream:
    """One answer with its citations, or ``not_found`` with the passages that came nearest."""
    ask = to_ask(body, service.settings)
    if body.stream:
        return chat_stream(service, ask)
    answerer, metrics = service.answerer, service.metrics
    outcome = await service.reading.run(request, lambda: metrics.counted(answerer.ask(ask)))
    return to_response(outcome, ask, service.settings)


@router.get("/v1/articles", summary="List the articles")
async def list_articles(service: ServiceThere, page: Annotated[schemas.Page, Query()]) -> schemas.ArticleList:
    """A page of the articles, by id."""
    rows = await to_thread.run_sync(service.answerer.store.articles)
    return to_list(rows, page)


@router.get("/v1/articles/{article_id:path}", summary="Read an article", responses=_errors(HTTPStatus.NOT_FOUND))
async def read_article(service: ServiceThere, article_id: str) -> schemas.ArticleText:
    """An article with the text every offset refers to."""
    found = await to_thread.run_sync(service.answerer.store.article, article_id)
    if found is None:
        raise _unknown(article_id)
    return to_text(found)


@router.put(
    "/v1/articles/{article_id:path}",
    summary="Add or replace an article",
    openapi_extra=described(schemas.ArticleRequest),
    responses={
        HTTPStatus.CREATED.value: {"model": schemas.ArticleChange},
        **_errors(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    },
)
async def put_article(
    request: Request, response: Response, service: ServiceThere, article_id: str, body: NewArticle
) -> schemas.ArticleChange:
    """201 if it was added, 200 if one with its id was there."""
    answerer = service.answerer

    def put() -> schemas.ArticleChange:
        article = article_from(
            article_id, body.text, title=body.title, source=body.source, url=body.url, published=body.published
        )
        return to_change(article, answerer.put(article))

    done = await service.writing.run(request, put)
    response.status_code = HTTPStatus.CREATED if done.change == "added" else HTTPStatus.OK
    return done


@router.delete(
    "/v1/articles/{article_id:path}",
    summary="Remove an article",
    status_code=HTTPStatus.NO_CONTENT,
    responses=_errors(HTTPStatus.NOT_FOUND),
)
async def delete_article(request: Request, service: ServiceThere, article_id: str) -> None:
    """It is answered from no more."""
    answerer = service.answerer
    if not await service.writing.run(request, lambda: answerer.delete(article_id)):
        raise _unknown(article_id)


@router.get("/healthz", summary="Does the process answer?")
async def healthz() -> schemas.Alive:
    """200 as long as it does."""
    return schemas.Alive()


@router.get("/readyz", summary="Are questions answered?")
async def readyz(service: ServiceThere) -> schemas.Ready:
    """200 once the index is open and the models are warm, 503 before."""
    answerer = service.answerer
    return schemas.Ready(index=await to_thread.run_sync(lambda: answerer.index_id))


def _unknown(article_id: str) -> UnknownArticle:
    return UnknownArticle(f"no article in the index has the id {article_id[:200]!r}; GET /v1/articles lists them")
