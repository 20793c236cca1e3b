"""The outermost layer: who may call, what every response carries, and that no defect shows its insides."""

from __future__ import annotations

import ipaddress
import logging
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import internal_problem, problem
from service.settings import Settings

log = logging.getLogger(__name__)

HEADERS = {
    # Nothing but the page's own files, and no way from a text to markup: an article cannot run in its reader's browser.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware around the whole application.

    A page of another site that a person has open must not reach a service on their own machine. Two doors are
    shut: a name of the attacker's that resolves to 127.0.0.1 (DNS rebinding; the Host header gives it away), and
    a form posted across sites (the Origin header gives it away).
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._allowed = frozenset(name.lower() for name in settings.allowed_hosts)
        self._named = self._allowed | {"localhost", settings.host.lower()}
        self._checks_host = settings.is_local or bool(settings.allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
            return
        try:
            await self._app(scope, receive, send_guarded)
        except ClientDisconnect:
            log.info("the client left before its answer: %s %r", scope["method"], scope["path"])
        except Exception:
            log.exception("a defect at %s %r", scope["method"], scope["path"])
            if not started:
                await internal_problem()(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> Response | None:
        host = headers.get("host", "")
        if self._checks_host and not self._is_ours(f"//{host}"):
            return problem(
                HTTPStatus.FORBIDDEN,
                "foreign_host",
                "the Host header names a host this service is not reached by; expected localhost, 127.0.0.1 or a "
                "name in PULLQUOTE_ALLOWED_HOSTS",
            )
        origin = headers.get("origin")
        if origin is not None and method not in _READS and not self._is_same(origin, host):
            return problem(
                HTTPStatus.FORBIDDEN,
                "foreign_origin",
                "the request comes from a page of another site; expected this service's own page, or one of a host "
                "in PULLQUOTE_ALLOWED_HOSTS",
            )
        return None

    def _is_same(self, origin: str, host: str) -> bool:
        return origin.partition("://")[2].lower() == host.lower() or _hostname(origin) in self._allowed

    def _is_ours(self, url: str) -> bool:
        name = _hostname(url)
        if name is None:
            return False
        if name in self._named:
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
