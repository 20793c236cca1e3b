"""The index on a Qdrant cluster, behind the same interface as the one in a file."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from types import TracebackType
from typing import Any

import numpy as np
from haystack import Document, default_from_dict, default_to_dict
from haystack.document_stores.types import DuplicatePolicy
from numpy.typing import NDArray
from qdrant_client import models

from corpus.errors import IndexIncompatible, IndexMissing, InvalidArticle
from corpus.types import Article, Passage
from retrieval.articles import ArticleRow, Entry, Sources
from retrieval.filters import storable
from retrieval.hits import Ranking, best_hits
from retrieval.places import ClusterPlace
from retrieval.qdrant.cluster import Cluster
from retrieval.qdrant.documents import check, delete, matching, write
from retrieval.qdrant.lexical import words
from retrieval.qdrant.listing import ARTICLES, Shelf, about, changing, record
from retrieval.qdrant.points import EDITION, article_key, article_of, article_point, edition_of, passage_points
from retrieval.qdrant.search import ClusterSearch, condition_of, holding, idfs
from retrieval.qdrant.stories import story_of
from retrieval.query import content_words
from retrieval.stories import fingerprints
from retrieval.types import Filters, Hit


class QdrantIndex:
    """Passages, their articles and their vectors on a cluster. Safe for threads and for several processes.

    An article is replaced for readers at one moment, when its point names the new edition; after a kill before that
    moment the old one stands, whole. docs/qdrant.md says what is not atomic.

    Args:
        place: the cluster and the collections' name.
        encoder: identity of the encoder whose vectors are written and searched; None takes vectors as they come.
        dimensions: length of a vector, where the index is made.
        create: whether a missing index may be made.
        ranking: how search fuses, and what a title's words weigh in what is written; None for the defaults.

    Raises:
        IndexMissing: if there is no index and ``create`` is false.
        IndexIncompatible: if it is of another version, or of another encoder.
        IndexProblem: if the cluster gives no answer.
    """

    def __init__(
        self,
        place: ClusterPlace,
        encoder: str | None = None,
        dimensions: int = 384,
        create: bool = True,
        ranking: Ranking | None = None,
    ) -> None:
        self.place = place
        self._ranking = Ranking() if ranking is None else ranking
        self._settings = {"encoder": encoder, "dimensions": dimensions, "create": create}
        self._writer = threading.Lock()
        self._cluster = Cluster(place)
        try:
            self.encoder: str | None = self._opened(encoder, dimensions, create)
            self._dimensions = self._cluster.dimensions()
        except BaseException:
            self._cluster.close()
            raise
        self._shelf = Shelf(self._cluster)

    @staticmethod
    def removed(place: ClusterPlace) -> None:
        """Remove the index at ``place``, if there is one.

        Raises:
            IndexProblem: if the cluster gives no answer.
        """
        with closing(Cluster(place)) as cluster:
            for collection in (cluster.articles, cluster.passages):
                cluster.remove(collection)

    @property
    def name(self) -> str:
        """Where it is, for people."""
        return f"{self.place.collection} at {self.place.url}"

    def close(self) -> None:
        """Close the connections. May be called twice."""
        self._cluster.close()

    def __enter__(self) -> QdrantIndex:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def warm_up(self) -> None:
        """Read the list of articles now, so that the first question does not; idempotent."""
        self._shelf.listing()

    # Articles

    def put_article(
        self,
        article: Article,
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
        origin: str | None = None,
    ) -> None:
        """Write an article with its passages in place of what was indexed under its id.

        The new passages are written beside the old ones, then the article, from which moment only they are found, and
        then the old ones are removed.

        Args:
            article: the article.
            passages: its passages.
            vectors: one for each passage, ``(len(passages), dimensions)``.
            origin: the folder it comes from, where known.

        Raises:
            InvalidArticle: if a passage is another article's, or a field cannot be stored.
            IndexIncompatible: if the index holds vectors of another length.
            ValueError: if there is not one vector for each passage, or one is not finite.
        """
        self._fits(article, passages, vectors)
        edition = edition_of(article, passages)
        with self._writing():
            known = self._cluster.get(self._cluster.articles, [article_key(article.id)], [EDITION])
            weight = self._ranking.title_weight
            self._cluster.put(self._cluster.passages, passage_points(article, passages, vectors, edition, weight))
            marks = fingerprints(article.text)
            story = story_of(self._cluster, article, marks)
            point = article_point(article, passages, origin, edition, marks, story)
            self._cluster.put(self._cluster.articles, [point])
            if known and known[0][EDITION] != edition:
                self._cluster.delete(self._cluster.passages, holding(article.id, known[0][EDITION]))

    def put_articles(self, entries: Sequence[Entry]) -> None:
        """Like ``put_article`` for several articles, one after the other: a cluster has no transactions.

        Raises:
            InvalidArticle, IndexIncompatible, ValueError: as there; the articles before are then written.
        """
        for entry in entries:
            self.put_article(entry.article, entry.passages, entry.vectors, entry.origin)

    def delete_article(self, article_id: str) -> bool:
        """Remove an article and its passages; False if there is none of this id."""
        if self.article(article_id) is None:
            return False
        with self._writing():
            self._cluster.delete(self._cluster.articles, [article_key(article_id)])
            self._cluster.delete(self._cluster.passages, holding(article_id))
        return True

    def article(self, article_id: str) -> Article | None:
        """The article of this id; None if there is none."""
        if not article_id or not storable(article_id):
            return None
        found = self._cluster.get(self._cluster.articles, [article_key(article_id)])
        return article_of(found[0]) if found else None

    def articles(self) -> list[ArticleRow]:
        """Every article without its text, by id."""
        return list(self._shelf.listing().rows)

    def count_articles(self) -> int:
        """How many articles there are."""
        return self._cluster.count(self._cluster.articles, ARTICLES)

    def sources(self) -> Sources:
        """Who published the articles, and between which days."""
        return self._shelf.listing().sources

    def unknown_words(self, question: str) -> list[str]:
        """The words of ``question`` that stand in no passage and no title, in any form; as typed."""
        asked = [(term, [words(form) for form in term.forms]) for term in content_words(question)]
        known = idfs(self._cluster, (word for _, forms in asked for form in forms for word in form))
        return [term.typed for term, forms in asked if not any(known.keys() >= set(form) for form in forms)]

    def digests(self) -> dict[str, str]:
        """Each article's digest by its id: an article is unchanged when ``Article.digest`` is the same."""
        return {row.id: row.digest for row in self._shelf.listing().rows}

    def origins(self) -> dict[str, str | None]:
        """Each article's origin by its id."""
        return {row.id: row.origin for row in self._shelf.listing().rows}

    def contents_digest(self) -> str:
        """16 hex digits that are the same when, and only when, the same is indexed by the same encoder."""
        return self._shelf.listing().digest

    # Search

    def search(
        self,
        query: str,
        vector: NDArray[np.float32] | None,
        filters: Filters | dict[str, Any] | None = None,
        top_k: int = 20,
    ) -> list[Hit]:
        """The passages that match best by words and by meaning, best first.

        Args:
            query: words to look for; nothing in it is syntax.
            vector: its vector, ``(dimensions,)``; None searches by words alone.
            filters: which passages may be found, ours or in Haystack's language; the cluster restricts both lists.
            top_k: how many at most, from 1.

        Raises:
            FilterError: if the filters are not in Haystack's language, or the cluster cannot say them.
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
        """Like ``search``, each hit with its Haystack document (scored, without its embedding), and ``copies`` more."""
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, got {top_k}")
        condition = condition_of(filters.to_haystack() if isinstance(filters, Filters) else filters)
        if vector is not None and vector.shape != (self._dimensions,):
            raise self._other_length(vector.shape)
        average = self._shelf.listing().average_words
        asked = ClusterSearch(self._cluster, query, vector, condition, self._ranking.title_weight, average)
        return best_hits(asked, top_k, self._ranking, copies)

    # Haystack's protocol

    def to_dict(self) -> dict[str, Any]:
        """The settings of this store, as Haystack serialises them; the key is left out."""
        place = {name: value for name, value in asdict(self.place).items() if name != "api_key"}
        return default_to_dict(self, place=place, **self._settings, ranking=asdict(self._ranking))

    @classmethod
    def from_dict(cls, data: dict[str, Any], api_key: str | None = None) -> QdrantIndex:
        """The store of ``to_dict``'s settings, and the key that they do not hold."""
        settings = dict(data["init_parameters"])
        settings["place"] = ClusterPlace(**settings["place"], api_key=api_key)
        if settings.get("ranking") is not None:
            settings["ranking"] = Ranking(**settings["ranking"])
        return default_from_dict(cls, {**data, "init_parameters": settings})

    def count_documents(self) -> int:
        """How many documents (passages) there are; while an article is replaced, both its editions count."""
        return self._cluster.count(self._cluster.passages)

    def filter_documents(self, filters: dict[str, Any] | None = None) -> list[Document]:
        """The documents the filters let through, in any order; embeddings come back at length 1.

        Raises:
            FilterError: if the filters are not in Haystack's language, or the cluster cannot say them.
        """
        return matching(self._cluster, condition_of(filters))

    def write_documents(self, documents: list[Document], policy: DuplicatePolicy = DuplicatePolicy.NONE) -> int:
        """Write documents; returns how many were written. ``DuplicatePolicy.NONE`` means ``FAIL``.

        All are checked before the first is written; a kill between can leave some written.

        Raises:
            DuplicateDocumentError: under ``FAIL``, if an id is taken.
            IndexIncompatible: if an embedding is not as long as those already stored.
            ValueError: if it is no list of documents, or one's ``meta`` is no JSON.
        """
        check(documents, self._dimensions)
        with self._writing():
            return write(self._cluster, documents, policy, self._ranking.title_weight)

    def delete_documents(self, document_ids: list[str]) -> None:
        """Remove the documents of these ids; ids that are not stored are passed over."""
        with self._writing():
            delete(self._cluster, document_ids)

    def delete_all_documents(self) -> None:
        """Remove every document and every article."""
        with self._writing():
            self._cluster.delete(self._cluster.articles, ARTICLES)
            self._cluster.delete(self._cluster.passages, models.Filter())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._writer:
            try:
                with changing(self._cluster):
                    yield
            finally:
                self._shelf.forget()

    def _opened(self, encoder: str | None, dimensions: int, create: bool) -> str | None:
        """Make what is missing; the encoder that the index records."""
        cluster = self._cluster
        there = cluster.exists(cluster.articles)
        if not there and not create:
            raise IndexMissing(f"there is no index {self.name}: make one with 'pullquote index FOLDER'")
        if not there:
            cluster.make(dimensions)
        recorded = about(cluster)
        if recorded is None:
            if cluster.count(cluster.articles):
                raise IndexIncompatible(f"{self.name} is no Pullquote index: name another with QDRANT_COLLECTION")
            record(cluster, encoder)
            return encoder
        if encoder is None or recorded["encoder"] == encoder:
            return str(recorded["encoder"]) if recorded["encoder"] else None
        if cluster.count(cluster.passages):
            raise IndexIncompatible(
                f"the index {self.name} was made with the encoder {recorded['encoder'] or '(none recorded)'}, the one "
                f"in use is {encoder}: use that encoder, or name another index with QDRANT_COLLECTION"
            )
        if cluster.dimensions() != dimensions:
            cluster.remove(cluster.passages)
            cluster.make(dimensions)
        record(cluster, encoder)
        return encoder

    def _fits(self, article: Article, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        if vectors.ndim != 2 or len(vectors) != len(passages):
            raise ValueError(f"expected one vector for each of {len(passages)} passages, got shape {vectors.shape}")
        own = all(passage.article_id == article.id for passage in passages)
        if not own or len({passage.id for passage in passages}) != len(passages):
            raise InvalidArticle(f"the passages of {article.id!r} must all be its own, each with a number of its own")
        fields = (article.id, article.title, article.text, article.source or "", article.url or "")
        if not all(map(storable, fields)):
            raise InvalidArticle(f"a field of article {article.id!r} holds a lone surrogate: normalise it first")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector holds a component that is not finite; expected numbers only")
        if vectors.shape[1] != self._dimensions:
            raise self._other_length(vectors.shape[1:])

    def _other_length(self, shape: tuple[int, ...]) -> IndexIncompatible:
        return IndexIncompatible(
            f"the index holds vectors of {self._dimensions} dimensions, got shape {shape}: use the encoder the index "
            "was made with, or make another index"
        )
