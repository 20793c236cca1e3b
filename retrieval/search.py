"""One question to the file: the BM25 and dense lists over one state of it, and the passages they name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from haystack import Document
from numpy.typing import NDArray

from corpus.errors import IndexIncompatible
from retrieval.analysis import SHIPPED, Analysis, Term
from retrieval.documents import to_passage
from retrieval.filters import Where
from retrieval.fusion import Fused, Scored, ranked
from retrieval.hits import Found
from retrieval.query import match_expression
from retrieval.stories import told_by
from retrieval.vectors import RESCORED, Snapshot, unit


def bm25(
    connection: sqlite3.Connection,
    question: str,
    where: Where,
    depth: int,
    title_weight: float,
    analysis: Analysis = SHIPPED,
) -> list[Scored]:
    """The best ``depth`` passages by BM25 (Robertson and Zaragoza 2009; FTS5's, k1 1.2, b 0.75)."""
    expression = match_expression(question, analysis)
    if expression is None:
        return []
    # The filter's SQL holds no text of a caller: see retrieval.filters.
    # The plus keeps SQLite from asking the full-text index once for every row that the filter lets through.
    restriction = "" if where.sql == "1" else f"AND +rowid IN (SELECT row FROM passages WHERE {where.sql})"  # noqa: S608
    found = where.select(
        connection,
        f"""
        SELECT p.id, -w.rank FROM (
            SELECT rowid, rank FROM words
            WHERE words MATCH :words AND rank MATCH :formula {restriction} ORDER BY rank LIMIT :depth
        ) w JOIN passages p ON p.row = w.rowid
        """,  # noqa: S608 (as above)
        {"words": expression, "formula": f"bm25(1.0, {title_weight})", "depth": depth},
    )
    return ranked([(key, score) for key, score in found])


def stands(connection: sqlite3.Connection, term: Term) -> bool:
    """Whether a passage, or a title, holds ``term`` in a form that the full-text index takes for the same."""
    expression = " OR ".join(f'"{form}"' for form in term.forms)
    found = connection.execute("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (expression,))
    return found.fetchone() is not None


def dense(
    connection: sqlite3.Connection, snapshot: Snapshot, vector: NDArray[np.floating], where: Where, depth: int
) -> list[Scored]:
    """The best ``depth`` passages by cosine with ``vector`` ``(dimensions,)``.

    Raises:
        IndexIncompatible: if the index holds vectors of another length.
    """
    if not len(snapshot.rows):
        return []
    if vector.shape != snapshot.codes.shape[1:]:
        raise IndexIncompatible(
            f"the query's vector has shape {vector.shape}, the index holds vectors of {snapshot.codes.shape[1]} "
            "dimensions: use the encoder the index was made with"
        )
    query = unit(vector[None])[0]
    allowed = None
    if where.sql != "1":
        # As one text, because a Python object for every row would take longest of all.
        listed = where.select(connection, f"SELECT group_concat(row) FROM passages WHERE {where.sql}")[0][0]  # noqa: S608 (as above)
        allowed = np.fromstring(listed, np.int64, sep=",") if listed else np.empty(0, np.int64)
    nearest = snapshot.nearest(query, RESCORED * depth, allowed)
    found = connection.execute(
        "SELECT p.id, v.half FROM vectors v JOIN passages p ON p.row = v.row"
        " WHERE v.row IN (SELECT value FROM json_each(?))",
        (json.dumps(nearest.tolist()),),
    ).fetchall()
    if not found:
        return []
    halves = np.frombuffer(b"".join(half for _, half in found), "<f2").reshape(len(found), -1)  # (found, dimensions)
    # Row by row, not as one matrix product, whose rounding depends on how many rows there are.
    cosines = np.einsum("nd,d->n", halves.astype(np.float32), query)
    return ranked([(key, float(cosine)) for (key, _), cosine in zip(found, cosines, strict=True)])[:depth]


@dataclass(frozen=True, slots=True)
class FileSearch:
    """One question to one state of the file, as ``retrieval.hits`` asks it."""

    connection: sqlite3.Connection
    snapshot: Snapshot
    question: str
    vector: NDArray[np.floating] | None
    where: Where
    title_weight: float

    def lists(self, depth: int) -> tuple[list[Scored], list[Scored]]:
        """The best ``depth`` passages by words and by meaning."""
        by_words = bm25(self.connection, self.question, self.where, depth, self.title_weight)
        if self.vector is None:
            return by_words, []
        return by_words, dense(self.connection, self.snapshot, self.vector, self.where, depth)

    def read(self, fused: Sequence[Fused]) -> list[Found]:
        """The passages of these places, in their order."""
        rows = self.connection.execute(
            "SELECT id, content, meta FROM passages WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([one.id for one in fused]),),
        )
        stored = {key: (content, meta) for key, content, meta in rows}
        found = []
        for one in fused:
            content, meta = stored[one.id]
            document = Document(id=one.id, content=content, meta=json.loads(meta), score=one.score)
            found.append(Found(one, document, to_passage(document)))
        return found

    def stories(self, article_ids: Sequence[str]) -> dict[str, list[str]]:
        """The articles that tell one story with these."""
        return told_by(self.connection, article_ids)
