"""What the service needs of the part that answers; ``answering.answerer.Answerer`` is it.

The protocols keep the doors apart from the models: the API and its contract tests load no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from answering.stages import Listener
from answering.types import Ask, Outcome
from corpus.types import Article

if TYPE_CHECKING:
    from retrieval.articles import ArticleRow, Sources


class Articles(Protocol):
    """The articles in the index."""

    def article(self, article_id: str, /) -> Article | None:
        """The article with this id, or None."""

    def articles(self) -> Sequence[ArticleRow]:
        """Every article, by id."""

    def sources(self) -> Sources:
        """Who published the articles, and when."""

    def count_articles(self) -> int:
        """How many articles there are."""

    def count_documents(self) -> int:
        """How many passages there are."""


class Answerer(Protocol):
    """An open index with its models; every method may be called from any thread."""

    @property
    def index_id(self) -> str:
        """Digest of the index's contents and of the models that read it."""

    @property
    def store(self) -> Articles:
        """The articles."""

    def ask(self, ask: Ask, listener: Listener | None = None, /) -> Outcome:
        """Answer a question; ``listener`` is told each stage as it ends."""

    def put(self, article: Article, /) -> str:
        """Add or replace an article; ``added``, ``changed`` or ``unchanged``."""

    def delete(self, article_id: str, /) -> bool:
        """Remove an article; whether there was one."""

    def warm_up(self) -> None:
        """Load the models."""

    def close(self) -> None:
        """Let go of the index."""
