"""Copies: which are found, what finding them costs, and what it is worth.

    python -m evals.copies --articles FOLDER --copies 500
    python -m evals.copies --articles FOLDER --questions questions.jsonl --plant 3 --sample 200
    python -m evals.copies --index .pullquote --questions questions.jsonl

The first makes copies of a sample of articles by rule (``evals.copying``), and says how many are found to tell the
story of their original, how many pairs are found besides, and the time and space it takes. The second indexes the
articles that questions are asked of, each with copies beside it, and asks with and without putting copies last: the
share of the first eight hits that repeat one before them, answer recall, citations an answer, time. The third asks an
index as it is. Without ``--questions`` or ``--squad`` the gold questions on the starter articles are asked.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from answering.answerer import Answerer
from answering.types import Answered, Ask
from corpus.loading import Loaded, load_folder
from corpus.types import Article
from evals.copying import Made, Way, copied, original
from evals.gold import read_bytes, read_gold, read_squad
from evals.measures import exact_match, mean, percentile
from evals.ranking import first_rank, holds_answer
from evals.terminal import SEED_GOLD, SEEDS, guarded, print_json, with_progress
from reader.span_reader import SpanReader
from retrieval import schema, stories
from retrieval.copies import spread
from retrieval.encoder import TextEncoder, load_encoder
from retrieval.hits import Ranking
from retrieval.store import SQLiteDocumentStore
from retrieval.types import Hit

_READ = 8
_DEPTH = 20
_PLANTED = (Way.HEADLINE, Way.FRONT, Way.CUT, Way.REWORDED_30, Way.SPUN, Way.REWORDED_20, Way.SHORT, Way.REWORDED_10)


class Question(BaseModel):
    """A question whose answer is known: the wordings held right, and the article it was asked of, where known."""

    question: str
    answers: list[str]
    article_id: str | None = None


def repeats(hits: Sequence[Hit], made: Mapping[str, Made]) -> int:
    """How many hits hold little but sentences of one original that stand in hits before them.

    Little else is at most a fifth of their characters.
    """
    before: dict[str, set[int]] = {}
    repeated = 0
    for hit in hits:
        one = made[hit.passage.article_id]
        says, known = one.says(hit.passage), before.setdefault(one.original, set())
        again = sum(chars for part, chars in says.items() if part in known)
        repeated += bool(says) and again >= 0.8 * sum(map(len, hit.passage.sentences))
        known.update(says)
    return repeated


class Stories:
    """Which articles tell one story, in an index of nothing else, in memory."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        schema.prepare(self._connection, "in memory", None)

    def put(self, article: Article) -> float:
        """Write an article; the milliseconds that finding its stories took."""
        self._connection.execute(
            "INSERT INTO articles (id, title, text, chars, digest) VALUES (?, ?, ?, ?, '')",
            (article.id, article.title, article.text, len(article.text)),
        )
        began = time.perf_counter()
        stories.note(self._connection, article)
        return (time.perf_counter() - began) * 1000

    def remove(self, article: Article) -> None:
        """Remove an article."""
        self._connection.execute("DELETE FROM articles WHERE id = ?", (article.id,))

    def pairs(self) -> set[tuple[str, str]]:
        """The pairs found, each with the lesser id first."""
        found = self._connection.execute("SELECT article_id, other_id FROM stories WHERE article_id < other_id")
        return {(one, other) for one, other in found}

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()


def measured_copies(articles: Sequence[Article], count: int, seed: int) -> dict[str, Any]:
    """How many copies of each way are found, and how many pairs are found besides."""
    with closing(Stories()) as told:
        times = [told.put(article) for article in with_progress(articles, "comparing", len(articles))]
        plain = told.pairs()
        sisters = {frozenset(pair) for pair in plain}
        chosen = random.Random(seed).sample(articles, min(count, len(articles)))  # noqa: S311 - a sample
        ways: dict[str, Any] = {}
        for way in with_progress(Way, "copying", len(Way)):
            made = [copied(article, way, seed) for article in chosen]
            for one in made:
                told.put(one.article)
            homes = {one.article.id: one.original for one in made}
            new = [(homes.get(one, one), homes.get(other, other)) for one, other in told.pairs() - plain]
            # A copy of one of two that tell one story tells the story of the other too.
            besides = sum(one != other and frozenset((one, other)) not in sisters for one, other in new)
            found = sum(one == other for one, other in new)
            ways[way.value] = {"found": round(found / max(1, len(made)), 4), "found_besides": besides}
            for one in made:
                told.remove(one.article)
        return {"articles": len(articles), "ms_an_article": _times(times), "pairs": sorted(plain), "copies": ways}


@dataclass(frozen=True, slots=True)
class Searched:
    """What one search found.

    Attributes:
        repeated: how many of the first eight hits repeat others, by how the copies were made; None where none were.
        called: how many of them ``retrieval.copies`` calls copies.
        answer_rank: rank of the first hit of twenty that says the answer; None where none does.
        took_ms: wall time for eight hits.
    """

    repeated: int | None
    called: int
    answer_rank: int | None
    took_ms: float


def search(
    question: Question,
    store: SQLiteDocumentStore,
    encoder: TextEncoder,
    made: Mapping[str, Made],
    told: Mapping[str, Sequence[str]],
) -> Searched:
    """Search one question."""
    vector = encoder.encode([question.question])[0]
    began = time.perf_counter()
    first = store.search(question.question, vector, top_k=_READ)
    took_ms = (time.perf_counter() - began) * 1000
    hits = store.search(question.question, vector, top_k=_DEPTH)
    called = spread([hit.passage for hit in first], _READ, lambda one, other: other in told.get(one, ())).copies
    rank = first_rank(holds_answer(hit.passage.text, question.answers) for hit in hits)
    return Searched(repeats(first, made) if made else None, len(called), rank, took_ms)


def worth(
    index: Path, questions: Sequence[Question], made: Mapping[str, Made], asked: int, top_k: int
) -> dict[str, dict[str, Any]]:
    """The figures with and without putting copies last, on one index, in one run, question by question in turns."""
    encoder, reader = load_encoder(), SpanReader.load()
    ways = {"as found": Ranking(spread=False), "copies last": Ranking()}
    stores = {
        way: SQLiteDocumentStore(index / "index.sqlite", encoder.identity, create=False, ranking=ranking)
        for way, ranking in ways.items()
    }
    answerers = {
        way: Answerer(store, encoder, reader, top_k=top_k, min_confidence=0.3) for way, store in stores.items()
    }
    try:
        told = {row.id: row.same_story for row in stores["copies last"].articles() if row.same_story}
        found: dict[str, list[Searched]] = {way: [] for way in ways}
        answers: dict[str, list[tuple[float, int, float]]] = {way: [] for way in ways}
        for store in stores.values():
            store.warm_up()
        for number, question in enumerate(with_progress(questions, "asking", len(questions))):
            for way, store in stores.items():
                found[way].append(search(question, store, encoder, made, told))
                if number < asked:
                    answers[way].append(answer(question, answerers[way]))
        return {way: _figures(found[way], answers[way]) for way in ways}
    finally:
        for store in stores.values():
            store.close()


def answer(question: Question, answerer: Answerer) -> tuple[float, int, float]:
    """Ask: exact match, citations (0 where not found), milliseconds."""
    outcome = answerer.ask(Ask(question.question, max_citations=_DEPTH))
    if not isinstance(outcome, Answered):
        return 0.0, 0, outcome.timings.total_ms
    return (
        exact_match(outcome.answer.text, question.answers),
        len(outcome.answer.citations),
        outcome.timings.total_ms,
    )


def _figures(found: Sequence[Searched], answers: Sequence[tuple[float, int, float]]) -> dict[str, Any]:
    def recall(depth: int) -> float | None:
        return _rounded(mean(one.answer_rank is not None and one.answer_rank <= depth for one in found))

    cited = [count for _, count, _ in answers if count]
    return {
        "repeated_of_8": _rounded(mean(one.repeated / _READ for one in found if one.repeated is not None)),
        "called_copies_of_8": _rounded(mean(one.called / _READ for one in found)),
        "answer_recall": {depth: recall(depth) for depth in (1, 5, 8, 20)},
        "search_ms_p50": _rounded(percentile([one.took_ms for one in found], 50)),
        "questions_asked": len(answers),
        "em": _rounded(mean(exact for exact, _, _ in answers)),
        "answered": len(cited),
        "citations_an_answer": _rounded(mean(cited)),
        "ask_ms_p50": _rounded(percentile([took for _, _, took in answers], 50)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _times(times: Sequence[float]) -> dict[str, float | None]:
    return {
        "mean": _rounded(mean(times)),
        "p50": _rounded(percentile(times, 50)),
        "p95": _rounded(percentile(times, 95)),
    }


def _measure(args: argparse.Namespace) -> int:
    questions, articles = _given(args)
    report: dict[str, Any] = {}
    if args.copies:
        report["found"] = measured_copies(articles, args.copies, args.seed)
    if args.index:
        report["asked"] = worth(args.index, questions, {}, args.ask, args.top_k)
    elif not args.copies:
        by_id = {article.id: article for article in articles}
        wanted = dict.fromkeys(question.article_id for question in questions)
        chosen = [by_id[key] for key in wanted if key in by_id]
        made = [original(article) for article in chosen]
        made += [copied(article, way, args.seed) for article in chosen for way in _PLANTED[: args.plant]]
        with tempfile.TemporaryDirectory() as folder:
            with Answerer.open(Path(folder), create=True) as answerer:
                for one in with_progress(made, "indexing", len(made)):
                    answerer.put(one.article)
            planted = {one.article.id: one for one in made}
            report["asked"] = worth(Path(folder), questions, planted, args.ask, args.top_k)
    print_json(report)
    return 0


def _given(args: argparse.Namespace) -> tuple[list[Question], list[Article]]:
    """The questions, sampled, and the articles."""
    if args.squad:
        gold, articles = read_squad(args.squad)
    else:
        gold = tuple(one for one in read_gold(SEED_GOLD) if one.answerable and not one.history)
        articles = tuple(loaded.article for loaded in load_folder(args.articles) if isinstance(loaded, Loaded))
    questions = [Question(question=one.question, answers=list(one.answers), article_id=one.article) for one in gold]
    if args.questions:
        lines = read_bytes(args.questions).splitlines()
        questions = [Question.model_validate_json(line) for line in lines]
    if args.sample and args.sample < len(questions):
        questions = random.Random(args.seed).sample(questions, args.sample)  # noqa: S311 - a sample
    return questions, list(articles)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, default=SEEDS, help="a folder; default: the starter articles")
    parser.add_argument("--questions", type=Path, help="JSON lines with question, answers and article_id")
    parser.add_argument("--squad", type=Path, help="instead of both: a SQuAD-format file")
    parser.add_argument("--index", type=Path, help="ask this index as it is")
    parser.add_argument("--copies", type=int, default=0, help="make and look for copies of so many articles")
    parser.add_argument("--plant", type=int, default=3, choices=range(len(_PLANTED) + 1), help="copies of each article")
    parser.add_argument("--sample", type=int, help="ask so many of the questions")
    parser.add_argument("--ask", type=int, default=100, help="so many of them end to end, the others are only searched")
    parser.add_argument("--top-k", type=int, default=_READ)
    parser.add_argument("--seed", type=int, default=13)
    args = parser.parse_args()
    return guarded(lambda: _measure(args))


if __name__ == "__main__":
    raise SystemExit(main())
