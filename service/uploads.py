"""A file of articles by HTTP: its bytes are read as indexing a folder would read them."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request

from corpus.errors import UnreadableFile
from corpus.loading import load_bytes
from service import schemas
from service.bodies import read_body
from service.state import ServiceThere
from service.types import Answerer

router = APIRouter()

_BYTES = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}


@router.put(
    "/v1/files/{name:path}",
    summary="Add or replace the articles of a file",
    openapi_extra=_BYTES,
    responses={HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value: {"model": schemas.ErrorBody}},
)
async def put_file(request: Request, service: ServiceThere, name: str) -> schemas.FileChange:
    """Every article of the file is put; rows of a ``.jsonl`` file that cannot be read are named."""
    answerer = service.answerer
    data = await read_body(request, service.settings.max_article_body_bytes)
    return await service.writing.run(request, lambda: put_articles(answerer, name, data))


def put_articles(answerer: Answerer, name: str, data: bytes) -> schemas.FileChange:
    """Put every article that the bytes of the file ``name`` hold.

    Raises:
        UnreadableFile: if they hold none, or no file can have the name.
    """
    articles: list[schemas.FileArticle] = []
    unreadable: list[UnreadableFile] = []
    for found in load_bytes(name, data):
        if isinstance(found, UnreadableFile):
            unreadable.append(found)
            continue
        article = found.article
        did = {"id": article.id, "title": article.title, "change": answerer.put(article), "sha256": article.sha256}
        articles.append(schemas.FileArticle.model_validate(did))
    if unreadable and not articles:
        raise unreadable[0]
    return schemas.FileChange(
        articles=articles,
        unreadable=[schemas.Unreadable(path=error.path, reason=error.reason) for error in unreadable],
    )
