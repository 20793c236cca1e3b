"""The address Prometheus asks."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Response

from service.metrics import CONTENT_TYPE
from service.state import ServiceThere

router = APIRouter()


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(service: ServiceThere) -> Response:
    """Counts since the start, and the state as it is; also before the service is ready."""
    gates = {"questions": service.reading, "changes": service.writing}
    store = service.answerer.store if service.is_ready else None
    return Response(await to_thread.run_sync(service.metrics.exposition, gates, store), media_type=CONTENT_TYPE)
