"""What people say of answers, kept in a small database beside the index until it becomes gold.

It is no part of the index: indexing anew leaves it alone, and answers do not depend on it.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from corpus.errors import FeedbackFull, IndexProblem
from corpus.types import Span

FILE = "feedback.sqlite"
MAX_ENTRIES = 100_000
_BUSY_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """A span of an article; ``article_sha256`` says of which text, where that is known."""

    article_id: str
    span: Span
    article_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person says of one answer.

    Attributes:
        answer_id: the response's id.
        question: what was asked.
        verdict: whether the answer was right.
        answer: its words; None where none was given.
        citation: where it was quoted from.
        right_span: where the right answer stands, if the person knows.
        note: a remark.
        asked_on: the day that counted as the question's "now"; None where none did.
    """

    answer_id: str
    question: str
    verdict: Literal["right", "wrong"]
    answer: str | None = None
    citation: Place | None = None
    right_span: Place | None = None
    note: str | None = None
    asked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """Feedback as it was stored: its own id, and when it came (UTC, ISO 8601)."""

    id: str
    at: str
    feedback: Feedback


class FeedbackBook:
    """The feedback on one index. Safe for threads and for several processes.

    Args:
        index: folder of the index.
        max_entries: how many are kept at most.
    """

    def __init__(self, index: Path, max_entries: int = MAX_ENTRIES) -> None:
        self.path = index / FILE
        self._max_entries = max_entries

    def add(self, feedback: Feedback) -> str:
        """Store ``feedback``; when this returns it is on disk. Returns its id.

        Raises:
            FeedbackFull: if no more are kept.
            IndexProblem: if it cannot be written.
        """
        key, at = uuid.uuid4().hex, datetime.now(UTC).isoformat(timespec="seconds")
        try:
            with closing(sqlite3.connect(self.path, timeout=_BUSY_TIMEOUT_S)) as connection, connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("CREATE TABLE IF NOT EXISTS feedback (id TEXT PRIMARY KEY, at TEXT, said TEXT)")
                if connection.execute("SELECT count(*) FROM feedback").fetchone()[0] >= self._max_entries:
                    raise FeedbackFull(
                        f"{self.path} holds {self._max_entries} entries, the most that are kept; turn them into gold "
                        "with 'pullquote gold from-feedback' and move the file away"
                    )
                said = json.dumps(asdict(feedback), default=date.isoformat)
                connection.execute("INSERT INTO feedback VALUES (?, ?, ?)", (key, at, said))
        except sqlite3.Error as error:
            raise IndexProblem(f"the feedback could not be written to {self.path}: {error}") from error
        return key

    def read(self) -> Iterator[Stored]:
        """All feedback, oldest first; nothing where there is none.

        Raises:
            IndexProblem: if the file is damaged.
        """
        if not self.path.exists():
            return
        try:
            with closing(sqlite3.connect(self.path, timeout=_BUSY_TIMEOUT_S)) as connection:
                rows = connection.execute("SELECT id, at, said FROM feedback ORDER BY at, rowid").fetchall()
        except sqlite3.Error as error:
            raise IndexProblem(f"the feedback in {self.path} cannot be read: {error}") from error
        for key, at, said in rows:
            fields = json.loads(said)
            places = {name: _place(fields[name]) for name in ("citation", "right_span")}
            day = fields.get("asked_on")  # what was stored before questions had a day lacks it
            asked_on = None if day is None else date.fromisoformat(day)
            yield Stored(key, at, Feedback(**(fields | places | {"asked_on": asked_on})))


def _place(fields: dict[str, Any] | None) -> Place | None:
    if fields is None:
        return None
    return Place(fields["article_id"], Span(**fields["span"]), fields["article_sha256"])
