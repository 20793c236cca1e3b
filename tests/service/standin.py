"""An answerer without models, for tests of the doors alone; test_chat_end_to_end.py has the real parts."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.testclient import TestClient

from answering.stages import Found, Listener, Searched
from answering.types import Answer, Answered, Ask, Citation, Nearest, NotFound, Outcome, Reason, Timings
from corpus.types import Article, Span
from retrieval.articles import ArticleRow, Sources
from service.api import create_app
from service.settings import Settings

LOCAL = "http://127.0.0.1:8000"
QUOTE = "20 years"
TREATY = Article(
    id="treaty/pact",
    title="A pact of two states",
    text=f"The pact was signed in Moscow 🖋. It runs for {QUOTE} and renews itself. <b>Both</b> sides may leave it.",
    source="The Example",
    url="https://example.org/pact",
)


@dataclass
class StandIn:
    """Answers ``How long …`` with the one quote it knows, and finds nothing else; tells the stages of a question.

    Attributes:
        held: while it is cleared, a question is at work and does not end.
        asked: the questions that came through.
        closed: whether it was closed.
        failure: raised by the next question.
    """

    known: dict[str, Article] = field(default_factory=lambda: {TREATY.id: TREATY})
    held: threading.Event = field(default_factory=threading.Event)
    asked: list[Ask] = field(default_factory=list)
    closed: bool = False
    failure: Exception | None = None

    def __post_init__(self) -> None:
        self.held.set()

    @property
    def index_id(self) -> str:
        return hashlib.sha256("".join(each.digest for each in self.articles_by_id()).encode()).hexdigest()

    @property
    def store(self) -> StandIn:
        return self

    def articles_by_id(self) -> list[Article]:
        return [self.known[key] for key in sorted(self.known)]

    def article(self, article_id: str) -> Article | None:
        return self.known.get(article_id)

    def articles(self) -> Sequence[ArticleRow]:
        return [
            ArticleRow(
                id=each.id,
                title=each.title,
                source=each.source,
                url=each.url,
                published=each.published,
                chars=len(each.text),
                passages=1,
                digest=each.digest,
                origin="api",
            )
            for each in self.articles_by_id()
        ]

    def sources(self) -> Sources:
        names = sorted(each.source for each in self.known.values() if each.source)
        days = sorted(each.published for each in self.known.values() if each.published)
        counts = {name: names.count(name) for name in names}
        return Sources(counts, days[0] if days else None, days[-1] if days else None)

    def count_articles(self) -> int:
        return len(self.known)

    def count_documents(self) -> int:
        return len(self.known)

    def ask(self, ask: Ask, listener: Listener | None = None) -> Outcome:
        self.asked.append(ask)
        tell = listener or (lambda _: None)
        tell(Searched(ask.question.strip()))
        self.held.wait(timeout=20)
        if self.failure is not None:
            raise self.failure
        nearest = tuple(Nearest(each.id, each.title, Span(0, 8), each.text[:8], 0.5) for each in self.known.values())
        tell(Found(nearest))
        timings = Timings(1.0, 2.0, 3.04)
        citations = [_citation(number, each) for number, each in enumerate(self._saying(ask), start=1)]
        if citations and ask.question.casefold().startswith("how long"):
            answer = Answer(QUOTE, 0.912345, tuple(citations[: ask.max_citations]))
            other = Answer("Moscow", 0.2, (citations[0],))
            return Answered(ask.question, ask.question.strip(), answer, (other,), (), self.index_id, timings)
        reason = Reason.NO_ANSWER_READ if self.known else Reason.EMPTY_INDEX
        return NotFound(
            ask.question,
            ask.question.strip(),
            reason,
            nearest,
            (),
            self.index_id,
            timings,
            ("won",) if self.known else (),
        )

    def _saying(self, ask: Ask) -> Iterator[Article]:
        for each in self.articles_by_id():
            if QUOTE in each.text and (not ask.filters.articles or each.id in ask.filters.articles):
                yield each

    def put(self, article: Article) -> str:
        before = self.known.get(article.id)
        self.known[article.id] = article
        if before is None:
            return "added"
        return "unchanged" if before.digest == article.digest else "changed"

    def delete(self, article_id: str) -> bool:
        return self.known.pop(article_id, None) is not None

    def warm_up(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def _citation(number: int, article: Article) -> Citation:
    start = article.text.index(QUOTE)
    span = Span(start, start + len(QUOTE))
    first = article.text.rindex(".", 0, start) + 2 if "." in article.text[:start] else 0
    last = article.text.index(".", span.end) + 1
    return Citation(
        number=number,
        article_id=article.id,
        title=article.title,
        source=article.source,
        url=article.url,
        published=article.published,
        span=span,
        quote=span.slice(article.text),
        before=article.text[first:start],
        after=article.text[span.end : last],
        article_sha256=article.sha256,
    )


@contextmanager
def client_of(answerer: StandIn, settings: Settings | None = None) -> Iterator[TestClient]:
    """A client of the application around ``answerer``, once it is ready."""
    app = create_app(settings or Settings(), lambda: answerer)
    with TestClient(app, base_url=LOCAL) as client:
        give_up = time.monotonic() + 10
        while client.get("/readyz").status_code != HTTPStatus.OK:
            assert time.monotonic() < give_up
        yield client
