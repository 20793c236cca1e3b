"""What the service counts of itself, for Prometheus. Nothing that a person typed, and nothing of an article, is kept.

Metric names and labels are a contract (docs/api.md). A label's values are few and known beforehand: whatever a client
can choose freely (an address, a method) is reduced to one of ours, or a client could fill the memory with them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from answering.types import Answered, Outcome, Reason
from service.limits import Gate
from service.types import Articles
from service.version import installed_version

# The text format that every version of Prometheus reads.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NO_ROUTE = "none"
# What a proxy logs when a client leaves before its answer.
CLIENT_LEFT = 499
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counts of one application, in a registry of its own. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "pullquote_requests", "Requests that were answered.", ("method", "route", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "pullquote_request_seconds",
            "From the request's head to the end of its response, waiting included.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._questions = Counter(
            "pullquote_questions", "Questions by what became of them.", ("outcome",), registry=registry
        )
        self._question_seconds = Histogram(
            "pullquote_question_seconds",
            "Work on a question, waiting not included.",
            buckets=_SECONDS,
            registry=registry,
        )
        Info("pullquote_build", "What runs here.", registry=registry).info({"version": installed_version()})
        ProcessCollector(registry=registry)
        # A series that is there from the beginning has a rate from its first question on.
        for outcome in ("answered", *Reason):
            self._questions.labels(str(outcome))

    def counted(self, outcome: Outcome) -> Outcome:
        """``outcome`` itself, counted."""
        self._questions.labels("answered" if isinstance(outcome, Answered) else str(outcome.reason)).inc()
        self._question_seconds.observe(outcome.timings.total_ms / 1000)
        return outcome

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request by its route's template."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(method, route).observe(seconds)

    def exposition(self, gates: dict[str, Gate], articles: Articles | None) -> bytes:
        """All counts in Prometheus' text format, with the state of ``gates`` and of the index, if it is open."""
        now = CollectorRegistry()
        now.register(_Now(gates, articles))
        return generate_latest(self._registry) + generate_latest(now)


class _Now(Collector):
    """What is not counted but looked at when it is asked for."""

    def __init__(self, gates: dict[str, Gate], articles: Articles | None) -> None:
        self._gates = gates
        self._articles = articles

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The state, one gauge after the other."""
        taken = GaugeMetricFamily("pullquote_places_taken", "Requests at work and waiting.", labels=("gate",))
        places = GaugeMetricFamily("pullquote_places", "As many may be at work and wait.", labels=("gate",))
        for name, gate in self._gates.items():
            taken.add_metric((name,), gate.taken)
            places.add_metric((name,), gate.places)
        yield taken
        yield places
        yield GaugeMetricFamily(
            "pullquote_ready", "1 once questions are answered.", value=float(self._articles is not None)
        )
        if self._articles is not None:
            counts = self._articles.count_articles(), self._articles.count_documents()
            yield GaugeMetricFamily("pullquote_index_articles", "Articles in the index.", value=counts[0])
            yield GaugeMetricFamily("pullquote_index_passages", "Passages in the index.", value=counts[1])


class Meter:
    """ASGI middleware around everything else: counts each request when its response has ended."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        status = CLIENT_LEFT

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, send_noted)
        finally:
            # The router leaves the route it found in the scope; a request that met none, or was refused, has none.
            route = getattr(scope.get("route"), "path", NO_ROUTE).replace(":path", "")
            self._metrics.count_request(scope["method"], route, status, time.perf_counter() - began)
