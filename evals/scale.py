"""What the index costs at a given size: made articles go through the store's own write path and are searched.

Everything but the indexing is measured in a process of its own (``evals.probe``), so that neither the
memory nor the caches of what made the index count.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from corpus.errors import SettingsError
from evals.synthetic import Maker
from retrieval.store import SQLiteDocumentStore

INDEX_FILE: Final = "index.sqlite"
# Articles a transaction.
TOGETHER: Final = 32


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds one operation takes.

    Attributes:
        p50_ms, p95_ms: wall time.
        cpu_p50_ms: processor time of all threads, median: what other work on the machine adds least to.
    """

    p50_ms: float
    p95_ms: float
    cpu_p50_ms: float


@dataclass(frozen=True, slots=True)
class Built:
    """An index that was made; ``passages_per_s`` is None if all was there already. Megabytes are of 10^6 bytes."""

    articles: int
    passages_per_s: float | None
    disk_mb: float


@dataclass(frozen=True, slots=True)
class Probe:
    """What a fresh process finds.

    Attributes:
        open_ms: opening the index and reading its vectors, its pages lying in the system's cache.
        private_mb: memory that is the process's alone, after all questions; None where the system does not tell.
        rss_mb: the same with the pages it shares with others, the system's page cache among them.
        peak_mb: the greatest ``rss_mb`` until the end, while articles changed too.
        bm25, dense, fused, filtered: one search by words, by meaning, both, and both among a part of the articles.
        upsert, delete: one article of about 8 passages replaced, or removed.
        after_write: the first fused search after an article was replaced, which reads what changed.
    """

    open_ms: float
    private_mb: float | None
    rss_mb: float | None
    peak_mb: float
    bm25: Latency
    dense: Latency
    fused: Latency
    filtered: Latency
    upsert: Latency
    delete: Latency
    after_write: Latency


@dataclass(frozen=True, slots=True)
class Cost:
    """All that one size costs."""

    passages: int
    built: Built
    probe: Probe


def build(folder: Path, passages: int, maker: Maker, on_progress: Callable[[int], None] | None = None) -> Built:
    """Make the index of ``passages`` passages in ``folder``; what is there already is used, and gone on with.

    Only the store's work is timed: neither making the articles nor, in real life most of it, encoding.

    Args:
        folder: where the index is; made if it does not exist.
        passages: how many, from 1.
        maker: makes the articles.
        on_progress: called with how many passages are there for the first time since the last call.

    Raises:
        SettingsError: if the folder holds another index than one of these articles, whole or stopped on the way.
    """
    file = folder / INDEX_FILE
    with SQLiteDocumentStore(file, _encoder(maker)) as store:
        number, held = store.count_articles(), store.count_documents()
        if held != passages and not _begins(store, maker, number, held < passages):
            raise SettingsError(
                f"{file} holds {held} passages and is no part of an index of {passages}: "
                "delete it, or name another folder with --index"
            )
        told = on_progress or (lambda _: None)
        told(held)
        seconds = 0.0
        made = maker.articles(passages, number, held)
        while batch := list(islice(made, TOGETHER)):
            begun = time.perf_counter()
            store.put_articles(batch)
            seconds += time.perf_counter() - begun
            told(sum(len(entry.passages) for entry in batch))
        articles = store.count_articles()
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return Built(articles, (passages - held) / seconds if seconds else None, size / 1e6)


def _begins(store: SQLiteDocumentStore, maker: Maker, number: int, unfinished: bool) -> bool:
    """Whether the index holds the first ``number`` articles, none cut short and none missing between."""
    if number == 0:
        return True
    last, following = (maker.article(at).article for at in (number - 1, number))
    return unfinished and store.article(last.id) == last and store.article(following.id) is None


def probe(folder: Path, maker: Maker, questions: int, writes: int) -> Probe:
    """Measure the index in ``folder`` in a fresh process; its articles are the same ones afterwards.

    Args:
        folder: as given to ``build``.
        maker: the one the index was made by.
        questions: how many of each kind are asked.
        writes: how many articles are replaced and removed, from 1.

    Raises:
        SettingsError: if the process fails; carries what it said.
    """
    words = [str(folder), str(maker.seed), str(questions), str(writes)]
    ran = subprocess.run(  # noqa: S603 - our own module, no word of it from outside
        [sys.executable, "-m", "evals.probe", *words], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise SettingsError(f"the index in {folder} could not be measured: {ran.stderr.strip()[-2000:] or 'no reason'}")
    return _probe_from(json.loads(ran.stdout))


def opened(folder: Path, maker: Maker) -> SQLiteDocumentStore:
    """The index in ``folder``, to search."""
    return SQLiteDocumentStore(folder / INDEX_FILE, _encoder(maker), create=False)


def _encoder(maker: Maker) -> str:
    return f"made by seed {maker.seed}"


def _probe_from(told: dict[str, Any]) -> Probe:
    fields: dict[str, Any] = {
        name: Latency(**value) if isinstance(value, dict) else value for name, value in told.items()
    }
    return Probe(**fields)
