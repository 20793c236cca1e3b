"""One question to a cluster: both lists in one request, scored as the file scores, and the passages they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from haystack import Document
from haystack.errors import FilterError
from haystack_integrations.document_stores.qdrant.converters import DENSE_VECTORS_NAME, SPARSE_VECTORS_NAME
from haystack_integrations.document_stores.qdrant.filters import convert_filters_to_qdrant
from numpy.typing import NDArray
from qdrant_client import models

from retrieval.documents import to_passage
from retrieval.filters import where
from retrieval.fusion import Fused, Scored, ranked
from retrieval.hits import Found
from retrieval.qdrant.cluster import Cluster
from retrieval.qdrant.lexical import bm25, idf_of, number, question_vector, words
from retrieval.qdrant.points import EDITION, HELD, article_key, document_of, stories_of, title_of
from retrieval.query import terms

# How many times as many passages are taken by the cluster's score as are kept by the one they are ranked by.
_POOL: Final = 2
# Each one lost means that an article was replaced meanwhile.
_TRIES: Final = 20
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def condition_of(filters: dict[str, Any] | None) -> models.Filter | None:
    """``filters`` as the cluster's own; None lets every passage through.

    Raises:
        FilterError: if they are not in Haystack's filter language, or the cluster cannot say them.
    """
    where(filters)  # refuses what is no filter, and one without end
    try:
        return convert_filters_to_qdrant(_as_meant(filters) if filters else None)
    except FilterError:
        raise
    except (TypeError, ValueError) as error:  # a value that the cluster's filters do not know
        raise FilterError(f"a filter cannot be said to Qdrant: {error}") from error


def _as_meant(node: dict[str, Any]) -> dict[str, Any]:
    """A filter with what Haystack takes for granted said: NOT is of all its conditions together, names are meta's."""
    if "conditions" not in node:
        name = node["field"]
        named = name if "." in name or name in {"id", "content"} else f"meta.{name}"
        return {**node, "field": _sendable(named), "value": _sendable(node["value"])}
    conditions = [_as_meant(condition) for condition in node["conditions"]]
    if node["operator"] == "NOT" and len(conditions) > 1:
        conditions = [{"operator": "AND", "conditions": conditions}]
    return {**node, "conditions": conditions}


def _sendable(value: Any) -> Any:
    """A filter's value with lone surrogates, which no stored text has and no request can carry, as zeros."""
    if isinstance(value, list):
        return [_sendable(one) for one in value]
    return _SURROGATE.sub("\0", value) if isinstance(value, str) else value


def holding(article_id: str, edition: str | None = None) -> models.Filter:
    """The passages of an article: all of them, or those of one edition."""
    named = {"meta.article_id": article_id} | ({} if edition is None else {f"meta.{EDITION}": edition})
    return models.Filter(
        must=[models.FieldCondition(key=key, match=models.MatchValue(value=value)) for key, value in named.items()]
    )


def idfs(cluster: Cluster, asked: Iterable[str]) -> dict[str, float]:
    """How rare those of some words are that stand in a passage, as the SQLite index counts it, by the word.

    The cluster says it by the score of a passage that holds the word, over what the passage stores of it.
    """
    asked = list(dict.fromkeys(asked))
    requests = [
        models.QueryRequest(
            query=models.SparseVector(indices=[number(word)], values=[1.0]),
            using=SPARSE_VECTORS_NAME,
            limit=1,
            with_vector=[SPARSE_VECTORS_NAME],
        )
        for word in asked
    ]
    found = zip(asked, cluster.search(requests), strict=True)
    return {word: idf_of(points[0].score / _stored(points[0], word)) for word, points in found if points}


def _stored(point: models.ScoredPoint, word: str) -> float:
    """What a passage stores of one of its words."""
    # As it was asked for, which the client's types cannot say.
    sparse: models.SparseVector = point.vector[SPARSE_VECTORS_NAME]  # type: ignore[index, assignment, call-overload]
    return sparse.values[sparse.indices.index(number(word))]


class ClusterSearch:
    """One question to a cluster, as ``retrieval.hits`` asks it.

    Args:
        cluster: to be asked.
        question: words to look for.
        vector: by meaning, ``(dimensions,)``; None searches by words alone.
        condition: which passages may be found.
        title_weight: what a word of a title counts.
        average_words: of a passage with its title.
    """

    def __init__(
        self,
        cluster: Cluster,
        question: str,
        vector: NDArray[np.floating] | None,
        condition: models.Filter | None,
        title_weight: float,
        average_words: float,
    ) -> None:
        self._cluster, self._condition, self._vector = cluster, condition, vector
        self._title_weight, self._average_words = title_weight, average_words
        asked = terms(question)
        self._sparse = question_vector(asked)
        self._forms = [form for term in asked if (form := words(term))]
        self._idfs = idfs(cluster, (word for form in self._forms for word in form))
        self._documents: dict[str, Document] = {}
        self._articles: dict[str, dict[str, Any]] = {}

    def lists(self, depth: int) -> tuple[list[Scored], list[Scored]]:
        """The best ``depth`` passages by words and by meaning."""
        requests = []
        if self._idfs:
            weights = models.SparseVector(indices=list(self._sparse.indices), values=list(self._sparse.values))
            requests.append(_request(weights, SPARSE_VECTORS_NAME, self._condition, _POOL * depth))
        if self._vector is not None:
            # Local mode compares every vector anyhow, and warns if it is told to.
            place = self._cluster.place
            exactly = models.SearchParams(exact=True) if place.exact and not place.is_local else None
            requests.append(_request(self._vector.tolist(), DENSE_VECTORS_NAME, self._condition, depth, exactly))
        found, self._articles = _found(self._cluster, requests)
        self._documents = {document.id: document for one in found for document in one}
        by_words = [(document.id, self._bm25(document)) for document in found[0]] if self._idfs else []
        by_words = [(key, score) for key, score in by_words if score > 0]  # without those that hold no phrase whole
        by_meaning = found[-1] if self._vector is not None else []
        # Where a vector lies decides how its product is rounded; equals are to stand in the order of their ids.
        cosines = [(document.id, round(document.score or 0.0, 6)) for document in by_meaning]
        return ranked(by_words)[:depth], cosines

    def read(self, fused: Sequence[Fused]) -> list[Found]:
        """The passages of these places, in their order."""
        scored = [(one, replace(self._documents[one.id], score=one.score)) for one in fused]
        return [Found(one, document, to_passage(document)) for one, document in scored]

    def stories(self, article_ids: Sequence[str]) -> dict[str, list[str]]:
        """The articles among those found that tell one story with these."""
        told = stories_of(self._articles.values())
        return {one: told[one] for one in article_ids if one in told}

    def _bm25(self, document: Document) -> float:
        title = title_of(document)
        return bm25(document.content or "", title, self._forms, self._idfs, self._average_words, self._title_weight)


def current(cluster: Cluster, found: Sequence[tuple[Document, str | None]]) -> list[Document]:
    """Of documents with their editions, those of the edition that holds, and those of no article."""
    return _holding(_articles(cluster, found), found)


def _found(
    cluster: Cluster, requests: Sequence[models.QueryRequest]
) -> tuple[list[list[Document]], dict[str, dict[str, Any]]]:
    """What each request finds of the editions that hold, and what is held of their articles.

    An article whose edition was replaced after it was searched is not to be missed in both: then all is searched
    again, unless that finds the same again, as where a kill left an old edition behind.
    """
    missed: dict[str, str | None] = {}
    for _ in range(_TRIES):
        lists = [[document_of(point) for point in points] for points in cluster.search(requests)]
        every = [pair for one in lists for pair in one]
        articles = _articles(cluster, every)
        hit = {_article(document) for document in _holding(articles, every)}
        sought = {_article(document) for document, edition in every if edition is not None}
        before, missed = missed, {name: _edition(articles, name) for name in sought - hit}
        if not missed or missed == before:
            break
    return [_holding(articles, one) for one in lists], articles


def _articles(cluster: Cluster, found: Sequence[tuple[Document, str | None]]) -> dict[str, dict[str, Any]]:
    """What is held of the articles of these documents, those that are there, by their ids."""
    named = sorted({_article(document) for document, edition in found if edition is not None})
    held = cluster.get(cluster.articles, [article_key(name) for name in named], HELD)
    return {payload["id"]: payload for payload in held}


def _holding(articles: Mapping[str, Mapping[str, Any]], found: Sequence[tuple[Document, str | None]]) -> list[Document]:
    """Of documents with their editions, those of the edition that holds, and those of no article."""
    return [document for document, edition in found if edition in (None, _edition(articles, _article(document)))]


def _edition(articles: Mapping[str, Mapping[str, Any]], article_id: str) -> str | None:
    return articles[article_id][EDITION] if article_id in articles else None


def _article(document: Document) -> str:
    return str(document.meta.get("article_id"))


def _request(
    query: Any, using: str, condition: models.Filter | None, limit: int, params: models.SearchParams | None = None
) -> models.QueryRequest:
    return models.QueryRequest(
        query=query, using=using, filter=condition, limit=limit, params=params, with_payload=True
    )
