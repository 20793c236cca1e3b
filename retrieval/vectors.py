"""Exact nearest-vector search over int8 codes in memory, re-scored with float16.

A vector is scaled to length 1 and kept twice: as int8 codes (scaled so that its largest component is
127; the cosine of two code vectors needs no scale) and as float16. A search compares the query with
every code vector, exactly, and orders the best few by the cosine of their float16 forms: no recall
to tune, and the same answer every time.
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from usearch.compiled import MetricKind
from usearch.index import search as search_exactly

# How many of the best by codes are re-scored for each one wanted.
RESCORED: Final = 4
READ_AT_ONCE: Final = 10_000


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """``(n, dimensions)`` scaled to length 1 each; a vector of zeros stays one."""
    wide = np.asarray(vectors, np.float64)
    # First by the largest component: the squares of very large or small ones have no float.
    largest = np.abs(wide).max(axis=1, keepdims=True, initial=0)
    wide = wide / np.where(largest == 0, 1, largest)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    return (wide / np.where(norms == 0, 1, norms)).astype(np.float32)


def to_codes(units: NDArray[np.float32]) -> NDArray[np.int8]:
    """``(n, dimensions)`` as int8, each row scaled so that its largest component is 127."""
    largest = np.abs(units).max(axis=1, keepdims=True, initial=0)
    return np.rint(units / np.where(largest == 0, 1, largest) * 127).astype(np.int8)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The code vectors of one revision of the index: ``rows`` ascending, ``(n,)``; ``codes`` ``(n, dimensions)``."""

    revision: int
    last_row: int
    last_removal: int
    rows: NDArray[np.int64]
    codes: NDArray[np.int8]

    def nearest(
        self, vector: NDArray[np.float32], count: int, allowed: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Rows of the ``count`` nearest by cosine of the codes, nearest first, among ``allowed`` rows if given.

        Args:
            vector: ``(dimensions,)``.
            count: how many at most.
            allowed: rows, each once, in any order; the search is restricted before it starts, so it finds ``count`` of
                them if there are as many.
        """
        rows, codes = self.rows, self.codes
        if allowed is not None:
            chosen = np.flatnonzero(np.isin(rows, allowed, assume_unique=True))
            rows, codes = rows[chosen], codes[chosen]
        if not len(rows):
            return rows
        query = to_codes(unit(vector[None]))[0]
        # One thread: the order among equals stays the same, and questions asked at once do not fight.
        matches = search_exactly(codes, query, min(count, len(rows)), MetricKind.Cos, exact=True, threads=1)
        nearest: NDArray[np.int64] = rows[matches.keys.astype(np.int64)]
        return nearest


_EMPTY: Final = Snapshot(-1, 0, 0, np.empty(0, np.int64), np.empty((0, 0), np.int8))


class VectorCache:
    """The newest snapshot this process has read, shared by its threads, brought in step on demand."""

    def __init__(self) -> None:
        self._newest = _EMPTY
        # The newest snapshot's arrays are the filled part of these, so that adding copies little.
        self._rows = _EMPTY.rows
        self._codes = _EMPTY.codes
        self._lock = threading.Lock()

    def at(self, connection: sqlite3.Connection) -> Snapshot | None:
        """The snapshot of the revision that ``connection``'s transaction sees.

        None if another thread has meanwhile read a newer one: the caller begins a new transaction.
        """
        revision = connection.execute("SELECT value FROM about WHERE name = 'revision'").fetchone()[0]
        newest = self._newest
        if newest.revision == revision:
            return newest
        with self._lock:
            if self._newest.revision > revision:
                return None
            if self._newest.revision < revision:
                self._newest = self._follow(connection, revision)
            return self._newest

    def _follow(self, connection: sqlite3.Connection, revision: int) -> Snapshot:
        old = self._newest
        oldest, latest = connection.execute("SELECT min(seq), max(seq) FROM removals").fetchone()
        if oldest is not None and oldest > old.last_removal + 1:
            old = _EMPTY  # part of the log is gone, so what was removed is not known
        removed = connection.execute("SELECT row FROM removals WHERE seq > ?", (old.last_removal,)).fetchall()
        rows, codes, last_row = old.rows, old.codes, old.last_row
        kept = np.isin(rows, np.array(removed, np.int64).ravel(), invert=True)
        if not kept.all():
            rows, codes = self._moved(connection, rows, codes, kept)
        added = connection.execute("SELECT row, codes FROM vectors WHERE row > ? ORDER BY row", (last_row,))
        while batch := added.fetchmany(READ_AT_ONCE):
            new_rows = np.array([row for row, _ in batch], np.int64)
            new_codes = np.frombuffer(b"".join(blob for _, blob in batch), np.int8).reshape(len(batch), -1)
            if not len(rows):
                codes = new_codes[:0]  # of another length, perhaps
            if not len(rows) or len(rows) + len(batch) > len(self._rows):
                rows, codes = self._moved(connection, rows, codes, np.ones(len(rows), bool), len(batch))
            rows, codes = self._appended(len(rows), new_rows, new_codes)
            last_row = batch[-1][0]
        return Snapshot(revision, last_row, latest or 0, rows, codes)

    def _moved(
        self,
        connection: sqlite3.Connection,
        rows: NDArray[np.int64],
        codes: NDArray[np.int8],
        kept: NDArray[np.bool_],
        more: int = 0,
    ) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
        """Those ``kept`` ``(n,)``, in new arrays with room for ``more`` and for all that the index holds.

        A quarter more is reserved; what is not written to takes no memory.
        """
        filled = int(kept.sum())
        (held,) = connection.execute("SELECT count(*) FROM passages").fetchone()
        room = max(held, filled + more) * 5 // 4
        self._rows = np.empty(room, np.int64)
        self._codes = np.empty((room, codes.shape[1]), np.int8)
        places = np.flatnonzero(kept)
        # "clip" changes nothing here, but numpy checks places by way of a copy otherwise.
        np.take(rows, places, out=self._rows[:filled], mode="clip")
        np.take(codes, places, axis=0, out=self._codes[:filled], mode="clip")
        return self._rows[:filled], self._codes[:filled]

    def _appended(
        self, filled: int, new_rows: NDArray[np.int64], new_codes: NDArray[np.int8]
    ) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
        """The ``filled`` part of the arrays with new ones after it, for which there is room.

        Older snapshots end before what is written here, so they stay as they are.
        """
        total = filled + len(new_rows)
        self._rows[filled:total] = new_rows
        self._codes[filled:total] = new_codes
        return self._rows[:total], self._codes[:total]
