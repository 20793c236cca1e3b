"""What a page or a program wants to know about the articles, beside the answers themselves."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends

from answering.verifying import Claim, verify
from corpus.types import Span
from service import schemas
from service.bodies import described, json_body
from service.state import ServiceThere
from service.translation import to_sources
from service.types import Articles

router = APIRouter()

Claimed = Annotated[
    schemas.CitationClaim,
    Depends(json_body(schemas.CitationClaim, lambda settings: settings.max_chat_body_bytes)),
]


@router.get("/v1/sources", summary="List the sources")
async def list_sources(service: ServiceThere) -> schemas.SourceList:
    """What filters can name: every source with its number of articles, and the days of publication."""
    return to_sources(await to_thread.run_sync(service.answerer.store.sources))


@router.get("/v1/examples", summary="What can be asked?")
async def list_examples(service: ServiceThere) -> schemas.Examples:
    """A few questions that the articles are known to answer; made at the first call after the index changed."""
    return schemas.Examples(questions=await service.examples.questions(service.answerer, service.reading))


@router.post("/v1/verify", summary="Does a citation still hold?", openapi_extra=described(schemas.CitationClaim))
async def verify_citation(service: ServiceThere, body: Claimed) -> schemas.Verified:
    """Whether the quote stands where the citation says, elsewhere in its article, or not."""
    return await to_thread.run_sync(verified, body, service.answerer.store)


def verified(claim: schemas.CitationClaim, articles: Articles) -> schemas.Verified:
    """Whether a citation still holds, and where its quote stands now."""
    verdict = verify(
        Claim(
            claim.article_id,
            Span(claim.start, claim.end),
            claim.quote,
            claim.article_sha256,
            claim.before,
            claim.after,
        ),
        articles.article(claim.article_id),
    )
    place = verdict.span
    return schemas.Verified(
        status=verdict.status.value, start=place.start if place else None, end=place.end if place else None
    )
