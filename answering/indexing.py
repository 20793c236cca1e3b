"""Making the index agree with a folder: what is new is added, what changed replaced, what went removed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from haystack import Pipeline

from answering.pipelines import run
from corpus.errors import ArticleError, UnreadableFile
from corpus.loading import Loaded, load_folder
from retrieval.index import Index

# Passages of several short articles are encoded side by side and stored in one transaction: a kill
# loses at most this many articles' work and never half an article.
_BATCH = 32


class Change(StrEnum):
    """What became of an article."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Progress:
    """One article done; ``done`` counts articles from 1."""

    done: int
    article_id: str
    change: Change


@dataclass(frozen=True, slots=True)
class Report:
    """What an indexing run did: counts of articles and of passages written, and the files that could not be read."""

    added: int
    changed: int
    unchanged: int
    removed: int
    passages: int
    unreadable: tuple[UnreadableFile, ...]
    seconds: float


def index_folder(
    folder: Path,
    store: Index,
    pipeline: Pipeline,
    *,
    keep: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Make the index agree with ``folder``.

    An article whose digest is the same is not encoded again. Articles of a file that could not be read
    this time stay as they are. A run that is stopped has lost nothing: the next one goes on.

    Args:
        folder: read recursively.
        store: the index.
        pipeline: an indexing pipeline over that store (``answering.pipelines.indexing_pipeline``).
        keep: leave articles in the index that the folder does not hold.
        on_progress: called after each article.

    Raises:
        ArticleError: if the folder does not exist, or holds no article although the index does.
    """
    began = time.monotonic()
    known, origins = store.digests(), store.origins()
    seen: set[str] = set()
    unreadable: list[UnreadableFile] = []
    counts: Counter[Change] = Counter()
    passages = 0

    def note(change: Change, article_id: str) -> None:
        counts[change] += 1
        if on_progress is not None:
            on_progress(Progress(counts.total(), article_id, change))

    for batch in _batches(load_folder(folder), unreadable):
        seen.update(loaded.article.id for loaded in batch)
        new = [loaded for loaded in batch if known.get(loaded.article.id) != loaded.article.digest]
        if new:
            passages += run(pipeline, {"splitter": {"articles": new}})["writer"]["passages"]
        changed = {loaded.article.id for loaded in new}
        for loaded in batch:
            article_id = loaded.article.id
            written = Change.CHANGED if article_id in known else Change.ADDED
            note(written if article_id in changed else Change.UNCHANGED, article_id)

    if not keep:
        if known and not seen:
            raise ArticleError(
                f"{folder} holds no readable article; the index with its {len(known)} articles is left as it was. "
                "Name the folder the articles are in"
            )
        for article_id in sorted(known.keys() - seen):
            lost = any(_is_within(origins.get(article_id), error.path) for error in unreadable)
            if not lost and store.delete_article(article_id):
                note(Change.REMOVED, article_id)

    return Report(
        added=counts[Change.ADDED],
        changed=counts[Change.CHANGED],
        unchanged=counts[Change.UNCHANGED],
        removed=counts[Change.REMOVED],
        passages=passages,
        unreadable=tuple(unreadable),
        seconds=time.monotonic() - began,
    )


def _is_within(origin: str | None, path: str) -> bool:
    """Whether an article came from the file ``path``, or from a file in the folder ``path``."""
    return origin is not None and (origin == path or origin.startswith(f"{path}/"))


def _batches(loaded: Iterable[Loaded | UnreadableFile], unreadable: list[UnreadableFile]) -> Iterator[list[Loaded]]:
    """The articles in lists of ``_BATCH``; what is none is added to ``unreadable``."""

    def readable() -> Iterator[Loaded]:
        for item in loaded:
            if isinstance(item, UnreadableFile):
                unreadable.append(item)
            else:
                yield item

    articles = readable()
    while batch := list(islice(articles, _BATCH)):
        yield batch
