"""What the title and the day in front of a passage would be worth, to the encoder and to the reader.

    python -m evals.fronts --index .pullquote --questions questions.jsonl --limit 300

The questions are in a form ``evals.foreign`` reads. Nothing is indexed again: the first ``--depth`` hits of
an index are encoded anew with each front and fused anew with their BM25 scores, so what a front would bring
in from behind them is not seen; and the first ``--top-k`` hits, in the index's order, are read with each
front. A front is never part of an answer: spans that touch it are dropped.

With ``--records`` a run that was stopped goes on where it was.

Exit codes: 0 measured, 1 could not be measured, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal

from answering.choosing import group
from corpus.errors import GoldError
from corpus.types import Article, Passage, Span
from evals.foreign import read_haystack
from evals.gold import GoldQuestion
from evals.measures import exact_match, f1, mean
from evals.ranking import RECALL_AT, first_rank, holds_answer
from evals.terminal import guarded, positive, print_json, with_progress
from reader.span_reader import SpanReader
from reader.types import Candidate
from retrieval.component import HybridRetriever
from retrieval.encoder import TextEncoder, load_encoder
from retrieval.fusion import fuse
from retrieval.store import SQLiteDocumentStore
from retrieval.types import Hit

_PER_PASSAGE = 6


class Front(StrEnum):
    """What stands in front of a passage's text."""

    NOTHING = "nothing"
    TITLE = "title"
    TITLE_AND_DAY = "title and day"

    def of(self, article: Article) -> str:
        """The front's words, ending in a space; without a day where none is known."""
        parts = [] if self is Front.NOTHING else [article.title]
        if self is Front.TITLE_AND_DAY and article.published:
            parts.append(f"{article.published:%d %B %Y}")
        return "".join(f"{part}. " for part in parts)


@dataclass(frozen=True, slots=True)
class Fronted:
    """One question under one front.

    Attributes:
        rank: of the first hit that says an answer, encoded with the front; None where none of them does.
        em, f1: of the best span, read with the front.
    """

    id: str
    front: Front
    rank: int | None
    em: float
    f1: float


@dataclass(frozen=True, slots=True)
class FrontFigures:
    """One front's figures, 0 to 1; None of no question.

    Attributes:
        answer_recall: by depth: questions with a hit among the first so many that says an answer.
        won, lost: questions whose answer matches exactly where without a front it does not, and the other way round.
    """

    questions: int
    answer_recall: Mapping[int, float | None]
    em: float | None
    f1: float | None
    won: int
    lost: int


def figures(rows: Sequence[Fronted], depth: int) -> dict[Front, FrontFigures]:
    """The figures of each front; no recall is claimed beyond ``depth`` hits."""
    plain = {row.id: row.em for row in rows if row.front is Front.NOTHING}
    found = {}
    for front in Front:
        own = [row for row in rows if row.front is front]
        gained = [row.em - plain[row.id] for row in own]
        found[front] = FrontFigures(
            questions=len(own),
            answer_recall={
                k: mean(row.rank is not None and row.rank <= k for row in own) for k in RECALL_AT if k <= depth
            },
            em=mean(row.em for row in own),
            f1=mean(row.f1 for row in own),
            won=sum(gain > 0 for gain in gained),
            lost=sum(gain < 0 for gain in gained),
        )
    return found


def ranked_with(encoder: TextEncoder, question: str, hits: Sequence[Hit], fronts: Sequence[str]) -> list[Hit]:
    """The hits, fused anew: their BM25 scores as they are, and cosines of ``fronts[i]`` + the text of ``hits[i]``."""
    if not hits:
        return []
    texts = [front + hit.passage.text for front, hit in zip(fronts, hits, strict=True)]
    cosines = encoder.encode_passages(texts) @ encoder.encode([question])[0]  # (hits,)
    fused = fuse(
        [(hit.passage.id, hit.bm25_score) for hit in hits if hit.bm25_score is not None],
        [(hit.passage.id, float(cosine)) for hit, cosine in zip(hits, cosines, strict=True)],
    )
    known = {hit.passage.id: hit for hit in hits}
    return [replace(known[one.id], rank=rank, score=one.score) for rank, one in enumerate(fused, start=1)]


def read_with(reader: SpanReader, question: str, passages: Sequence[Passage], fronts: Sequence[str]) -> list[Candidate]:
    """The candidates of all passages, each read with its front, as spans of the articles."""
    pairs = list(zip(passages, fronts, strict=True))
    longer = [replace(p, span=Span(0, len(f) + len(p.text)), text=f + p.text, sentences=()) for p, f in pairs]
    read = reader.read(question, longer, per_passage=_PER_PASSAGE)
    return [
        replace(candidate, passage=passage, span=candidate.span.shifted(passage.span.start - len(front)))
        for (passage, front), found in zip(pairs, read, strict=True)
        for candidate in found
        if candidate.span.start >= len(front)
    ]


@dataclass(frozen=True, slots=True)
class Bench:
    """What the questions are put to; ``top_k`` of the hits are read."""

    retriever: HybridRetriever
    article: Callable[[str], Article | None]
    encoder: TextEncoder
    reader: SpanReader
    top_k: int

    def rows(self, gold: GoldQuestion) -> Iterator[Fronted]:
        """One question under every front."""
        hits: list[Hit] = self.retriever.run(gold.question)["hits"]
        articles = [self.article(hit.passage.article_id) for hit in hits]
        for front in Front:
            fronts = [front.of(article) if article else "" for article in articles]
            ranked = ranked_with(self.encoder, gold.question, hits, fronts)
            near = [hit.passage for hit in hits[: self.top_k]]
            groups = group(gold.question, read_with(self.reader, gold.question, near, fronts[: self.top_k]), hits)
            said = groups[0].best.text if groups else ""
            rank = first_rank(holds_answer(hit.passage.text, gold.answers) for hit in ranked)
            yield Fronted(gold.id, front, rank, exact_match(said, gold.answers), f1(said, gold.answers))


def kept(path: Path | None) -> list[Fronted]:
    """The rows of an earlier run, those of questions under every front alone; none where there is no file.

    Raises:
        GoldError: if the file holds something else.
    """
    if path is None or not path.is_file():
        return []
    whole = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
    try:
        rows = [Fronted(**{**(value := json.loads(line)), "front": Front(value["front"])}) for line in whole]
    except (ValueError, KeyError, TypeError) as error:
        raise GoldError(f"{path}: no rows of this command ({error}); name another file with --records") from error
    full = {row.id for row in rows if row.front is list(Front)[-1]}
    return [row for row in rows if row.id in full]


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.fronts", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index", type=Path, required=True, help="folder of an index made by 'pullquote index'")
    parser.add_argument("--questions", type=Path, required=True, help="questions with their answers")
    parser.add_argument("--limit", type=positive, default=300, help="questions, drawn by lot (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=13, help="of the draw")
    parser.add_argument("--depth", type=positive, default=20, help="hits encoded anew (default: %(default)s)")
    parser.add_argument("--top-k", type=positive, default=8, help="hits read (default: %(default)s)")
    parser.add_argument("--threads", type=positive, default=2)
    parser.add_argument("--reader", type=Path, help="folder of another reader; default: the one shipped")
    parser.add_argument("--records", type=Path, help="where the rows are kept")
    args = parser.parse_args(argv)
    return guarded(lambda: _measure(args))


def _measure(args: argparse.Namespace) -> int:
    drawn = [gold for gold in read_haystack(args.questions, {}) if gold.answerable]
    random.Random(args.seed).shuffle(drawn)  # noqa: S311 - a sample
    drawn = drawn[: args.limit]
    asked = {gold.id for gold in drawn}
    rows = kept(args.records)
    # A question that was cut short is asked again: its rows go.
    _keep(rows, args.records, "w")
    done = {row.id for row in rows}
    encoder = load_encoder(None, threads=args.threads)
    with SQLiteDocumentStore(args.index / "index.sqlite", encoder=encoder.identity) as store:
        retriever = HybridRetriever.around(store, encoder, top_k=args.depth)
        bench = Bench(retriever, store.article, encoder, SpanReader.load(args.reader, args.threads), args.top_k)
        for gold in with_progress([g for g in drawn if g.id not in done], "reading", len(asked - done)):
            new = list(bench.rows(gold))
            rows += new
            _keep(new, args.records)
    found = figures([row for row in rows if row.id in asked], args.depth)
    print_json({str(front): asdict(each) for front, each in found.items()})
    return 0


def _keep(rows: Sequence[Fronted], path: Path | None, mode: Literal["a", "w"] = "a") -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as file:
            file.write("".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
