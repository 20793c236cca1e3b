"""Haystack documents as rows of the index, and back, exactly."""

from __future__ import annotations

import base64
import json
import sqlite3
from typing import Any, Final

import numpy as np
from haystack import Document
from haystack.dataclasses import ByteStream, SparseEmbedding
from numpy.typing import NDArray

from corpus.errors import IndexIncompatible
from retrieval.filters import columns
from retrieval.vectors import to_codes, unit

# What `document_of` reads, in its order.
DOCUMENT: Final = "p.id, p.content, p.meta, p.rest, p.embedding, v.half"
FROM_PASSAGES: Final = "FROM passages p LEFT JOIN vectors v ON v.row = p.row"


def insert(connection: sqlite3.Connection, document: Document) -> None:
    """Write ``document`` as a new passage; its id must be new.

    The embedding is kept as it was given (in 4 bytes a number where they hold it exactly), beside the
    forms that are searched.

    Raises:
        ValueError: if ``meta`` is no JSON, or a text has no UTF-8 form.
    """
    exact = None if document.embedding is None else _exact(document.embedding)
    row = insert_passage(connection, document.id, document.content, document.meta, _rest(document), exact)
    if document.embedding is not None:
        insert_vectors(connection, [row], np.array([document.embedding], np.float64))


def insert_passage(
    connection: sqlite3.Connection,
    key: str,
    content: str | None,
    meta: dict[str, Any],
    rest: str | None = None,
    exact: bytes | None = None,
) -> int:
    """Write one passage without its vector; returns its row."""
    cursor = connection.execute(
        "INSERT INTO passages (id, article_id, source, published, moment, content, meta, rest, embedding)"
        " VALUES (:id, :article_id, :source, :published, :moment, :content, :meta, :rest, :exact)",
        {"id": key, "content": content, "meta": to_json(meta), "rest": rest, "exact": exact, **columns(meta)},
    )
    return int(cursor.lastrowid or 0)


def update_meta(connection: sqlite3.Connection, key: str, meta: dict[str, Any]) -> None:
    """Replace the ``meta`` of one passage.

    Raises:
        ValueError: if ``meta`` is no JSON.
    """
    connection.execute(
        "UPDATE passages SET article_id = :article_id, source = :source, published = :published, moment = :moment,"
        " meta = :meta WHERE id = :id",
        {"id": key, "meta": to_json(meta), **columns(meta)},
    )


def insert_vectors(connection: sqlite3.Connection, rows: list[int], vectors: NDArray[np.floating]) -> None:
    """Write the searchable forms of ``vectors`` ``(n, dimensions)`` for ``n`` rows.

    Raises:
        IndexIncompatible: if the index holds vectors of another length.
        ValueError: if a component is not finite.
    """
    if not np.isfinite(vectors).all():
        raise ValueError("a vector holds a component that is not finite; expected numbers only")
    stored = connection.execute("SELECT length(half) / 2 FROM vectors LIMIT 1").fetchone()
    if stored is not None and stored[0] != vectors.shape[1]:
        raise IndexIncompatible(
            f"the index holds vectors of {stored[0]} dimensions, these have {vectors.shape[1]}: use the encoder the "
            "index was made with, or make another index"
        )
    units = unit(vectors)
    codes, halves = to_codes(units), units.astype("<f2")
    connection.executemany(
        "INSERT INTO vectors (row, codes, half) VALUES (?, ?, ?)",
        [(row, code.tobytes(), half.tobytes()) for row, code, half in zip(rows, codes, halves, strict=True)],
    )


def document_of(row: tuple[Any, ...]) -> Document:
    """The document of a row read as ``DOCUMENT``; its embedding as it was given, or else the float16 one."""
    key, content, meta, rest, exact, half = row
    embedding = None
    if exact is not None:
        embedding = np.frombuffer(exact, "<f8" if len(exact) == 4 * len(half) else "<f4").tolist()
    elif half is not None:
        embedding = np.frombuffer(half, "<f2").tolist()
    fields = {} if rest is None else json.loads(rest)
    sparse, blob = fields.get("sparse_embedding"), fields.get("blob")
    return Document(
        id=key,
        content=content,
        meta=json.loads(meta),
        score=fields.get("score"),
        embedding=embedding,
        sparse_embedding=sparse and SparseEmbedding.from_dict(sparse),
        blob=blob and ByteStream(base64.b64decode(blob["data"]), blob["meta"], blob["mime_type"]),
    )


def to_json(value: Any) -> str:
    """``value`` as JSON whose keys SQLite can find: characters as they are, not escaped.

    Raises:
        ValueError: if it is not JSON.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"a document's meta must be JSON (no dates, bytes, NaN): {error}") from error


def _exact(embedding: list[float]) -> bytes:
    wide = np.array(embedding, "<f8")
    with np.errstate(over="ignore"):  # what is too large for 4 bytes is told by the comparison
        narrow = wide.astype("<f4")
    return (narrow if np.array_equal(narrow, wide) else wide).tobytes()


def _rest(document: Document) -> str | None:
    """The fields that few documents have, as JSON; None without any."""
    fields: dict[str, Any] = {}
    if document.score is not None:
        fields["score"] = document.score
    if document.sparse_embedding is not None:
        fields["sparse_embedding"] = document.sparse_embedding.to_dict()
    if document.blob is not None:
        data = base64.b64encode(document.blob.data).decode("ascii")
        fields["blob"] = {"data": data, "meta": document.blob.meta, "mime_type": document.blob.mime_type}
    return to_json(fields) if fields else None
