"""What people say of answers, taken by HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from answering.feedback import Feedback, Place
from corpus.types import Span
from service import schemas
from service.bodies import described, json_body
from service.state import ServiceThere

router = APIRouter()

Said = Annotated[
    schemas.FeedbackRequest,
    Depends(json_body(schemas.FeedbackRequest, lambda settings: settings.max_chat_body_bytes)),
]


@router.post(
    "/v1/feedback",
    summary="Say whether an answer was right",
    status_code=HTTPStatus.CREATED,
    openapi_extra=described(schemas.FeedbackRequest),
    responses={HTTPStatus.INSUFFICIENT_STORAGE.value: {"model": schemas.ErrorBody}},
)
async def give_feedback(request: Request, service: ServiceThere, body: Said) -> schemas.FeedbackReceipt:
    """It is on disk when this answers; ``pullquote gold from-feedback`` turns it into gold."""
    said = Feedback(
        answer_id=body.id,
        question=body.question,
        verdict=body.verdict,
        answer=body.answer,
        citation=_place(body.citation),
        right_span=_place(body.right_span),
        note=body.note,
        asked_on=body.asked_on,
    )
    return schemas.FeedbackReceipt(id=await service.noting.run(request, lambda: service.feedback.add(said)))


def _place(place: schemas.FeedbackPlace | None) -> Place | None:
    return None if place is None else Place(place.article_id, Span(place.start, place.end), place.article_sha256)
