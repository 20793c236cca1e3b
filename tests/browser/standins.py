"""Routes that the page asks for. Where the service has them, its own are reached first and these never."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from fastapi import APIRouter, Request, Response

from corpus.articles import article_from
from corpus.types import Article
from service.types import Answerer


def stand_ins(answerer: Answerer, examples: Sequence[str], feedback: list[dict[str, Any]]) -> APIRouter:
    """Examples, sources, files, verification and feedback; what is fed back is appended to ``feedback``."""
    router = APIRouter()

    def articles() -> list[Article]:
        found = (answerer.store.article(row.id) for row in answerer.store.articles())
        return [article for article in found if article is not None]

    @router.get("/v1/examples")
    def _examples() -> dict[str, Any]:
        return {"questions": list(examples)}

    @router.get("/v1/sources")
    def _sources() -> dict[str, Any]:
        names = sorted({article.source for article in articles() if article.source})
        days = sorted(article.published for article in articles() if article.published)
        return {
            "sources": [{"name": name, "articles": sum(a.source == name for a in articles())} for name in names],
            "published_from": days[0] if days else None,
            "published_to": days[-1] if days else None,
        }

    @router.put("/v1/files/{name}")
    async def _file(name: str, request: Request, response: Response) -> dict[str, Any]:
        if name.endswith(".pdf"):
            response.status_code = 422
            return {"error": {"code": "invalid_article", "message": f"{name}: no PDF that can be read"}}
        article = article_from(PurePosixPath(name).stem, (await request.body()).decode("utf-8"))
        change = answerer.put(article)
        return {"articles": [{"id": article.id, "title": article.title, "change": change, "sha256": article.sha256}]}

    @router.post("/v1/verify")
    async def _verify(request: Request) -> dict[str, Any]:
        citation = await request.json()
        article = answerer.store.article(citation["article_id"])
        if article is None:
            return {"status": "missing", "start": None, "end": None}
        start = article.text.find(citation["quote"])
        if start < 0:
            return {"status": "changed", "start": None, "end": None}
        return {
            "status": "exact" if article.sha256 == citation["article_sha256"] else "moved",
            "start": start,
            "end": start + len(citation["quote"]),
        }

    @router.post("/v1/feedback", status_code=201)
    async def _feedback(request: Request) -> dict[str, Any]:
        feedback.append(await request.json())
        return {"id": str(len(feedback))}

    return router
