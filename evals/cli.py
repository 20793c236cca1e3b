"""``pullquote eval``: the gold questions against the articles, or the reader alone against a SQuAD file.

``main_bench`` (``pullquote bench``) is defined in ``evals.bench`` and offered here too.

Exit codes: 0 measured, 1 could not be measured or a question failed, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from corpus.errors import GoldError
from evals.bench import main_bench
from evals.terminal import SEED_GOLD, SEEDS, guarded, positive, print_json, recorded, with_progress

__all__ = ["main_bench", "main_eval"]


def main_eval(argv: Sequence[str]) -> int:
    """Run ``pullquote eval`` with ``argv``, the words after ``eval``; the result is the exit code."""
    args = _parser().parse_args(argv)
    return guarded(lambda: _read_squad_file(args) if args.reader else _ask_gold(args), as_json=args.json)


def _confidence(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pullquote eval",
        description="Ask the gold questions and print EM, F1, citation exactness, abstention and times.",
    )
    parser.add_argument("--gold", type=Path, default=SEED_GOLD, metavar="FILE", help="gold questions, .jsonl")
    parser.add_argument("--corpus", type=Path, default=SEEDS, metavar="FOLDER", help="the articles they are asked of")
    parser.add_argument("--index", type=Path, metavar="PATH", help="an index of that folder; without it, one is built")
    parser.add_argument("--reader", type=Path, metavar="SQUAD", help="measure the reader alone, on .json or .json.gz")
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first N questions")
    parser.add_argument("--min-confidence", type=_confidence, default=0.3, metavar="P", help="answer from here on")
    parser.add_argument("--threads", type=positive, default=2, metavar="N", help="passages read at once")
    parser.add_argument("--rows", type=Path, metavar="FILE", help="write one JSON object a question to FILE")
    parser.add_argument("--wrong", action="store_true", help="list the questions without an exact match")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


def _ask_gold(args: argparse.Namespace) -> int:
    from answering.answerer import Answerer  # noqa: PLC0415 - models load only when asked for; --help answers at once
    from corpus.loading import Loaded, load_folder  # noqa: PLC0415 - likewise
    from evals.gold import check_gold, read_gold  # noqa: PLC0415 - likewise
    from evals.runner import evaluate, summarise  # noqa: PLC0415 - likewise
    from evals.tables import summary_table, wrong_table  # noqa: PLC0415 - likewise

    if not args.corpus.is_dir():
        raise GoldError(f"{args.corpus} is no folder; name the gold questions' articles with --corpus FOLDER")
    questions = read_gold(args.gold)[: args.limit]
    articles = {loaded.article.id: loaded.article for loaded in load_folder(args.corpus) if isinstance(loaded, Loaded)}
    check_gold(questions, tuple(articles.values()))
    with ExitStack() as stack:
        index = args.index or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "index"
        answerer = Answerer.open(
            index, threads=args.threads, min_confidence=args.min_confidence, create=args.index is None
        )
        stack.callback(answerer.close)
        if args.index is None:
            answerer.index_folder(args.corpus)
        answerer.warm_up()
        asked = recorded(evaluate(answerer, questions, articles), args.rows)
        rows = list(with_progress(asked, "asking", len(questions)))
    summary = summarise(rows)
    if args.json:
        print_json(asdict(summary))
    else:
        Console().print(summary_table(summary))
    if args.wrong:
        Console(stderr=args.json).print(wrong_table(rows))
    return 1 if summary.failures else 0


def _read_squad_file(args: argparse.Namespace) -> int:
    from evals.gold import read_squad  # noqa: PLC0415 - models load only when asked for; --help answers at once
    from evals.reading import read_all, summarise_reading  # noqa: PLC0415 - likewise
    from evals.tables import reading_table  # noqa: PLC0415 - likewise
    from reader.span_reader import SpanReader  # noqa: PLC0415 - likewise

    questions, paragraphs = read_squad(args.reader)
    questions = questions[: args.limit]
    articles = {article.id: article for article in paragraphs}
    reader = SpanReader.load(threads=args.threads)
    reading = recorded(read_all(reader, questions, articles, args.min_confidence), args.rows)
    readings = list(with_progress(reading, "reading", len(questions)))
    summary = summarise_reading(readings, args.min_confidence)
    if args.json:
        print_json(asdict(summary))
    else:
        Console().print(reading_table(args.reader.name, summary))
    return 0
