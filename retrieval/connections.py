"""Transactions on one SQLite file, for many threads and several processes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from corpus.errors import IndexBusy, IndexIncompatible, IndexMissing, IndexProblem

# A process that last looked more removals ago than this reads all vectors again.
KEPT_REMOVALS: Final = 100_000


class Connections:
    """Connections that are lent for one transaction each: readers at the same time, one writer.

    Write-ahead logging lets readers see the last commit while a writer works; ``synchronous=FULL``
    means that what was committed survives a loss of power.

    Raises:
        IndexMissing: if the file does not exist and ``create`` is false, or its folder cannot be made.
    """

    def __init__(self, path: Path, *, create: bool, busy_timeout_s: float) -> None:
        if not path.exists():
            if not create:
                raise IndexMissing(f"there is no index at {path}: make one with 'pullquote index FOLDER'")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise IndexMissing(f"no index can be made at {path}: {error}; name another place") from error
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._lock = threading.Lock()
        self._writer = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the index throughout.

        Raises:
            IndexProblem: if the file cannot be read.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is wholly there after the block, or, if the block raises, not at all.

        Raises:
            IndexBusy: if another process kept the index locked for longer than the timeout.
            IndexProblem: if the file cannot be written.
        """
        with self._writer, self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection
            connection.execute("UPDATE about SET value = value + 1 WHERE name = 'revision'")
            connection.execute(
                "DELETE FROM removals WHERE seq <= (SELECT max(seq) FROM removals) - ?", (KEPT_REMOVALS,)
            )

    def close(self) -> None:
        """Close every idle connection; those in use close when they are given back. May be called twice."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._take()
            try:
                connection.execute(begin)
                yield connection
                connection.commit()
            finally:
                if connection.in_transaction:
                    connection.rollback()
                self._give(connection)
        except sqlite3.DatabaseError as error:
            explained = self._explained(error)
            if explained is None:
                raise
            raise explained from error

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise IndexProblem(f"the index {self._path} was closed: open it again")
            if self._idle:
                return self._idle.pop()
        # Given from thread to thread, but never used by two at a time.
        connection = sqlite3.connect(
            self._path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _give(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _explained(self, error: sqlite3.Error) -> IndexProblem | None:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code, without its extension
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return IndexBusy(
                f"another process kept the index {self._path} locked for more than {self._busy_timeout_s:g} s: "
                "wait until it has finished, and try again"
            )
        if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            return IndexIncompatible(
                f"{self._path} is no index, or a damaged one ({error}): name another path, or delete it and index again"
            )
        if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
            return IndexProblem(
                f"the index {self._path} cannot be used: {error}; look at its folder, rights, and space"
            )
        return None
