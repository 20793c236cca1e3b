"""The index: one SQLite file that speaks Haystack's ``DocumentStore`` protocol."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from haystack import Document, default_from_dict, default_to_dict
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from numpy.typing import NDArray

from corpus.errors import IndexProblem
from corpus.types import Article, Passage
from retrieval import articles, metadata, rows, schema
from retrieval.articles import ArticleRow, Entry, Sources
from retrieval.connections import Connections
from retrieval.filters import Where, storable, where
from retrieval.hits import Ranking, best_hits
from retrieval.query import content_words
from retrieval.search import FileSearch, stands
from retrieval.types import Filters, Hit
from retrieval.vectors import VectorCache


class SQLiteDocumentStore:
    """Passages, their articles and their vectors in one file. Safe for threads and for several processes.

    A write is wholly there or not at all, also after a kill or a loss of power. Readers see the last
    finished write. Vectors are searched in memory, in step with what any process wrote.

    Args:
        path: the file; made, with its folder, if it does not exist.
        encoder: identity of the encoder whose vectors are written and searched (``TextEncoder.identity``);
            None takes vectors as they come.
        create: whether a missing file may be made.
        busy_timeout_s: how long a write waits for another process's write.
        ranking: how search fuses; None for the defaults.

    Raises:
        IndexMissing: if there is no file and ``create`` is false.
        IndexIncompatible: if the file is no index, of another version, or of another encoder.
    """

    def __init__(
        self,
        path: str | Path,
        encoder: str | None = None,
        create: bool = True,
        busy_timeout_s: float = 10.0,
        ranking: Ranking | None = None,
    ) -> None:
        self.path = Path(path)
        self._ranking = Ranking() if ranking is None else ranking
        self._settings = {"encoder": encoder, "create": create, "busy_timeout_s": busy_timeout_s}
        self._connections = Connections(self.path, create=create, busy_timeout_s=busy_timeout_s)
        self._vectors = VectorCache()
        self._contents: tuple[int, str] | None = None
        try:
            with self._connections.reading() as connection:
                about = schema.about(connection, str(path))
            if about is None or (encoder is not None and about.get("encoder") != encoder):
                with self._connections.writing() as connection:
                    schema.prepare(connection, str(path), encoder)
                    about = {"encoder": encoder}
        except BaseException:
            self._connections.close()
            raise
        self.encoder: str | None = about.get("encoder")

    @property
    def name(self) -> str:
        """Where it is, for people."""
        return str(self.path)

    def close(self) -> None:
        """Close the file. May be called twice."""
        self._connections.close()

    def __enter__(self) -> SQLiteDocumentStore:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def warm_up(self) -> None:
        """Read the vectors now, so that the first search does not; idempotent."""
        with self._connections.reading() as connection:
            self._vectors.at(connection)

    # Articles

    def put_article(
        self,
        article: Article,
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
        origin: str | None = None,
    ) -> None:
        """Write an article with its passages in place of what was indexed under its id, in one transaction.

        Args:
            article: the article.
            passages: its passages.
            vectors: one for each passage, ``(len(passages), dimensions)``.
            origin: the folder it comes from, where known.

        Raises:
            InvalidArticle: if a passage is another article's, or a field cannot be stored.
            IndexIncompatible: if the index holds vectors of another length.
            ValueError: if there is not one vector for each passage.
        """
        self.put_articles([Entry(article, passages, vectors, origin)])

    def put_articles(self, entries: Sequence[Entry]) -> None:
        """Like ``put_article`` for several articles in one transaction, which waits for the disk once.

        Raises:
            InvalidArticle, IndexIncompatible, ValueError: as there; then none of the articles is written.
        """
        for entry in entries:
            count, shape = len(entry.passages), entry.vectors.shape
            if len(shape) != 2 or shape[0] != count:
                raise ValueError(f"expected one vector for each of {count} passages, got shape {shape}")
        with self._connections.writing() as connection:
            for entry in entries:
                articles.put(connection, entry.article, entry.passages, entry.vectors, entry.origin)

    def delete_article(self, article_id: str) -> bool:
        """Remove an article and its passages; False if there is none of this id."""
        if not storable(article_id):
            return False
        with self._connections.writing() as connection:
            return articles.remove(connection, article_id)

    def article(self, article_id: str) -> Article | None:
        """The article of this id; None if there is none."""
        if not storable(article_id):
            return None
        with self._connections.reading() as connection:
            return articles.load(connection, article_id)

    def articles(self) -> list[ArticleRow]:
        """Every article without its text, by id."""
        with self._connections.reading() as connection:
            return articles.listed(connection)

    def count_articles(self) -> int:
        """How many articles there are."""
        with self._connections.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])

    def sources(self) -> Sources:
        """Who published the articles, and between which days."""
        with self._connections.reading() as connection:
            return articles.sources(connection)

    def unknown_words(self, question: str) -> list[str]:
        """The words of ``question`` that stand in no passage and no title, in any form; as typed."""
        with self._connections.reading() as connection:
            return [term.typed for term in content_words(question) if not stands(connection, term)]

    def digests(self) -> dict[str, str]:
        """Each article's digest by its id: an article is unchanged when ``Article.digest`` is the same."""
        with self._connections.reading() as connection:
            return dict(connection.execute("SELECT id, digest FROM articles ORDER BY id"))

    def origins(self) -> dict[str, str | None]:
        """Each article's origin by its id."""
        with self._connections.reading() as connection:
            return dict(connection.execute("SELECT id, origin FROM articles ORDER BY id"))

    def contents_digest(self) -> str:
        """16 hex digits that are the same when, and only when, the same is indexed by the same encoder."""
        with self._connections.reading() as connection:
            revision = connection.execute("SELECT value FROM about WHERE name = 'revision'").fetchone()[0]
            cached = self._contents
            if cached is None or cached[0] != revision:
                cached = self._contents = (revision, articles.contents_digest(connection, self.encoder))
            return cached[1]

    # Search

    def search(
        self,
        query: str,
        vector: NDArray[np.float32] | None,
        filters: Filters | dict[str, Any] | None = None,
        top_k: int = 20,
    ) -> list[Hit]:
        """The passages that match best by words and by meaning, best first; copies of better ones come last.

        Args:
            query: words to look for; nothing in it is syntax.
            vector: its vector, ``(dimensions,)``; None searches by words alone.
            filters: which passages may be found, ours or in Haystack's language.
            top_k: how many at most, from 1.

        Raises:
            FilterError: if the filters are not in Haystack's language.
            IndexIncompatible: if the index holds vectors of another length.
            ValueError: if ``top_k`` is below 1.
        """
        return [hit for hit, _ in self.search_documents(query, vector, filters, top_k)]

    def search_documents(
        self,
        query: str,
        vector: NDArray[np.float32] | None,
        filters: Filters | dict[str, Any] | None = None,
        top_k: int = 20,
        copies: int = 0,
    ) -> list[tuple[Hit, Document]]:
        """Like ``search``, each hit with its Haystack document (scored, without its embedding).

        Up to ``copies`` passages that were set aside for better ones that say the same follow, so there may be more
        than ``top_k``; their ``Hit.copy_of`` names the better one.
        """
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, got {top_k}")
        condition = where(filters.to_haystack() if isinstance(filters, Filters) else filters)
        for _ in range(100):  # each turn lost means that another write was finished meanwhile
            with self._connections.reading() as connection:
                snapshot = self._vectors.at(connection)
                if snapshot is not None:
                    weight = self._ranking.title_weight
                    asked = FileSearch(connection, snapshot, query, vector, condition, weight)
                    return best_hits(asked, top_k, self._ranking, copies)
        raise IndexProblem(f"the index {self.path} went back in time, as if its file was replaced: open it again")

    # Haystack's protocol

    def to_dict(self) -> dict[str, Any]:
        """The settings of this store, as Haystack serialises them."""
        return default_to_dict(self, path=str(self.path), **self._settings, ranking=asdict(self._ranking))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SQLiteDocumentStore:
        """The store of ``to_dict``'s settings."""
        settings = dict(data["init_parameters"])
        if settings.get("ranking") is not None:
            settings["ranking"] = Ranking(**settings["ranking"])
        return default_from_dict(cls, {**data, "init_parameters": settings})

    def count_documents(self) -> int:
        """How many documents (passages) there are."""
        return self.count_documents_by_filter({})

    def count_documents_by_filter(self, filters: dict[str, Any]) -> int:
        """How many documents the filters let through."""
        condition = where(filters)
        with self._connections.reading() as connection:
            # The filter's SQL holds no text of a caller: see retrieval.filters.
            found = condition.select(connection, f"SELECT count(*) FROM passages WHERE {condition.sql}")  # noqa: S608
            return int(found[0][0])

    def filter_documents(self, filters: dict[str, Any] | None = None) -> list[Document]:
        """The documents the filters let through, in the order they were written.

        Raises:
            FilterError: if the filters are not in Haystack's language.
        """
        condition = where(filters)
        with self._connections.reading() as connection:
            chosen = f"SELECT row FROM passages WHERE {condition.sql}"  # noqa: S608 (as above)
            query = f"SELECT {rows.DOCUMENT} {rows.FROM_PASSAGES} WHERE p.row IN ({chosen}) ORDER BY p.row"
            return [rows.document_of(row) for row in condition.select(connection, query)]

    def write_documents(self, documents: list[Document], policy: DuplicatePolicy = DuplicatePolicy.NONE) -> int:
        """Write documents, all or none; returns how many were written.

        ``DuplicatePolicy.NONE`` means ``FAIL``.

        Raises:
            DuplicateDocumentError: under ``FAIL``, if an id is taken.
            IndexIncompatible: if an embedding is not as long as those already stored.
            ValueError: if ``documents`` is no list of documents, or one's ``meta`` is no JSON.
        """
        if not isinstance(documents, list) or not all(isinstance(document, Document) for document in documents):
            raise ValueError("write_documents takes a list of Haystack documents")
        written = 0
        with self._connections.writing() as connection:
            for document in documents:
                taken = connection.execute("SELECT 1 FROM passages WHERE id = ?", (document.id,)).fetchone()
                if taken and policy is DuplicatePolicy.SKIP:
                    continue
                if taken and policy is not DuplicatePolicy.OVERWRITE:
                    raise DuplicateDocumentError(f"a document with the id {document.id!r} is already stored")
                if taken:
                    self._delete(connection, [document.id])
                rows.insert(connection, document)
                written += 1
        return written

    def delete_documents(self, document_ids: list[str]) -> None:
        """Remove the documents of these ids; ids that are not stored are passed over."""
        with self._connections.writing() as connection:
            self._delete(connection, document_ids)

    def delete_all_documents(self) -> None:
        """Remove every document and every article."""
        with self._connections.writing() as connection:
            connection.execute("DELETE FROM passages")
            connection.execute("DELETE FROM articles")

    def delete_by_filter(self, filters: dict[str, Any]) -> int:
        """Remove the documents the filters let through; returns how many."""
        condition = where(filters)
        with self._connections.writing() as connection:
            chosen = self._chosen(connection, condition)
            self._delete(connection, [key for key, _ in chosen])
        return len(chosen)

    def update_by_filter(self, filters: dict[str, Any], meta: dict[str, Any]) -> int:
        """Set fields of ``meta`` in the documents the filters let through; returns how many."""
        condition = where(filters)
        with self._connections.writing() as connection:
            chosen = self._chosen(connection, condition)
            touched = articles.holding(connection, [key for key, _ in chosen])
            for key, old in chosen:
                rows.update_meta(connection, key, {**json.loads(old), **meta})
            articles.mark_changed(connection, touched)
        return len(chosen)

    def count_unique_metadata_by_filter(self, filters: dict[str, Any], metadata_fields: list[str]) -> dict[str, int]:
        """How many different values each field has among the documents the filters let through."""
        condition = where(filters)
        with self._connections.reading() as connection:
            return {name: len(metadata.unique_values(connection, name, condition)) for name in metadata_fields}

    def get_metadata_fields_info(self) -> dict[str, dict[str, str]]:
        """Every field of ``meta`` with its type: keyword, int, float or boolean."""
        with self._connections.reading() as connection:
            return metadata.fields_info(connection)

    def get_metadata_field_min_max(self, metadata_field: str) -> dict[str, Any]:
        """The least and the greatest value of a field; both None without any."""
        with self._connections.reading() as connection:
            return metadata.min_max(connection, metadata_field)

    def get_metadata_field_unique_values(
        self,
        metadata_field: str,
        search_term: str | None = None,
        from_: int = 0,
        size: int = 10,
        filters: dict[str, Any] | None = None,
    ) -> tuple[list[Any], int]:
        """One page of a field's values that contain ``search_term`` (case set aside), and how many there are."""
        condition = where(filters)
        with self._connections.reading() as connection:
            values = metadata.unique_values(connection, metadata_field, condition)
        if search_term:
            values = [value for value in values if search_term.lower() in str(value).lower()]
        return values[from_ : from_ + size], len(values)

    @staticmethod
    def _chosen(connection: sqlite3.Connection, condition: Where) -> list[tuple[Any, ...]]:
        return condition.select(connection, f"SELECT id, meta FROM passages WHERE {condition.sql}")  # noqa: S608 (as above)

    @staticmethod
    def _delete(connection: sqlite3.Connection, document_ids: list[str]) -> None:
        touched = articles.holding(connection, document_ids)
        connection.executemany("DELETE FROM passages WHERE id = ?", [(key,) for key in document_ids if storable(key)])
        articles.mark_changed(connection, touched)
