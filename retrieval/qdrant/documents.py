"""What Haystack's ``DocumentStore`` protocol asks of a store, in terms of the two collections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from uuid import uuid4

import numpy as np
from haystack import Document
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from haystack_integrations.document_stores.qdrant.converters import DENSE_VECTORS_NAME
from qdrant_client import models

from corpus.errors import IndexIncompatible
from retrieval.filters import storable
from retrieval.qdrant.cluster import READ_AT_ONCE, Cluster
from retrieval.qdrant.points import article_key, document_of, document_point
from retrieval.qdrant.search import current, holding
from retrieval.rows import to_json


def matching(cluster: Cluster, condition: models.Filter | None) -> list[Document]:
    """The documents that ``condition`` lets through, with their embeddings."""
    points = cluster.scroll(cluster.passages, condition, vectors=[DENSE_VECTORS_NAME])
    return current(cluster, [document_of(point) for point in points])


def check(documents: object, dimensions: int) -> list[Document]:
    """``documents``, if each of them can be written.

    Raises:
        IndexIncompatible: if an embedding has not ``dimensions`` components.
        ValueError: if it is no list of documents, a ``meta`` is no JSON, or an embedding is not finite.
    """
    if not isinstance(documents, list) or not all(isinstance(document, Document) for document in documents):
        raise ValueError("write_documents takes a list of Haystack documents")
    for document in documents:
        if not storable(f"{document.id}{document.content or ''}{to_json(document.meta)}"):
            raise ValueError(f"the document {document.id!r} holds a lone surrogate, which has no UTF-8 form")
        if document.embedding is not None and len(document.embedding) != dimensions:
            raise IndexIncompatible(
                f"the index holds vectors of {dimensions} dimensions, the document {document.id!r} has one of "
                f"{len(document.embedding)}: use the encoder the index was made with, or make another index"
            )
        if document.embedding is not None and not np.isfinite(document.embedding).all():
            raise ValueError("a vector holds a component that is not finite; expected numbers only")
    return documents


def write(cluster: Cluster, documents: list[Document], policy: DuplicatePolicy, title_weight: float) -> int:
    """Write documents that were checked; returns how many.

    Raises:
        DuplicateDocumentError: under ``FAIL`` (and ``NONE``), if an id is taken or comes twice; nothing is written.
    """
    stored = {point.payload["id"] for point in _points(cluster, [d.id for d in documents]) if point.payload}
    chosen: dict[str, Document] = {}
    written = 0
    for document in documents:
        taken = document.id in stored or document.id in chosen
        if taken and policy is DuplicatePolicy.SKIP:
            continue
        if taken and policy is not DuplicatePolicy.OVERWRITE:
            raise DuplicateDocumentError(f"a document with the id {document.id!r} is already stored")
        chosen[document.id] = document
        written += 1
    delete(cluster, sorted(stored & chosen.keys()))
    cluster.put(cluster.passages, (document_point(document, title_weight) for document in chosen.values()))
    return written


def delete(cluster: Cluster, document_ids: Sequence[str]) -> None:
    """Remove the documents of these ids; an article that loses one is known as changed, or gone with its last."""
    gone = list(_points(cluster, [key for key in document_ids if storable(key)]))
    cluster.delete(cluster.passages, [str(point.id) for point in gone])
    touched = {(point.payload or {})["meta"].get("article_id") for point in gone}
    for article_id in sorted(name for name in touched if isinstance(name, str)):
        key = article_key(article_id)
        left = cluster.count(cluster.passages, holding(article_id))
        if not cluster.get(cluster.articles, [key], ["id"]):
            continue
        if left:
            cluster.set(cluster.articles, key, {"digest": f"changed at {uuid4().hex}", "passages": left})
        else:
            cluster.delete(cluster.articles, [key])


def _points(cluster: Cluster, document_ids: Iterable[str]) -> Iterator[models.Record]:
    rest = iter(document_ids)
    fields = models.PayloadSelectorInclude(include=["id", "meta.article_id"])
    while batch := list(islice(rest, READ_AT_ONCE)):
        condition = models.FieldCondition(key="id", match=models.MatchAny(any=batch))
        yield from cluster.scroll(cluster.passages, models.Filter(must=[condition]), fields)
