"""The page and the addresses it is reached by: files as they are, sent again only when they have changed."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request, Response

PAGE = Path(__file__).parent / "page"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# The script reads from the address what is to be shown. An article that is not there is said on the page.
ADDRESSES = ("/", "/articles", "/articles/{article_id:path}")


def page_router() -> APIRouter:
    """Routes to every file of the page, and to the page itself at each of its addresses."""
    router = APIRouter()
    for file in sorted(PAGE.iterdir()):
        for path in ADDRESSES if file.name == "index.html" else (f"/{file.name}",):
            _serve(router, path, file)
    return router


def _serve(router: APIRouter, path: str, file: Path) -> None:
    content = file.read_bytes()
    headers = {"Cache-Control": "no-cache", "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}

    @router.get(path, include_in_schema=False)
    async def _(request: Request) -> Response:
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(content, media_type=_TYPES[file.suffix], headers=headers)
