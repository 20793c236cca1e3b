"""One hybrid search on a cluster: both lists in one request, fused here as they are everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from retrieval.fusion import fuse
from retrieval.hits import Found, hit_of, spread_hits
from retrieval.qdrant.cluster import Cluster
from retrieval.qdrant.lexical import question_vector
from retrieval.qdrant.points import EDITION, article_key, document_of
from retrieval.query import terms
from retrieval.search import Ranking
from retrieval.types import Hit

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


def hybrid(
    cluster: Cluster,
    question: str,
    vector: NDArray[np.floating] | None,
    condition: models.Filter | None,
    top_k: int,
    ranking: Ranking,
    copies: int = 0,
) -> list[tuple[Hit, Document]]:
    """The best ``top_k`` passages of both lists, fused, with their documents (without embeddings).

    Those that say something new come first; copies of them fill ``top_k`` up, up to ``copies`` follow in any case.
    """
    depth = max(ranking.depth, top_k)
    sparse = question_vector(terms(question))
    requests = []
    if sparse.indices:
        weights = models.SparseVector(indices=list(sparse.indices), values=list(sparse.values))
        requests.append(_request(weights, SPARSE_VECTORS_NAME, condition, depth))
    if vector is not None:
        # Local mode compares every vector anyhow, and warns if it is told to.
        exactly = models.SearchParams(exact=True) if cluster.place.exact and not cluster.place.is_local else None
        requests.append(_request(vector.tolist(), DENSE_VECTORS_NAME, condition, depth, exactly))
    lists = _found(cluster, requests)
    documents = {document.id: document for one in lists for document in one}
    # Where a vector lies decides how its product is rounded; equals are to stand in the order of their ids.
    scored = [[(document.id, round(document.score or 0.0, 6)) for document in one] for one in lists]
    by_words = scored[0] if sparse.indices else []
    by_meaning = scored[-1] if vector is not None else []
    fused = fuse(by_words, by_meaning, ranking.bm25_weight, ranking.dense_weight)
    scored_documents = [replace(documents[one.id], score=one.score) for one in fused]
    found = [Found(one, document, to_passage(document)) for one, document in zip(fused, scored_documents, strict=True)]
    if not ranking.spread:
        return [hit_of(one, rank) for rank, one in enumerate(found[:top_k], 1)]
    # Which articles tell one story is not kept on a cluster: copies are told by their sentences alone.
    return spread_hits(found, top_k, copies, lambda _one, _other: False)


def current(cluster: Cluster, found: Sequence[tuple[Document, str | None]]) -> list[Document]:
    """Of documents with their editions, those of the edition that holds, and those of no article."""
    editions = _editions(cluster, found)
    return [document for document, edition in found if edition is None or editions[_article(document)] == edition]


def _found(cluster: Cluster, requests: Sequence[models.QueryRequest]) -> list[list[Document]]:
    """What each request finds of the editions that hold.

    An article whose edition was replaced after it was searched is not to be missed in both: then all is searched
    again, unless that finds the same again, as where a kill left an old edition behind.
    """
    missed: dict[str, str | None] = {}
    for _ in range(_TRIES):
        lists = [[document_of(point) for point in points] for points in cluster.search(requests)]
        every = [pair for one in lists for pair in one]
        editions = _editions(cluster, every)
        hit = {_article(document) for document, edition in every if edition == editions.get(_article(document))}
        before, missed = missed, {name: edition for name, edition in editions.items() if name not in hit}
        if not missed or missed == before:
            break
    return [[doc for doc, edition in one if edition is None or edition == editions[_article(doc)]] for one in lists]


def _editions(cluster: Cluster, found: Sequence[tuple[Document, str | None]]) -> dict[str, str | None]:
    """The edition that holds of each article among these documents; None for one that is gone."""
    named = sorted({_article(document) for document, edition in found if edition is not None})
    held = cluster.get(cluster.articles, [article_key(name) for name in named], ["id", EDITION])
    return dict.fromkeys(named) | {payload["id"]: payload[EDITION] for payload in held}


def _article(document: Document) -> str:
    return str(document.meta.get("article_id"))


def _request(
    query: Any, using: str, condition: models.Filter | None, limit: int, params: models.SearchParams | None = None
) -> models.QueryRequest:
    return models.QueryRequest(
        query=query, using=using, filter=condition, limit=limit, params=params, with_payload=True
    )
