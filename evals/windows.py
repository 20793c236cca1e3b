"""How long a passage should be, and whether passages should overlap: the same words read in other cuts.

    python -m evals.windows --news FOLDER --limit 200 --articles 1000 --words 60 100 160 --overlap 0 1

For each length and overlap the articles are cut and indexed anew, below ``--cache``, where they stay: a run that was
stopped goes on. As many passages are read as make up ``--read-words`` words, so that every cut costs the reader about
the same. An overlap of one says that each passage begins with the last sentence of the one before it.

Exit codes: 0 measured, 1 could not be measured, 130 interrupted.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from answering.choosing import group
from answering.pipelines import PassageEncoder
from corpus.splitting import split
from corpus.types import Article, Passage, Span
from evals.measures import exact_match, f1, mean
from evals.open_sets import OpenSet, read_news
from evals.ranking import first_rank, holds_answer
from evals.tables import quantity, share
from evals.terminal import guarded, positive, print_json, with_progress
from reader.span_reader import SpanReader
from retrieval.articles import Entry
from retrieval.component import HybridRetriever
from retrieval.encoder import TextEncoder, load_encoder
from retrieval.store import SQLiteDocumentStore

RECALL_AT = (1, 5, 20)
_BATCH = 16


@dataclass(frozen=True, slots=True)
class Cut:
    """How articles are cut: ``words`` a passage, of which the first ``overlap`` sentences stand in the one before."""

    words: int
    overlap: int

    def of(self, article: Article) -> list[Passage]:
        """The passages of an article."""
        plain = split(article, target_words=self.words)
        longer = [_after(before, passage, article.text, self.overlap) for before, passage in pairwise(plain)]
        return [*plain[:1], *longer]


def _after(before: Passage, passage: Passage, text: str, overlap: int) -> Passage:
    shared = before.sentences[max(0, len(before.sentences) - overlap) :]
    if not shared:
        return passage
    span = Span(shared[0].start, passage.span.end)
    return replace(passage, span=span, text=span.slice(text), sentences=(*shared, *passage.sentences))


@dataclass(frozen=True, slots=True)
class CutFigures:
    """What one cut is worth; shares are 0 to 1.

    Attributes:
        passages: in the index.
        read: passages read for a question.
        answer_recall: by depth: questions with a hit among the first so many that says an answer.
        read_recall: the same among those that are read.
        em, f1: of the best span, when it must answer.
        ms: mean time of a question, milliseconds.
    """

    cut: Cut
    passages: int
    read: int
    answer_recall: dict[int, float | None]
    read_recall: float | None
    em: float | None
    f1: float | None
    ms: float | None


def thinned(given: OpenSet, articles: int, questions: int, seed: int) -> OpenSet:
    """``questions`` of the set over ``articles`` of its articles, by lot; those the questions are about come first."""
    drawn = given.sample(questions, seed)
    about = {question.article for question in drawn.questions}
    rest = [article for article in given.articles if article.id not in about]
    random.Random(seed).shuffle(rest)  # noqa: S311 - a sample
    kept = [article for article in given.articles if article.id in about]
    return replace(drawn, articles=(*kept, *rest[: max(0, articles - len(kept))]))


def index(cut: Cut, articles: Sequence[Article], store: SQLiteDocumentStore, encoder: TextEncoder) -> None:
    """Write what the index does not hold yet."""
    known = store.digests()
    new = [article for article in articles if known.get(article.id) != article.digest]
    batches = [new[at : at + _BATCH] for at in range(0, len(new), _BATCH)]
    for batch in with_progress(batches, f"indexing {cut.words} words, overlap {cut.overlap}", len(batches)):
        cuts = [cut.of(article) for article in batch]
        vectors = PassageEncoder(encoder).run(cuts)["vectors"]
        written = zip(batch, cuts, vectors, strict=True)
        store.put_articles([Entry(article, passages, of_it) for article, passages, of_it in written])


def measured(
    cut: Cut, given: OpenSet, store: SQLiteDocumentStore, encoder: TextEncoder, reader: SpanReader, read_words: int
) -> CutFigures:
    """Ask the questions of an index of this cut."""
    top_k = max(1, round(read_words / cut.words))
    retriever = HybridRetriever.around(store, encoder, top_k=max(*RECALL_AT, top_k))
    ranks, said, spent = [], [], []
    for gold in with_progress(given.questions, "asking", len(given.questions)):
        began = time.perf_counter()
        hits = retriever.run(gold.question)["hits"]
        read = reader.read(gold.question, [hit.passage for hit in hits[:top_k]])
        groups = group(gold.question, [candidate for each in read for candidate in each], hits)
        spent.append((time.perf_counter() - began) * 1000)
        said.append((groups[0].best.text if groups else "", gold.answers))
        ranks.append(first_rank(holds_answer(hit.passage.text, gold.answers) for hit in hits))
    return CutFigures(
        cut=cut,
        passages=store.count_documents(),
        read=top_k,
        answer_recall={k: mean(rank is not None and rank <= k for rank in ranks) for k in RECALL_AT},
        read_recall=mean(rank is not None and rank <= top_k for rank in ranks),
        em=mean(exact_match(text, golds) for text, golds in said),
        f1=mean(f1(text, golds) for text, golds in said),
        ms=mean(spent),
    )


def table(found: Sequence[CutFigures]) -> Table:
    """A column a cut."""
    made = Table("words / overlap", *(f"{one.cut.words} / {one.cut.overlap}" for one in found))
    made.add_row("passages", *(f"{one.passages:,}" for one in found))
    for k in RECALL_AT:
        made.add_row(f"answer-recall@{k}", *(share(one.answer_recall[k]) for one in found))
    made.add_row("passages read", *(str(one.read) for one in found))
    made.add_row("answer-recall of those", *(share(one.read_recall) for one in found))
    made.add_row("EM / F1 if it must answer", *(f"{share(one.em)} / {share(one.f1)}" for one in found))
    made.add_row("time a question", *(quantity(one.ms, "ms") for one in found))
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.windows", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--news", type=Path, required=True, metavar="FOLDER", help="as of evals.open_bench")
    parser.add_argument("--limit", type=positive, default=200, metavar="N", help="questions (default: %(default)s)")
    parser.add_argument("--articles", type=positive, default=1000, metavar="N", help="searched (default: %(default)s)")
    parser.add_argument("--words", type=positive, nargs="+", default=[60, 100, 160], metavar="N")
    parser.add_argument("--overlap", type=int, nargs="+", default=[0], metavar="N", help="sentences")
    parser.add_argument("--read-words", type=positive, default=800, metavar="N", help="read for a question")
    parser.add_argument("--seed", type=int, default=13, metavar="N", help="of the draw")
    parser.add_argument("--threads", type=positive, default=2, metavar="N")
    parser.add_argument("--cache", type=Path, default=Path("build/windows"), metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args(argv)
    return guarded(lambda: _measure(args), as_json=args.json)


def _measure(args: argparse.Namespace) -> int:
    given = thinned(read_news(args.news), args.articles, args.limit, args.seed)
    encoder, reader = load_encoder(None, threads=args.threads), SpanReader.load(threads=args.threads)
    found = []
    for cut in (Cut(words, overlap) for overlap in args.overlap for words in args.words):
        folder = args.cache / f"{cut.words}-{cut.overlap}-{len(given.articles)}-{args.seed}"
        with SQLiteDocumentStore(folder / "index.sqlite", encoder=encoder.identity, create=True) as store:
            index(cut, given.articles, store, encoder)
            found.append(measured(cut, given, store, encoder, reader, args.read_words))
    if args.json:
        print_json([asdict(one) for one in found])
    else:
        Console().print(table(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
