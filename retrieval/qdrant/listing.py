"""What the index holds, article by article, read once for every state of it."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import uuid4

from qdrant_client import models

from corpus.errors import IndexIncompatible
from retrieval.articles import ArticleRow, Sources
from retrieval.qdrant.cluster import Cluster
from retrieval.qdrant.lexical import AVERAGE_WORDS
from retrieval.qdrant.points import EDITION, LISTED, WORDS, article_key, row_of, stories_of

VERSION: Final = 2
# After reading the list, how many times as long it is not read again for what others change.
_PAUSE: Final = 20
# The point that says what the collections are. An article's key is made of its id, which is never empty.
ABOUT: Final = article_key("")
ARTICLES: Final = models.Filter(must_not=[models.HasIdCondition(has_id=[ABOUT])])
_LOOSE: Final = models.Filter(must=[models.IsEmptyCondition(is_empty=models.PayloadField(key=f"meta.{EDITION}"))])


@dataclass(frozen=True, slots=True)
class Listing:
    """One state of the index.

    Attributes:
        revision: names the state; empty for one that was read while it was being changed.
        rows: every article, by id.
        digest: 16 hex digits over all that answers depend on.
        average_words: of a passage with its title.
    """

    revision: str
    rows: tuple[ArticleRow, ...]
    digest: str
    average_words: float

    @property
    def sources(self) -> Sources:
        """Who published the articles, and when."""
        counts = Counter(row.source for row in self.rows if row.source is not None)
        days = [row.published for row in self.rows if row.published is not None]
        return Sources(dict(sorted(counts.items())), min(days, default=None), max(days, default=None))


def about(cluster: Cluster) -> dict[str, Any] | None:
    """What the index records about itself; None if it records nothing.

    Raises:
        IndexIncompatible: if it is one of another version.
    """
    found = cluster.get(cluster.articles, [ABOUT])
    if not found:
        return None
    if found[0].get("schema") != VERSION:
        raise IndexIncompatible(
            f"the index {cluster.articles} at {cluster.place.url} has schema {found[0].get('schema')}, this version "
            f"reads schema {VERSION}: remove its collections, or name another with QDRANT_COLLECTION, and index again"
        )
    return found[0]


def record(cluster: Cluster, encoder: str | None) -> None:
    """Write what the index is."""
    payload = {"schema": VERSION, "encoder": encoder, "revision": uuid4().hex, "writing": False}
    cluster.put(cluster.articles, [models.PointStruct(id=ABOUT, vector={}, payload=payload)])


@contextmanager
def changing(cluster: Cluster) -> Iterator[None]:
    """Tell every process that the contents change during the block, and that they have changed after it."""
    cluster.set(cluster.articles, ABOUT, {"writing": True, "revision": uuid4().hex})
    try:
        yield
    finally:
        cluster.set(cluster.articles, ABOUT, {"writing": False, "revision": uuid4().hex})


class Shelf:
    """The newest listing this process has read, shared by its threads.

    After a change of its own it is read at once. While other processes change the index, reading takes a small share of
    the time: in between, rows are those of the last reading, and the digest is one that no other state has.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._newest: Listing | None = None
        self._again_at_s = 0.0
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Read the list anew at the next call."""
        self._newest = None

    def listing(self) -> Listing:
        """The index as it is now, or, while others change it, as it was a moment ago."""
        with self._lock:
            recorded = about(self._cluster) or {}
            revision, settled = str(recorded.get("revision")), not recorded.get("writing")
            newest = self._newest
            if newest is not None and newest.revision == revision and settled:
                return newest
            if newest is not None and time.monotonic() < self._again_at_s:
                told = f"{newest.digest} {revision} {settled}".encode()
                return replace(newest, digest=hashlib.sha256(told).hexdigest()[:16])
            began_s = time.monotonic()
            listing = _read(self._cluster, recorded, revision if settled else "")
            self._again_at_s = time.monotonic() + _PAUSE * (time.monotonic() - began_s)
            self._newest = listing
            return listing


def _read(cluster: Cluster, recorded: dict[str, Any], revision: str) -> Listing:
    fields = models.PayloadSelectorInclude(include=list(LISTED))
    payloads = [record.payload or {} for record in cluster.scroll(cluster.articles, ARTICLES, fields)]
    stories = stories_of(payloads)
    rows = sorted((row_of(one, stories.get(one["id"], ())) for one in payloads), key=_by_id)
    words, passages = sum(one[WORDS] for one in payloads), sum(row.passages for row in rows)
    # Which store it is counts too: the other one has other copies of the vectors, so answers may differ.
    digest = hashlib.sha256(json.dumps(["qdrant", recorded.get("encoder")]).encode())
    for row in rows:
        digest.update(json.dumps([row.id, row.digest]).encode())
    content = models.PayloadSelectorInclude(include=["id", "content", "meta"])
    loose = (record.payload or {} for record in cluster.scroll(cluster.passages, _LOOSE, content))
    for text in sorted(json.dumps([one["id"], one["content"], one["meta"]], sort_keys=True) for one in loose):
        digest.update(text.encode())
    average = words / passages if words else AVERAGE_WORDS
    return Listing(revision, tuple(rows), digest.hexdigest()[:16], average)


def _by_id(row: ArticleRow) -> str:
    return row.id
