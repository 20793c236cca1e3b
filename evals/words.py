"""Search by words: what each rule of ``retrieval.analysis`` and each way to fuse is worth.

    python -m evals.words --index FOLDER --questions questions.jsonl
    python -m evals.words --index FOLDER --squad squad11_dev.json.gz --limit 2000

``FOLDER`` is an index of the articles; with ``--squad`` it is made of the file's paragraphs if it is not there.
A question is answered by a passage that says one of its answers; where the question names its article
(``--squad``), by a passage of that article alone. Printed is the share of questions that one of the first
1, 5 and 20 passages answers, by words alone and fused, and the time of the search by words.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from answering.answerer import Answerer
from corpus.types import Article
from evals.foreign import read_haystack
from evals.gold import GoldQuestion, read_squad
from evals.measures import mean
from evals.ranking import first_rank, holds_answer
from evals.terminal import guarded, with_progress
from retrieval.analysis import PLAIN, SHIPPED, Analysis
from retrieval.connections import Connections
from retrieval.encoder import load_encoder
from retrieval.filters import where
from retrieval.fusion import Scored, fuse
from retrieval.hits import Ranking
from retrieval.search import bm25, dense
from retrieval.vectors import VectorCache

DEPTH = 200
RECALL_AT = (1, 5, 20)
RANKING = Ranking()


@dataclass(frozen=True, slots=True)
class Found:
    """One question's lists, each of at most 200 passages.

    Attributes:
        words, meaning: ``(passage id, score)``, best first.
        right: ids of the passages in either that answer it.
        ms: how long the search by words took.
    """

    words: tuple[Scored, ...]
    meaning: tuple[Scored, ...]
    right: frozenset[str]
    ms: float


def analyses() -> Iterator[tuple[str, Analysis]]:
    """What is compared: words as they stand, what is shipped, and that with one part more or less."""
    yield "plain", PLAIN
    yield "shipped", SHIPPED
    yield "names as phrases too", replace(SHIPPED, names=True)
    for rule in SHIPPED.rules:
        yield f"no {rule.__name__}", replace(SHIPPED, rules=tuple(other for other in SHIPPED.rules if other != rule))


def by_words(found: Sequence[Found]) -> list[list[str]]:
    """Each question's ranking by words alone."""
    return [[key for key, _ in one.words] for one in found]


def by_both(found: Sequence[Found], share: float = 0.5, depth: int = RANKING.depth) -> list[list[str]]:
    """Each question's fused ranking: the search by words counts ``share``, lists are cut at ``depth``."""
    return [[f.id for f in fuse(one.words[:depth], one.meaning[:depth], share, 1 - share)] for one in found]


def by_sum(found: Sequence[Found], weight: float = 0.03, depth: int = RANKING.depth) -> list[list[str]]:
    """Each question's ranking by ``weight`` times BM25 plus cosine, not normalised; 0 where a list has none."""
    rankings = []
    for one in found:
        total = dict(one.meaning[:depth])
        for key, score in one.words[:depth]:
            total[key] = total.get(key, 0.0) + weight * score
        rankings.append(sorted(total, key=lambda key: (-total[key], key)))
    return rankings


def by_rank(found: Sequence[Found], k: int = 60, depth: int = RANKING.depth) -> list[list[str]]:
    """Each question's ranking by the sum of ``1 / (k + rank)`` (Cormack, Clarke and Buettcher 2009)."""
    rankings = []
    for one in found:
        total: dict[str, float] = {}
        for ranked in (one.words[:depth], one.meaning[:depth]):
            for rank, (key, _) in enumerate(ranked, start=1):
                total[key] = total.get(key, 0.0) + 1 / (k + rank)
        rankings.append(sorted(total, key=lambda key: (-total[key], key)))
    return rankings


def recalls(rankings: Sequence[Sequence[str]], found: Sequence[Found]) -> list[float]:
    """The share of questions that one of the first 1, 5 and 20 answers, in percent."""
    ranks = [first_rank(key in one.right for key in ranking) for ranking, one in zip(rankings, found, strict=True)]
    return [round(100 * (mean(rank is not None and rank <= k for rank in ranks) or 0.0), 1) for k in RECALL_AT]


class Searches:
    """The two lists of questions over one index; the search by meaning is done once a question."""

    def __init__(self, file: Path, questions: Sequence[GoldQuestion], vectors: NDArray[np.float32]) -> None:
        self._connections = Connections(file, create=False, busy_timeout_s=10.0)
        self._questions = questions
        self._cache = VectorCache()
        self._texts: dict[str, tuple[str, str]] = {}
        self._meaning = [self._dense(vector) for vector in with_progress(vectors, "by meaning", len(vectors))]

    def found(self, analysis: Analysis, title_weight: float = RANKING.title_weight) -> list[Found]:
        """Each question's lists."""
        pairs = zip(self._questions, self._meaning, strict=True)
        return [self._one(gold, meaning, analysis, title_weight) for gold, meaning in pairs]

    def close(self) -> None:
        """Close the index."""
        self._connections.close()

    def _one(self, gold: GoldQuestion, meaning: tuple[Scored, ...], analysis: Analysis, title_weight: float) -> Found:
        with self._connections.reading() as connection:
            begun = time.perf_counter()
            words = tuple(bm25(connection, gold.question, where(None), DEPTH, title_weight, analysis))
            ms = (time.perf_counter() - begun) * 1000
            right = set()
            for key in {key for key, _ in (*words, *meaning)}:
                if key not in self._texts:
                    sql = "SELECT article_id, content FROM passages WHERE id = ?"
                    self._texts[key] = connection.execute(sql, (key,)).fetchone()
                article, text = self._texts[key]
                if gold.article in (None, article) and holds_answer(text, gold.answers):
                    right.add(key)
        return Found(words, meaning, frozenset(right), ms)

    def _dense(self, vector: NDArray[np.float32]) -> tuple[Scored, ...]:
        with self._connections.reading() as connection:
            snapshot = self._cache.at(connection)
            if snapshot is None:
                raise RuntimeError("the index changed while it was measured; measure one that nobody writes")
            return tuple(dense(connection, snapshot, vector, where(None), DEPTH))


Row = dict[str, str | float | list[float]]


def figures(searches: Searches) -> Iterator[Row]:
    """Every row of the table."""
    for name, analysis in analyses():
        found = searches.found(analysis)
        ms = round(statistics.median(one.ms for one in found), 2)
        yield _row(f"words: {name}", by_words(found), found) | {"ms": ms}
        yield _row(f"fused: {name}", by_both(found), found)
        if analysis == SHIPPED:
            yield from _fusions(found)
    for weight in (0.0, 1.0, 2.0):
        found = searches.found(SHIPPED, weight)
        yield _row(f"words: title weight {weight:g}", by_words(found), found)
        yield _row(f"fused: title weight {weight:g}", by_both(found), found)


def _fusions(found: Sequence[Found]) -> Iterator[Row]:
    yield _row("meaning alone", by_both(found, 0.0), found)
    for share in (0.4, 0.6, 0.7):
        yield _row(f"fused: share of words {share:g}", by_both(found, share), found)
    for depth in (100, 200):
        yield _row(f"fused: depth {depth}", by_both(found, depth=depth), found)
    for part in (0.02, 0.03, 0.04):
        yield _row(f"fused: {part:g} BM25 + cosine", by_sum(found, part), found)
    yield _row("fused: reciprocal ranks", by_rank(found), found)


def _row(name: str, rankings: Sequence[Sequence[str]], found: Sequence[Found]) -> Row:
    return {"row": name, "recall": recalls(rankings, found)}


def _measure(args: argparse.Namespace) -> int:
    questions, articles = _read(args)
    with Answerer.open(args.index, create=bool(articles)) as answerer:
        if not answerer.store.count_articles():
            for article in with_progress(articles, "indexing", len(articles)):
                answerer.put(article)
    file = args.index / "index.sqlite"
    encoder = load_encoder()
    asked = with_progress(questions, "encoding", len(questions))
    searches = Searches(file, questions, np.concatenate([encoder.encode([one.question]) for one in asked]))
    try:
        for row in figures(searches):
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()
    finally:
        searches.close()
    return 0


def _read(args: argparse.Namespace) -> tuple[list[GoldQuestion], Sequence[Article]]:
    if args.squad:
        questions, articles = read_squad(args.squad)
    else:
        questions, articles = read_haystack(args.questions, {}), ()
    answerable = [one for one in questions if one.answers]
    # Every n-th, because a file's questions stand article by article.
    step = max(1, len(answerable) // args.limit) if args.limit else 1
    return answerable[::step][: args.limit], articles


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True, help="folder of the index")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--questions", type=Path, help="a JSON object a line with 'question' and 'answers'")
    what.add_argument("--squad", type=Path, help="a SQuAD-format file")
    parser.add_argument("--limit", type=int, help="so many questions, spread over the file; default: all")
    args = parser.parse_args()
    return guarded(lambda: _measure(args))


if __name__ == "__main__":
    raise SystemExit(main())
