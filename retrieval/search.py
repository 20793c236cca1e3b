"""One hybrid search: BM25 and dense lists over one state of the index, fused, copies set aside."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from haystack import Document
from numpy.typing import NDArray

from corpus.errors import IndexIncompatible
from retrieval.analysis import SHIPPED, Analysis, Term
from retrieval.documents import to_passage
from retrieval.filters import Where
from retrieval.fusion import Fused, Scored, fuse, ranked
from retrieval.hits import Found, hit_of, spread_hits
from retrieval.query import match_expression
from retrieval.stories import told_by
from retrieval.types import Hit
from retrieval.vectors import RESCORED, Snapshot, unit

# How many times deeper the lists are made, and made again, where they hold too few passages that say something new.
_DEEPER: Final = 4
_DEEPEST: Final = 16


@dataclass(frozen=True, slots=True)
class Ranking:
    """How lists are made and fused.

    Attributes:
        depth: how many passages each list holds before fusion; at least the number wanted is taken.
        bm25_weight, dense_weight: the lists' shares; only their ratio matters.
        title_weight: what a word of the title counts against one of the passage in BM25.
        spread: whether a passage that says what better ones say stands after all that say something new.
    """

    depth: int = 50
    bm25_weight: float = 0.6
    dense_weight: float = 0.4
    title_weight: float = 0.5
    spread: bool = True


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


def hybrid(
    connection: sqlite3.Connection,
    snapshot: Snapshot,
    question: str,
    vector: NDArray[np.floating] | None,
    where: Where,
    top_k: int,
    ranking: Ranking,
    copies: int = 0,
) -> list[tuple[Hit, Document]]:
    """The best ``top_k`` passages of both lists, fused, with their documents (without embeddings).

    Those that say something new come first. If they are fewer than ``top_k``, copies of them fill it up; up to
    ``copies`` are given in any case, so that they can be cited.
    """
    depth = max(ranking.depth, top_k)
    deepest = _DEEPEST * depth
    while True:
        by_words = bm25(connection, question, where, depth, ranking.title_weight)
        by_meaning = [] if vector is None else dense(connection, snapshot, vector, where, depth)
        fused = fuse(by_words, by_meaning, ranking.bm25_weight, ranking.dense_weight)
        if not ranking.spread:
            return [hit_of(found, rank) for rank, found in enumerate(_read(connection, fused[:top_k]), 1)]
        hits = _spread(connection, fused, top_k, copies)
        new = sum(hit.copy_of is None for hit, _ in hits)
        # Where copies fill the lists, what is new stands behind them.
        if new == top_k or depth >= deepest or max(len(by_words), len(by_meaning)) < depth:
            return hits
        depth *= _DEEPER


def _spread(
    connection: sqlite3.Connection, fused: Sequence[Fused], top_k: int, copies: int
) -> list[tuple[Hit, Document]]:
    stories: dict[str, list[str]] = {}

    def in_batches() -> Iterator[Found]:
        for start in range(0, len(fused), top_k):
            batch = _read(connection, fused[start : start + top_k])
            stories.update(told_by(connection, [found.passage.article_id for found in batch]))
            yield from batch

    return spread_hits(in_batches(), top_k, copies, lambda one, other: one in stories.get(other, ()))


def _read(connection: sqlite3.Connection, fused: Sequence[Fused]) -> list[Found]:
    rows = connection.execute(
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
