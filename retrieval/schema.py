"""The index's tables, and the check that a file is an index this version and this encoder can use.

Passages hold what Haystack calls documents; ``article_id``, ``source`` and ``published`` repeat what
their ``meta`` says (an index on generated columns would not cover a filter), ``moment`` is
``published`` where that is a plain date, in a form that sorts. ``row`` is never used
again after a deletion, and deletions are logged in ``removals``: from both, every process brings its
copy of the vectors in step by reading only what changed. ``stories`` holds the pairs of articles that
tell one story, each both ways; ``fingerprints`` finds them (see ``retrieval.stories``). Everything that
follows from a passage (full-text entry, vector) or an article (fingerprints, stories) is written and
removed by triggers or in the same transaction, so no state between exists on disk.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from corpus.errors import IndexIncompatible

VERSION: Final = 2

_TABLES: Final = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    """
    CREATE TABLE articles (
        row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL, source TEXT,
        url TEXT, published TEXT, chars INTEGER NOT NULL, digest TEXT NOT NULL, origin TEXT
    )
    """,
    """
    CREATE TABLE passages (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        article_id,
        source,
        published,
        moment TEXT,
        title GENERATED ALWAYS AS (json_extract(meta, '$.title')) VIRTUAL,
        content TEXT,
        meta TEXT NOT NULL,
        rest TEXT,
        embedding BLOB
    )
    """,
    "CREATE INDEX passages_by_article ON passages (article_id)",
    "CREATE INDEX passages_by_source ON passages (source)",
    "CREATE INDEX passages_by_published ON passages (moment, published)",
    "CREATE TABLE vectors (row INTEGER PRIMARY KEY, codes BLOB NOT NULL, half BLOB NOT NULL)",
    "CREATE TABLE removals (seq INTEGER PRIMARY KEY, row INTEGER NOT NULL)",
    "CREATE TABLE fingerprints (mark INTEGER, article_row INTEGER, PRIMARY KEY (mark, article_row)) WITHOUT ROWID",
    "CREATE INDEX fingerprints_by_article ON fingerprints (article_row)",
    "CREATE TABLE stories (article_id TEXT, other_id TEXT, PRIMARY KEY (article_id, other_id)) WITHOUT ROWID",
    """
    CREATE VIRTUAL TABLE words USING fts5 (
        content, title, content='passages', content_rowid='row', tokenize='porter unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER passage_added AFTER INSERT ON passages BEGIN
        INSERT INTO words (rowid, content, title) VALUES (new.row, new.content, new.title);
    END
    """,
    """
    CREATE TRIGGER passage_removed AFTER DELETE ON passages BEGIN
        INSERT INTO words (words, rowid, content, title) VALUES ('delete', old.row, old.content, old.title);
        DELETE FROM vectors WHERE row = old.row;
        INSERT INTO removals (row) VALUES (old.row);
    END
    """,
    """
    CREATE TRIGGER article_removed AFTER DELETE ON articles BEGIN
        DELETE FROM fingerprints WHERE article_row = old.row;
        DELETE FROM stories WHERE (article_id, other_id) IN (
            SELECT other_id, article_id FROM stories WHERE article_id = old.id
        );
        DELETE FROM stories WHERE article_id = old.id;
    END
    """,
    """
    CREATE TRIGGER passage_changed AFTER UPDATE ON passages BEGIN
        INSERT INTO words (words, rowid, content, title) VALUES ('delete', old.row, old.content, old.title);
        INSERT INTO words (rowid, content, title) VALUES (new.row, new.content, new.title);
    END
    """,
)


def about(connection: sqlite3.Connection, path: str) -> dict[str, Any] | None:
    """What the index records about itself; None for an empty file.

    Raises:
        IndexIncompatible: if the file is no index, or one of another version.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "about" not in tables:
        raise IndexIncompatible(f"{path} is a database, but no Pullquote index: name another path")
    recorded = dict(connection.execute("SELECT name, value FROM about"))
    if recorded.get("schema") != VERSION:
        raise IndexIncompatible(
            f"the index {path} has schema {recorded.get('schema')}, this version reads schema {VERSION}: "
            "delete it and index the articles again"
        )
    return recorded


def prepare(connection: sqlite3.Connection, path: str, encoder: str | None) -> None:
    """Make the tables in an empty file, and record the encoder.

    Args:
        connection: inside a write transaction.
        path: the file, as shown to the person.
        encoder: identity of the encoder whose vectors will be written and searched; None: not known.

    Raises:
        IndexIncompatible: if the file is no index, of another version, or of another encoder.
    """
    recorded = about(connection, path)
    if recorded is None:
        for statement in _TABLES:
            connection.execute(statement)
        connection.executemany("INSERT INTO about VALUES (?, ?)", [("schema", VERSION), ("revision", 0)])
        recorded = {}
    if encoder is None or recorded.get("encoder") == encoder:
        return
    if connection.execute("SELECT EXISTS (SELECT 1 FROM vectors)").fetchone()[0]:
        raise IndexIncompatible(
            f"the index {path} was made with the encoder {recorded.get('encoder', '(none recorded)')}, the one in use "
            f"is {encoder}: use that encoder, or delete the index and index the articles again"
        )
    connection.execute("INSERT OR REPLACE INTO about VALUES ('encoder', ?)", (encoder,))
