"""Articles and passages as points of a collection, and back.

A passage's point is a document as Haystack's own Qdrant store writes and reads it. Its ``meta`` says one thing more:
``edition``, the writing of its article that it belongs to. The article's point says which edition holds, so that one
write of one point puts all new passages in the place of all old ones. It also names the articles that tell the same
story, each with its edition: what was found out about a text that has been replaced since is void.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np
from haystack import Document
from haystack.dataclasses import SparseEmbedding
from haystack_integrations.document_stores.qdrant.converters import (
    convert_haystack_documents_to_qdrant_points,
    convert_id,
    convert_qdrant_point_to_haystack_document,
)
from numpy.typing import NDArray
from qdrant_client import models

from corpus.types import Article, Passage
from retrieval.articles import ArticleRow
from retrieval.documents import to_document
from retrieval.qdrant.cluster import FINGERPRINTS
from retrieval.qdrant.lexical import length, passage_vector

EDITION: Final = "edition"
STORY: Final = "story"
WORDS: Final = "words"
# What a search reads of an article.
HELD: Final = ("id", EDITION, STORY)
# The fields of an article's point but its text and its fingerprints.
LISTED: Final = (*HELD, WORDS, "title", "source", "url", "published", "chars", "passages", "digest", "origin")


def article_key(article_id: str) -> str:
    """The key of an article's point: a UUID made of its id."""
    return convert_id(article_id)


def edition_of(article: Article, passages: Sequence[Passage]) -> str:
    """Names one writing of an article: the same for the same text split alike, so that a write can be repeated."""
    cut = [[passage.number, passage.span.start, passage.span.end] for passage in passages]
    return hashlib.sha256(json.dumps([article.digest, cut]).encode("ascii")).hexdigest()[:16]


def article_point(
    article: Article,
    passages: Sequence[Passage],
    origin: str | None,
    edition: str,
    marks: Sequence[int],
    story: Mapping[str, str],
) -> models.PointStruct:
    """An article as a point without a vector.

    Args:
        article: the article.
        passages: its passages.
        origin: the folder it comes from, where known.
        edition: of its passages.
        marks: its fingerprints (``retrieval.stories``).
        story: the articles that tell the same story, and their editions, by their ids.
    """
    payload = {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "source": article.source,
        "url": article.url,
        "published": article.published and article.published.isoformat(),
        "chars": len(article.text),
        "passages": len(passages),
        "digest": article.digest,
        "origin": origin,
        WORDS: sum(length(passage.text, article.title) for passage in passages),
        EDITION: edition,
        FINGERPRINTS: list(marks),
        STORY: sorted(story.items()),
    }
    return models.PointStruct(id=article_key(article.id), vector={}, payload=payload)


def article_of(payload: Mapping[str, Any]) -> Article:
    """The article of a point's payload."""
    published = payload["published"]
    return Article(
        payload["id"],
        payload["title"],
        payload["text"],
        payload["source"],
        payload["url"],
        published and date.fromisoformat(published),
    )


def stories_of(held: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """For each article that has any: the ids of those among ``held`` that tell the same story, in order.

    What one article's point says of another holds for both, as long as the other has the edition it speaks of.

    Args:
        held: payloads with the fields ``HELD``.
    """
    told = {payload["id"]: (payload[EDITION], payload[STORY]) for payload in held}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one, (_, story) in told.items():
        for other, edition in story:
            if other in told and told[other][0] == edition:
                found[one].add(other)
                found[other].add(one)
    return {one: sorted(others) for one, others in found.items()}


def row_of(payload: Mapping[str, Any], same_story: Sequence[str]) -> ArticleRow:
    """An article without its text, of a point's payload."""
    published = payload["published"]
    return ArticleRow(
        payload["id"],
        payload["title"],
        payload["source"],
        payload["url"],
        published and date.fromisoformat(published),
        payload["chars"],
        payload["passages"],
        payload["digest"],
        payload["origin"],
        tuple(same_story),
    )


def passage_points(
    article: Article,
    passages: Sequence[Passage],
    vectors: NDArray[np.float32],
    edition: str,
    title_weight: float,
) -> list[models.PointStruct]:
    """The passages of an article, each with both its vectors; keys differ from those of every other edition."""
    points = []
    for passage, vector in zip(passages, vectors, strict=True):
        document = to_document(passage, article)
        document.meta[EDITION] = edition
        points.append(
            _point(replace(document, embedding=vector.tolist()), convert_id(f"{edition} {passage.id}"), title_weight)
        )
    return points


def document_point(document: Document, title_weight: float) -> models.PointStruct:
    """A document of any pipeline; its own sparse embedding gives way to the one that is searched here."""
    return _point(document, convert_id(document.id), title_weight)


def document_of(point: models.Record | models.ScoredPoint) -> tuple[Document, str | None]:
    """The document of a point and its edition; None for one that was not written as part of an article."""
    document = convert_qdrant_point_to_haystack_document(point, use_sparse_embeddings=True)
    edition = document.meta.pop(EDITION, None)
    return document, edition


def title_of(document: Document) -> str:
    """The title that a passage's document carries; empty for one without."""
    title = document.meta.get("title")
    return title if isinstance(title, str) else ""


def _point(document: Document, key: str, title_weight: float) -> models.PointStruct:
    sparse = passage_vector(document.content or "", title_of(document), title_weight)
    embedding = SparseEmbedding(list(sparse.indices), list(sparse.values)) if sparse.indices else None
    written = replace(document, sparse_embedding=embedding)
    (point,) = convert_haystack_documents_to_qdrant_points([written], use_sparse_embeddings=True)
    point.id = key
    return point
