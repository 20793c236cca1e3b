"""One run of one system, from its questions to its record: stopped at any moment, it goes on where it was.

What is done lies in a folder named by all that shapes an answer (questions, articles, code, weights,
settings): another run never picks it up. A run that reaches its end takes the folder away.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from answering.calibration import read_calibration
from corpus.errors import GoldError
from corpus.loading import Loaded, load_folder
from corpus.types import Article
from evals.foreign import read_haystack
from evals.gold import GoldQuestion, check_gold, read_gold, read_squad
from evals.records import Record, code_digest, commit, corpus_digest, gold_digest, row_json, row_of, versions
from evals.runner import Asked, Row, evaluate, plain_ask
from evals.systems import (
    RETRIEVAL_DEPTH,
    WHOLE_ARTICLE,
    FirstSentence,
    ReaderOnly,
    RetrievalOnly,
    ask_of_its_article,
    load_stock,
    open_answerer,
)
from evals.terminal import SIDE_BY_SIDE_FROM, print_error
from reader.span_reader import SpanReader
from retrieval.encoder import load_encoder
from retrieval.opening import remove_index
from retrieval.places import ClusterPlace

_WITHOUT_INDEX = frozenset({"bm25-first-sentence", "stock-haystack"})
ROOT = Path(__file__).resolve().parent.parent
Progressing = Callable[[Iterator[Row], str, int], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of which articles.

    Attributes:
        name: of the gold, for people.
        folder: of the articles; None where ``articles`` are a SQuAD file's paragraphs.
    """

    name: str
    questions: tuple[GoldQuestion, ...]
    articles: tuple[Article, ...]
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is made.

    Attributes:
        system: ``pullquote``, ``retrieval-only``, ``reader-only``, ``bm25-first-sentence`` or ``stock-haystack``.
        index: an index of the articles; None builds one.
        reader: folder of another reader; None is the shipped one.
        threads: cores used in all.
        workers: questions side by side; None decides by their number.
        work: folder for what is done so far.
        cluster: where indexes are, if on a cluster; one that is built there has a name of its own and goes at the end.
        calibration: file that makes the confidences; None is the shipped one.
        encoder: folder of another encoder; None is the shipped one.
    """

    system: str
    index: Path | None
    reader: Path | None
    torch_reader: Path
    threads: int
    workers: int | None
    depth: int
    min_confidence: float
    work: Path
    cluster: ClusterPlace | None = None
    calibration: Path | None = None
    encoder: Path | None = None


def gold_asking(gold: Path, corpus: Path, limit: int | None) -> Asking:
    """Gold questions about a folder of articles, held against each other.

    Raises:
        GoldError: if one cannot be read or a label does not fit.
    """
    articles = _articles_in(corpus)
    questions = read_gold(gold)[:limit]
    check_gold(questions, articles)
    return Asking(gold.name, questions, articles, corpus)


def haystack_asking(path: Path, corpus: Path, limit: int | None) -> Asking:
    """The questions of a Haystack evaluation, asked of a folder of articles.

    Raises:
        GoldError: if the file or the folder cannot be read.
    """
    articles = _articles_in(corpus)
    questions = read_haystack(path, {article.id: article for article in articles})
    return Asking(path.name, questions[:limit], articles, corpus)


def _articles_in(corpus: Path) -> tuple[Article, ...]:
    if not corpus.is_dir():
        raise GoldError(f"{corpus} is no folder; name the questions' articles with --corpus FOLDER")
    return tuple(loaded.article for loaded in load_folder(corpus) if isinstance(loaded, Loaded))


def squad_asking(path: Path, limit: int | None) -> Asking:
    """The questions of a SQuAD file, asked of all its paragraphs at once."""
    questions, articles = read_squad(path)
    return Asking(path.name, questions[:limit], articles, None)


def run(asking: Asking, options: Options, progressing: Progressing) -> Record:
    """Ask what has not been asked yet, and give the whole run's record.

    Raises:
        GoldError, IndexProblem, ModelError: if it cannot be asked.
        KeyboardInterrupt: as it came, after a word on how to go on.
    """
    workers = options.workers or (options.threads if len(asking.questions) >= SIDE_BY_SIDE_FROM else 1)
    depth = {"retrieval-only": RETRIEVAL_DEPTH, "reader-only": WHOLE_ARTICLE}.get(options.system, options.depth)
    encoder, reader = load_encoder(options.encoder, 1).identity, SpanReader.load(options.reader, 1).identity
    calibration = None
    if options.calibration is not None:
        calibration = read_calibration(options.calibration, reader=reader, encoder=encoder)
    record = Record(
        system=options.system,
        commit=commit(ROOT),
        settings={
            "gold": asking.name,
            "questions": len(asking.questions),
            "depth": depth,
            "min_confidence": options.min_confidence,
            "threads": options.threads,
            "workers": 1 if options.system == "stock-haystack" else workers,
            **({} if options.cluster is None else {"store": "qdrant"}),
            **({} if calibration is None else {"calibration": asdict(calibration)}),
        },
        digests={
            "gold": gold_digest(asking.questions),
            "corpus": corpus_digest(asking.articles),
            "code": code_digest(ROOT),
            "encoder": encoder,
            "reader": reader,
        },
        versions=versions(),
        seed=0,
        rows=(),
    )
    work = options.work / _key(record, options)
    work.mkdir(parents=True, exist_ok=True)
    rows = _done(work / "rows.jsonl", asking.questions)
    if rows:
        print_error(f"going on: {len(rows)} of {len(asking.questions)} questions were asked before")
    try:
        if len(rows) < len(asking.questions):
            rows += _ask(asking, options, record, work, rows, progressing)
    except KeyboardInterrupt:
        done = len(_done(work / "rows.jsonl", asking.questions))
        print_error(f"{done} of {len(asking.questions)} questions are done and kept; the same command goes on")
        raise
    if options.index is None and options.cluster is not None and options.system not in _WITHOUT_INDEX:
        remove_index(work / "index", _own_place(options.cluster, work))
    shutil.rmtree(work)
    return Record(
        record.system, record.commit, record.settings, record.digests, record.versions, record.seed, tuple(rows)
    )


def _ask(
    asking: Asking, options: Options, record: Record, work: Path, done: Sequence[Row], progressing: Progressing
) -> list[Row]:
    workers = int(record.settings["workers"])
    left = asking.questions[len(done) :]
    articles = {article.id: article for article in asking.articles}
    with closing(_Opened(asking, options, int(record.settings["depth"]), workers, work)) as opened:
        how = ask_of_its_article if options.system == "reader-only" else plain_ask
        asked = evaluate(opened.system, left, articles, asking=how, workers=workers)
        with closing(asked), (work / "rows.jsonl").open("a", encoding="utf-8") as file:
            rows = []
            for row in progressing(asked, f"asking {options.system}", len(left)):
                file.write(row_json(row) + "\n")
                file.flush()
                rows.append(row)
    return rows


class _Opened:
    """A system and what has to be closed after it."""

    def __init__(self, asking: Asking, options: Options, depth: int, workers: int, work: Path) -> None:
        # Side by side, each question has one thread: two questions of one thread beat one question of two.
        threads = 1 if workers > 1 else options.threads
        self._answerer = None
        if options.system == "bm25-first-sentence":
            self.system: Asked = FirstSentence(asking.articles, depth)
        elif options.system == "stock-haystack":
            self.system = load_stock(options.torch_reader, asking.articles, depth, options.threads)
        else:
            opened = partial(
                open_answerer,
                depth=depth,
                min_confidence=options.min_confidence,
                reader=options.reader,
                calibration=options.calibration,
                encoder=options.encoder,
            )
            index, cluster = options.index or work / "index", options.cluster
            if options.index is None:
                cluster = cluster and _own_place(cluster, work)
                with opened(index, options.threads, cluster=cluster) as indexing:
                    indexing.index_folder(asking.folder or _as_folder(asking.articles, work / "articles"))
            self._answerer = opened(index, threads, cluster=cluster)
            self.system = self._answerer
            if options.system != "pullquote":
                finder = RetrievalOnly(self._answerer.store, threads, encoder=options.encoder)
                self.system = finder if options.system == "retrieval-only" else ReaderOnly(self._answerer, finder)

    def close(self) -> None:
        if self._answerer is not None:
            self._answerer.close()


def _own_place(cluster: ClusterPlace, work: Path) -> ClusterPlace:
    """Where a run builds its index, so that it touches no other."""
    return replace(cluster, collection=f"{cluster.collection}_eval_{work.name}")


def _as_folder(articles: Sequence[Article], folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    lines = (json.dumps({"id": a.id, "title": a.title, "text": a.text}, ensure_ascii=False) + "\n" for a in articles)
    (folder / "articles.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def _key(record: Record, options: Options) -> str:
    shaping = [
        record.system,
        dict(record.settings),
        dict(record.digests),
        dict(record.versions),
        str(options.index),
        str(options.cluster),
    ]
    return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()[:16]


def _done(path: Path, questions: Sequence[GoldQuestion]) -> list[Row]:
    """The rows that were written whole, in order; what a kill tore apart is cut off."""
    if not path.exists():
        return []
    whole, _, torn = path.read_text(encoding="utf-8").rpartition("\n")
    if torn:
        path.write_text(f"{whole}\n" if whole else "", encoding="utf-8")
    rows = [row_of(json.loads(line)) for line in whole.splitlines()] if whole else []
    if [row.id for row in rows] != [gold.id for gold in questions[: len(rows)]]:
        raise GoldError(f"{path} holds other questions than asked; delete it and run again")
    return rows
