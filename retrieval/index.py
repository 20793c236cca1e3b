"""What an index is to the rest: ``retrieval.store`` has one in a file, ``retrieval.qdrant.store`` on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from haystack import Document
from haystack.document_stores.types import DocumentStore
from numpy.typing import NDArray

from corpus.types import Article, Passage
from retrieval.articles import ArticleRow, Entry, Sources
from retrieval.types import Filters, Hit


class Index(DocumentStore, Protocol):
    """Passages, their articles and their vectors: a Haystack store that knows articles. Safe for threads and processes.

    Attributes:
        encoder: identity of the encoder whose vectors it holds; None where none is recorded.
    """

    encoder: str | None

    @property
    def name(self) -> str:
        """Where it is, for people."""

    def close(self) -> None:
        """Let go of it. May be called twice."""

    def warm_up(self) -> None:
        """Do now what the first search would have to do; idempotent."""

    def put_article(
        self, article: Article, passages: Sequence[Passage], vectors: NDArray[np.float32], origin: str | None = None
    ) -> None:
        """Write an article with its passages in place of what was indexed under its id."""

    def put_articles(self, entries: Sequence[Entry]) -> None:
        """Like ``put_article`` for several; a store that can writes them as one."""

    def delete_article(self, article_id: str) -> bool:
        """Remove an article and its passages; False if there is none of this id."""

    def article(self, article_id: str) -> Article | None:
        """The article of this id; None if there is none."""

    def articles(self) -> list[ArticleRow]:
        """Every article without its text, by id."""

    def count_articles(self) -> int:
        """How many articles there are."""

    def sources(self) -> Sources:
        """Who published the articles, and between which days."""

    def unknown_words(self, question: str) -> list[str]:
        """The words of ``question`` that stand in no passage and no title, in any form; as typed."""

    def digests(self) -> dict[str, str]:
        """Each article's digest by its id: an article is unchanged when ``Article.digest`` is the same."""

    def origins(self) -> dict[str, str | None]:
        """Each article's origin by its id."""

    def contents_digest(self) -> str:
        """16 hex digits that are the same when, and only when, the same is indexed by the same encoder."""

    def search(
        self,
        query: str,
        vector: NDArray[np.float32] | None,
        filters: Filters | dict[str, Any] | None = None,
        top_k: int = 20,
    ) -> list[Hit]:
        """The passages that match best by words and by meaning, best first."""

    def search_documents(
        self,
        query: str,
        vector: NDArray[np.float32] | None,
        filters: Filters | dict[str, Any] | None = None,
        top_k: int = 20,
        copies: int = 0,
    ) -> list[tuple[Hit, Document]]:
        """Like ``search``, each hit with its Haystack document (scored, without its embedding).

        Up to ``copies`` passages that were set aside for better ones that say the same follow.
        """

    def delete_all_documents(self) -> None:
        """Remove every document and every article."""
