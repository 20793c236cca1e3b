"""Whatever goes wrong leaves as one body: ``{"error": {"code": …, "message": …}}``."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from corpus import errors

log = logging.getLogger(__name__)

_STATUS: Mapping[type[errors.PullquoteError], HTTPStatus] = {
    errors.UnknownArticle: HTTPStatus.NOT_FOUND,
    errors.ArticleError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.QuestionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.IndexBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.FeedbackFull: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.PullquoteError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_INTERNAL = (
    "internal_error",
    "the service failed at this request through a fault of its own; its log says where",
)


class Refused(Exception):
    """A request that is answered with an error of HTTP's own; it never reaches the articles."""

    def __init__(self, status: HTTPStatus, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


def invalid(message: str) -> Refused:
    """A request whose body or query breaks the schema."""
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", message)


def problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """The one error body."""
    return JSONResponse(error_body(code, message), status_code=status, headers=headers)


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The form every error has."""
    return {"error": {"code": code, "message": message}}


def internal_problem() -> Response:
    """What a defect looks like from outside: nothing of its insides."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, *_INTERNAL)


def failure_body(error: Exception) -> dict[str, dict[str, str]]:
    """The error body where the status has been sent already; what is the service's own fault is logged."""
    if isinstance(error, errors.PullquoteError):
        if status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s: %s", error.code, error, exc_info=error)
        return error_body(error.code, str(error))
    log.error("a defect in the midst of an answer", exc_info=error)
    return error_body(*_INTERNAL)


def status_of(error: errors.PullquoteError) -> HTTPStatus:
    """The status an error of ours is answered with."""
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def fields_at_fault(found: Sequence[Any]) -> str:
    """Pydantic's errors in one line: each names its field and what was expected."""
    return "; ".join(f"{_path(error['loc'])}: {_expectation(error)}" for error in found[:3])


def _path(loc: Sequence[str | int]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
    # An unknown field's name is the client's own text.
    return path[:100] or "body"


def _expectation(error: Mapping[str, Any]) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "unknown field; docs/api.md lists the known ones"
        case "missing":
            return "required, but not there"
        case _:
            text = str(error["msg"]).removeprefix("Value error, ")
            return text[:1].lower() + text[1:]


def handle_problems(app: FastAPI) -> None:
    """Answer every kind of error with the one body."""

    @app.exception_handler(errors.PullquoteError)
    async def _(_: Request, error: errors.PullquoteError) -> Response:
        status = status_of(error)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s: %s", error.code, error, exc_info=error)
        wait_s = getattr(error, "retry_after_s", 1)
        headers = {"Retry-After": str(wait_s)} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
        return problem(status, error.code, str(error), headers)

    @app.exception_handler(Refused)
    async def _(_: Request, refused: Refused) -> Response:
        return problem(refused.status, refused.code, str(refused), refused.headers)

    @app.exception_handler(RequestValidationError)
    async def _(_: Request, error: RequestValidationError) -> Response:
        # FastAPI puts the place of a parameter ("query") before its name.
        found = [{**each, "loc": each["loc"][1:]} for each in error.errors()]
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", fields_at_fault(found))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        match error.status_code:
            case HTTPStatus.NOT_FOUND:
                code, message = "unknown_route", "there is nothing at this address; docs/api.md lists the routes"
            case HTTPStatus.METHOD_NOT_ALLOWED:
                allowed = (error.headers or {}).get("Allow", "")
                code, message = "method_not_allowed", f"{request.method} is not answered here; expected {allowed}"
            case _:
                code, message = "bad_request", str(error.detail)
        return problem(error.status_code, code, message, error.headers)
