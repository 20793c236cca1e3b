"""The process that ``evals.scale.probe`` starts: opens an index, searches and changes it, prints the cost as JSON."""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from evals.scale import Latency, Probe, opened
from evals.synthetic import MadeQuestion, Maker
from evals.terminal import print_json
from retrieval.store import SQLiteDocumentStore

TOP_K: Final = 20
WARM_UP: Final = 10
_SMAPS: Final = Path("/proc/self/smaps_rollup")

Search = Callable[[SQLiteDocumentStore, MadeQuestion], object]
Taken = tuple[float, float]


def measure(folder: Path, maker: Maker, questions: int, writes: int) -> Probe:
    """Open the index in ``folder`` and measure it, in this process; see ``evals.scale.probe``."""
    # Questions of its own for each kind: one asked twice would find its pages read.
    asked = maker.questions(WARM_UP + len(SEARCHES) * questions + writes)
    began = time.perf_counter()
    with opened(folder, maker) as store:
        store.warm_up()
        open_ms = (time.perf_counter() - began) * 1000
        for question in islice(asked, WARM_UP):
            _fused(store, question)
        found = {
            name: latency([taken(lambda: search(store, next(asked))) for _ in range(questions)])  # noqa: B023 - run at once
            for name, search in SEARCHES.items()
        }
        private_mb, rss_mb = memory_mb()
        upserts, deletes, searches = [], [], []
        for number in _spread(store.count_articles(), writes):
            made = maker.article(number, store.count_documents())

            def put() -> None:
                store.put_articles([made])  # noqa: B023 - run at once

            upserts.append(taken(put))
            searches.append(taken(lambda: _fused(store, next(asked))))
            deletes.append(taken(lambda: store.delete_article(made.article.id)))  # noqa: B023 - run at once
            put()
    return Probe(
        open_ms=open_ms,
        private_mb=private_mb,
        rss_mb=rss_mb,
        peak_mb=_peak_mb(),
        **found,
        upsert=latency(upserts),
        delete=latency(deletes),
        after_write=latency(searches),
    )


def taken(work: Callable[[], object]) -> Taken:
    """Milliseconds ``work`` takes: by the clock, and of the processor in all threads."""
    began, busy = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000


def latency(times: Sequence[Taken]) -> Latency:
    """The percentiles of ``times``, at least one."""
    wall, busy = np.array(times).T
    p50, p95 = np.percentile(wall, [50, 95])
    return Latency(float(p50), float(p95), float(np.median(busy)))


def memory_mb() -> tuple[float | None, float | None]:
    """Memory of this process that is its own, and all that is resident; None where the system does not tell."""
    try:
        told = _SMAPS.read_text(encoding="ascii")
    except OSError:
        return None, None
    kilobytes = {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB$", told, re.MULTILINE)}
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return private * 1024 / 1e6, kilobytes["Rss"] * 1024 / 1e6


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _spread(articles: int, count: int) -> list[int]:
    """Numbers of ``count`` articles or fewer, evenly among all but the last, which may have been cut short."""
    return sorted({int(at) for at in np.linspace(0, max(articles - 2, 0), count)})


def _bm25(store: SQLiteDocumentStore, question: MadeQuestion) -> object:
    return store.search(question.query, None, top_k=TOP_K)


def _dense(store: SQLiteDocumentStore, question: MadeQuestion) -> object:
    return store.search("", question.vector, top_k=TOP_K)


def _fused(store: SQLiteDocumentStore, question: MadeQuestion) -> object:
    return store.search(question.query, question.vector, top_k=TOP_K)


def _filtered(store: SQLiteDocumentStore, question: MadeQuestion) -> object:
    return store.search(question.query, question.vector, question.filters, top_k=TOP_K)


SEARCHES: Final[dict[str, Search]] = {"bm25": _bm25, "dense": _dense, "fused": _fused, "filtered": _filtered}


def main(argv: Sequence[str]) -> int:
    """Measure the index the words name: folder, seed, questions, writes."""
    folder, *numbers = argv
    seed, questions, writes = (int(number) for number in numbers)
    try:
        print_json(asdict(measure(Path(folder), Maker(seed), questions, writes)))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
