"""Bodies: read no further than their limit, and turned into a request or into an error that names the field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from service.problems import Refused, fields_at_fault, invalid
from service.settings import Settings
from service.state import service_of

M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """The body, whether its length was announced or it comes in chunks.

    Raises:
        Refused: 413 as soon as more than ``limit_bytes`` are announced or have come.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit_bytes:
        raise _too_large(limit_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
    return bytes(body)


def parsed(model: type[M], body: bytes) -> M:
    """``body`` as JSON of the ``model``'s form; the content type is not looked at.

    Pydantic's own JSON parser bounds the nesting and refuses what is not UTF-8, lone surrogates among it.

    Raises:
        Refused: 422 that names the field and what was expected.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise invalid(fields_at_fault(found)) from None


def json_body(model: type[M], limit_bytes: Callable[[Settings], int]) -> Callable[[Request], Awaitable[M]]:
    """A FastAPI dependency: the request's body as a ``model``, read up to the limit in the settings."""

    async def read(request: Request) -> M:
        service = await service_of(request)
        return parsed(model, await read_body(request, limit_bytes(service.settings)))

    return read


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI description of a body that ``json_body`` reads; ``service.api`` adds the schema it refers to."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _too_large(limit_bytes: int) -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"the body is over {limit_bytes} bytes, the most that is read here; send less",
        # The rest of the body is not read, so the connection cannot be used again.
        {"Connection": "close"},
    )
