"""Articles in the index: written and removed whole, within the caller's transaction."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from corpus.errors import InvalidArticle
from corpus.types import Article, Passage
from retrieval import rows, stories
from retrieval.documents import passage_meta


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """What the index knows about an article, without its text.

    Attributes:
        chars: length of its text in code points.
        passages: how many passages of it are indexed.
        digest: ``Article.digest`` of what was indexed; another value once its passages were changed
            through Haystack's interface, so that the next indexing restores them.
        origin: the folder it was indexed from, where known.
        same_story: ids of the articles that tell the same story, wire copies and rewrites among them, in order.
    """

    id: str
    title: str
    source: str | None
    url: str | None
    published: date | None
    chars: int
    passages: int
    digest: str
    origin: str | None
    same_story: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as it goes into the index.

    Attributes:
        passages: its passages.
        vectors: one for each passage, ``(len(passages), dimensions)``.
        origin: the folder it comes from, where known.
    """

    article: Article
    passages: Sequence[Passage]
    vectors: NDArray[np.float32]
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """Who published the articles, and when.

    Attributes:
        articles: how many articles each source has, by its name, in order; articles without one are not counted.
        first, last: the first and the last day of publication; None where no article has one.
    """

    articles: Mapping[str, int]
    first: date | None
    last: date | None


def put(
    connection: sqlite3.Connection,
    article: Article,
    passages: Sequence[Passage],
    vectors: NDArray[np.float32],
    origin: str | None,
) -> None:
    """Write ``article`` in place of what was indexed under its id.

    Raises:
        InvalidArticle: if a passage is another article's or two share an id, or a field has no UTF-8 form.
    """
    if any(passage.article_id != article.id for passage in passages) or len({p.id for p in passages}) != len(passages):
        raise InvalidArticle(f"the passages of {article.id!r} must all be its own, each with a number of its own")
    remove(connection, article.id)
    published = article.published and article.published.isoformat()
    fields = (article.id, article.title, article.text, article.source, article.url, published, len(article.text))
    try:
        connection.execute(
            "INSERT INTO articles (id, title, text, source, url, published, chars, digest, origin)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*fields, article.digest, origin),
        )
        written = [
            rows.insert_passage(connection, passage.id, passage.text, passage_meta(passage, article))
            for passage in passages
        ]
    except UnicodeEncodeError as error:
        raise InvalidArticle(f"a field of article {article.id!r} holds a lone surrogate: normalise it first") from error
    except sqlite3.IntegrityError as error:
        raise InvalidArticle(f"a passage of {article.id!r} has the id of a document already stored: {error}") from error
    rows.insert_vectors(connection, written, vectors)
    stories.note(connection, article)


def remove(connection: sqlite3.Connection, article_id: str) -> bool:
    """Remove an article and its passages; False if there is none of this id."""
    connection.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
    return connection.execute("DELETE FROM articles WHERE id = ?", (article_id,)).rowcount > 0


def load(connection: sqlite3.Connection, article_id: str) -> Article | None:
    """The article of this id, as it was indexed."""
    found = connection.execute(
        "SELECT id, title, text, source, url, published FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    if found is None:
        return None
    key, title, text, source, url, published = found
    return Article(key, title, text, source, url, published and date.fromisoformat(published))


def listed(connection: sqlite3.Connection) -> list[ArticleRow]:
    """Every article, by id."""
    found = connection.execute(
        """
        SELECT a.id, a.title, a.source, a.url, a.published, a.chars,
            (SELECT count(*) FROM passages p WHERE p.article_id = a.id), a.digest, a.origin
        FROM articles a ORDER BY a.id
        """
    ).fetchall()
    told = stories.told_by(connection, [row[0] for row in found])
    return [
        ArticleRow(
            *(key, title, source, url, published and date.fromisoformat(published), chars, count, digest, origin),
            same_story=tuple(told.get(key, ())),
        )
        for key, title, source, url, published, chars, count, digest, origin in found
    ]


def sources(connection: sqlite3.Connection) -> Sources:
    """The sources of all articles, and the days between which they were published."""
    counts = dict(
        connection.execute("SELECT source, count(*) FROM articles WHERE source IS NOT NULL GROUP BY source ORDER BY 1")
    )
    days = connection.execute("SELECT min(published), max(published) FROM articles").fetchone()
    first, last = (day and date.fromisoformat(day) for day in days)
    return Sources(counts, first, last)


def holding(connection: sqlite3.Connection, passage_ids: Sequence[str]) -> list[str]:
    """Ids of the articles these passages are of."""
    found = connection.execute(
        "SELECT DISTINCT a.id FROM json_each(?) wanted JOIN passages p ON p.id = wanted.value"
        " JOIN articles a ON a.id = p.article_id",
        (json.dumps(passage_ids),),
    )
    return [key for (key,) in found]


def mark_changed(connection: sqlite3.Connection, article_ids: Sequence[str]) -> None:
    """Note that passages of these articles were changed one by one: drop what is empty, distrust the rest."""
    for article_id in article_ids:
        if connection.execute("SELECT 1 FROM passages WHERE article_id = ? LIMIT 1", (article_id,)).fetchone():
            connection.execute(
                "UPDATE articles SET digest = (SELECT 'changed at ' || value FROM about WHERE name = 'revision')"
                " WHERE id = ?",
                (article_id,),
            )
        else:
            connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def contents_digest(connection: sqlite3.Connection, encoder: str | None) -> str:
    """16 hex digits over all that answers depend on: the encoder, the articles, documents without one."""
    digest = hashlib.sha256(json.dumps(encoder).encode())
    for row in connection.execute("SELECT id, digest FROM articles ORDER BY id"):
        digest.update(json.dumps(row).encode())
    loose = connection.execute(
        "SELECT id, content, meta FROM passages"
        " WHERE article_id IS NULL OR article_id NOT IN (SELECT id FROM articles) ORDER BY id"
    )
    for row in loose:
        digest.update(json.dumps(row).encode())
    return digest.hexdigest()[:16]
