"""The application: the routes, the page, the errors and the guard, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service import feedback, lookups, monitoring, schemas, uploads
from service.guard import Guard
from service.metrics import Meter, Metrics
from service.openai import routes as openai_routes
from service.openai.schemas import ChatCompletionRequest
from service.pages import page_router
from service.problems import handle_problems
from service.routes import router
from service.settings import Settings
from service.state import Service, State
from service.types import Answerer
from service.version import installed_version

_ERRORS_ANYWHERE = (
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def create_app(settings: Settings, answerer: Callable[[], Answerer]) -> FastAPI:
    """The application; ``answerer`` is called once, in the background, when it starts."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        service = Service(settings, metrics)
        async with service.opened(answerer):
            yield {"service": service}

    app = FastAPI(
        title="Pullquote",
        version=installed_version(),
        lifespan=lifespan,
        responses={status.value: {"model": schemas.ErrorBody} for status in _ERRORS_ANYWHERE},
        # FastAPI's interactive pages load their scripts from elsewhere; nothing here does.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.include_router(router)
    app.include_router(openai_routes.router)
    app.include_router(uploads.router)
    app.include_router(lookups.router)
    app.include_router(feedback.router)
    app.include_router(monitoring.router)
    app.include_router(page_router())
    handle_problems(app)
    app.add_middleware(Guard, settings=settings)
    # Added last, it is outermost: what the guard refuses is counted too.
    app.add_middleware(Meter, metrics=metrics)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign] # FastAPI's documented way to extend it
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        _, bodies = models_json_schema(
            [
                (each, "validation")
                for each in (
                    schemas.ChatRequest,
                    schemas.ArticleRequest,
                    schemas.CitationClaim,
                    schemas.FeedbackRequest,
                    ChatCompletionRequest,
                )
            ],
            ref_template="#/components/schemas/{model}",
        )
        document["components"]["schemas"].update(bodies["$defs"])
        app.openapi_schema = document
    return app.openapi_schema
