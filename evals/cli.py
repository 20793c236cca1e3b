"""``pullquote eval``: how good the answers are, and whether a change made them better or worse.

``main_bench`` (``pullquote bench``) is defined in ``evals.bench`` and offered here too.

Exit codes: 0 measured, 1 could not be measured or a question failed, 2 wrong usage,
5 worse than the baseline, 130 interrupted.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from answering.types import MIN_CONFIDENCE
from corpus.errors import GoldError
from evals.bench import TORCH_READER, main_bench
from evals.terminal import (
    BASELINES,
    SEED_GOLD,
    SEEDS,
    Where,
    guarded,
    in_files,
    positive,
    print_error,
    print_json,
    recorded,
    with_progress,
)

if TYPE_CHECKING:
    from evals.records import Record
    from evals.session import Asking, Options
    from retrieval.places import ClusterPlace

__all__ = ["main_bench", "main_eval"]

WORSE = 5
SYSTEMS = ("pullquote", "stock-haystack", "bm25-first-sentence", "reader-only")
_ALONE = {"retrieval": "retrieval-only", "reader": "reader-only"}
_BASELINE = BASELINES / "seeds.json"
_EPILOG = """\
more commands:
  pullquote eval compare A B     two records, question by question: is the second better, or only luckier?
  pullquote eval calibrate       fit confidences to the questions of your own folder
  pullquote eval beir FOLDER     retrieval alone on a BEIR-style collection: by words, by meaning, fused
  pullquote eval table [FILE …]  records as one table, for a README

exit codes:
  0    measured; held against a baseline: OK or BETTER
  1    it could not be measured, or a question failed
  2    the command line is not understood
  5    WORSE than the baseline
  130  stopped with Ctrl-C; the same command goes on
"""


def main_eval(argv: Sequence[str], where: Where = in_files) -> int:
    """Run ``pullquote eval`` with ``argv``, the words after ``eval``; the result is the exit code.

    ``where`` says on which cluster indexes are, if on any.
    """
    words = list(argv)
    if words[:1] == ["compare"]:
        compared = _compare_parser().parse_args(words[1:])
        return guarded(lambda: _compare(compared), as_json=compared.json)
    if words[:1] == ["table"]:
        tabled = _table_parser().parse_args(words[1:])
        return guarded(lambda: _table(tabled))
    if words[:1] == ["calibrate"]:
        fitted = _calibrate_parser().parse_args(words[1:])
        return guarded(lambda: _calibrate(fitted, where), as_json=fitted.json)
    if words[:1] == ["beir"]:
        found = _beir_parser().parse_args(words[1:])
        return guarded(lambda: _beir(found), as_json=found.json)
    args = _parser().parse_args(words)
    return guarded(lambda: _read_squad_file(args) if args.reader else _run(args, where), as_json=args.json)


def _confidence(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pullquote eval",
        description="Ask the gold questions and print how good the answers, citations and confidences are.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_asked(parser).add_argument(
        "--reader", type=Path, metavar="SQUAD", help="instead: the reader alone, each in its paragraph"
    )
    how = parser.add_argument_group("how")
    how.add_argument(
        "--level", choices=("end", "retrieval", "reader", "all"), default="end", help="default: end to end"
    )
    how.add_argument("--system", choices=SYSTEMS, default="pullquote", help="ours, or a peer, by the same measures")
    _add_how(how)
    how.add_argument("--torch-reader", type=Path, default=TORCH_READER, metavar="FOLDER", help="for stock-haystack")
    how.add_argument(
        "--min-confidence", type=_confidence, default=MIN_CONFIDENCE, metavar="P", help="answer from here on"
    )
    how.add_argument(
        "--calibration", type=Path, metavar="FILE", help="what makes the confidences: of 'pullquote eval calibrate'"
    )
    how.add_argument("--similarity", action="store_true", help="add semantic similarity (needs the 'models' extra)")
    out = parser.add_argument_group("what comes out")
    out.add_argument("--record", type=Path, metavar="FILE", help="write the run's record, .json or .json.gz")
    out.add_argument("--html", type=Path, metavar="FILE", help="write a page with charts and every wrong answer")
    out.add_argument(
        "--check",
        type=Path,
        nargs="?",
        const=_BASELINE,
        metavar="BASELINE",
        help="hold against a baseline; exit code 5 if worse",
    )
    out.add_argument(
        "--accept", type=Path, nargs="?", const=_BASELINE, metavar="BASELINE", help="make this run the baseline"
    )
    out.add_argument("--rows", type=Path, metavar="FILE", help="write one JSON object a question to FILE")
    out.add_argument("--wrong", action="store_true", help="list the questions without an exact match")
    out.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


def _add_asked(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    asked = parser.add_argument_group("what is asked")
    asked.add_argument("--gold", type=Path, default=SEED_GOLD, metavar="FILE", help="gold questions, .jsonl")
    asked.add_argument("--corpus", type=Path, default=SEEDS, metavar="FOLDER", help="the articles they are asked of")
    asked.add_argument(
        "--haystack", type=Path, metavar="FILE", help="instead of --gold: the inputs of a Haystack evaluation, JSON"
    )
    asked.add_argument("--squad", type=Path, metavar="FILE", help="instead: SQuAD .json[.gz], asked of all paragraphs")
    asked.add_argument("--limit", type=positive, metavar="N", help="only the first N questions")
    return asked


def _add_how(how: argparse._ArgumentGroup) -> None:
    how.add_argument("--index", type=Path, metavar="PATH", help="an index of the articles; without it, one is built")
    how.add_argument("--model", type=Path, metavar="FOLDER", help="another reader than the shipped one")
    how.add_argument("--encoder", type=Path, metavar="FOLDER", help="another encoder than the shipped one")
    how.add_argument("--top-k", type=positive, default=8, metavar="N", help="passages read a question (default: 8)")
    how.add_argument("--threads", type=positive, default=2, metavar="N", help="cores (default: 2)")
    how.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        help="questions side by side (default: 1; --threads from 1,000 questions on)",
    )
    how.add_argument(
        "--work", type=Path, default=Path(".pullquote/eval"), metavar="FOLDER", help="for what is done so far"
    )


def _calibrate_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pullquote eval calibrate",
        description="Ask the gold questions, fit what makes a confidence to them, and say what that is worth: each "
        "tenth of the questions is judged by a fit on the others.",
        epilog="Use FILE as PULLQUOTE_CALIBRATION=FILE, for every command that answers.",
    )
    # At a bar of 0 every question has its best answer, and the doubtful ones tell most.
    parser.set_defaults(min_confidence=0.0, calibration=None, torch_reader=TORCH_READER)
    _add_asked(parser)
    _add_how(parser.add_argument_group("how"))
    out = parser.add_argument_group("what comes out")
    out.add_argument("--output", type=Path, metavar="FILE", help="write the calibration, .json")
    out.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


def _compare_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pullquote eval compare",
        description="Compare two records question by question: differences with 95 % intervals and the p of a "
        "paired randomisation test, and the questions that flipped.",
    )
    parser.add_argument("first", type=Path, metavar="A", help="a record of 'pullquote eval --record'")
    parser.add_argument("second", type=Path, metavar="B", help="another")
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
    return parser


def _table_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pullquote eval table", description="Show records as one table in Markdown. Times are left out."
    )
    parser.add_argument("records", type=Path, nargs="*", metavar="FILE", help="records (default: the committed ones)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the markers of this file")
    return parser


def _run(args: argparse.Namespace, where: Where) -> int:
    from evals.records import write_record  # noqa: PLC0415 - models load only when asked for; --help answers at once

    asking = _asking(args)
    first = _ALONE.get(args.level, args.system)
    cluster = where()
    records = [_record(asking, _options(args, system, cluster), args) for system in _systems(args, first)]
    record = records[0]
    if args.record:
        write_record(record, args.record)
    if args.rows:
        list(recorded(record.rows, args.rows))
    if args.html:
        from evals.report import report_page  # noqa: PLC0415 - likewise

        args.html.write_text(report_page(record, asking.articles), encoding="utf-8")
    if args.accept:
        write_record(record, args.accept)
        print_error(f"{args.accept} is the baseline from now on; 'pullquote eval table --write README.md' shows it")
    code = _show(records, args)
    return 1 if any(row.status == "failed" for row in record.rows) else code


def _asking(args: argparse.Namespace) -> Asking:
    from evals.session import gold_asking, haystack_asking, squad_asking  # noqa: PLC0415 - as above

    if args.squad:
        return squad_asking(args.squad, args.limit)
    if args.haystack:
        return haystack_asking(args.haystack, args.corpus, args.limit)
    return gold_asking(args.gold, args.corpus, args.limit)


def _systems(args: argparse.Namespace, first: str) -> list[str]:
    return list(dict.fromkeys([first, *(_ALONE.values() if args.level == "all" else ())]))


def _options(args: argparse.Namespace, system: str, cluster: ClusterPlace | None) -> Options:
    from evals.session import Options  # noqa: PLC0415 - models load only when asked for; --help answers at once

    return Options(
        system=system,
        index=args.index,
        cluster=cluster,
        reader=args.model,
        torch_reader=args.torch_reader,
        threads=args.threads,
        workers=args.workers,
        depth=args.top_k,
        min_confidence=args.min_confidence,
        work=args.work,
        calibration=args.calibration,
        encoder=args.encoder,
    )


def _record(asking: Asking, options: Options, args: argparse.Namespace) -> Record:
    from evals.session import run  # noqa: PLC0415 - models load only when asked for; --help answers at once

    record = run(asking, options, with_progress)
    if args.similarity and options.system != "retrieval-only":
        from evals.similarity import with_similarity  # noqa: PLC0415 - likewise, and torch

        record = replace(record, rows=tuple(with_similarity(record.rows)))
    return record


def _show(records: Sequence[Record], args: argparse.Namespace) -> int:
    from evals.records import read_record  # noqa: PLC0415 - models load only when asked for; --help answers at once
    from evals.summary import by_kind  # noqa: PLC0415 - likewise
    from evals.tables import check_table, kind_table, ranking_table, summary_table, wrong_table  # noqa: PLC0415 - likewise
    from evals.verdict import Verdict, check, overall  # noqa: PLC0415 - likewise

    record = records[0]
    checks = check(read_record(args.check), record) if args.check else ()
    verdict = overall(checks) if args.check else None
    if args.json:
        value = asdict(record.summary) | {"kinds": [asdict(of) for of in by_kind(record.rows)]}
        value |= {"levels": {r.system: asdict(r.summary) for r in records[1:]}} if records[1:] else {}
        value |= {"verdict": verdict, "checks": [asdict(one) for one in checks]} if verdict else {}
        print_json(value)
    else:
        for one in records:
            alone = one.system == "retrieval-only"
            Console().print(ranking_table(one) if alone else summary_table(one.summary, one.system))
            kinds = () if alone else by_kind(one.rows)
            if len(kinds) > 1:
                Console().print(kind_table(kinds))
        if verdict:
            Console().print(check_table(checks, verdict))
    if args.wrong:
        Console(stderr=args.json).print(wrong_table(record.rows))
    return WORSE if verdict is Verdict.WORSE else 0


def _beir_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pullquote eval beir",
        description="Measure retrieval on a folder with corpus.jsonl, queries.jsonl and qrels.tsv (or qrels/test.tsv).",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


def _beir(args: argparse.Namespace) -> int:
    from evals.beir import main_beir  # noqa: PLC0415 - --help answers at once

    return main_beir(args)


def _calibrate(args: argparse.Namespace, where: Where) -> int:
    from answering.calibration import CalibrationFile  # noqa: PLC0415 - --help answers at once
    from evals.calibrating import calibrate  # noqa: PLC0415 - likewise
    from evals.session import run  # noqa: PLC0415 - likewise
    from evals.tables import bar, calibration_table  # noqa: PLC0415 - likewise

    if args.output is not None and args.output.is_dir():
        raise GoldError(f"{args.output} is a folder; expected the name of the file to write, as calibration.json")
    record = run(_asking(args), _options(args, "pullquote", where()), with_progress)
    found = calibrate(record.rows)
    if args.json:
        print_json(asdict(found) | {"gains": found.gains})
    else:
        Console().print(calibration_table(found))
        if not found.gains:
            print_error("these questions gain nothing by a calibration of their own: keep the one that is shipped")
    if args.output is not None:
        digests = record.digests
        file = CalibrationFile.of(
            found.constants, reader=digests["reader"], encoder=digests["encoder"], questions=found.questions
        )
        file.write(args.output)
        as_many = "" if found.min_confidence is None else f" PULLQUOTE_MIN_CONFIDENCE={bar(found.min_confidence)}"
        print_error(f"written; PULLQUOTE_CALIBRATION={args.output}{as_many} makes every command use it")
    return 0


def _compare(args: argparse.Namespace) -> int:
    from evals.comparing import compare  # noqa: PLC0415 - models load only when asked for; --help answers at once
    from evals.records import read_record  # noqa: PLC0415 - likewise
    from evals.tables import difference_table, flip_table  # noqa: PLC0415 - likewise

    found = compare(read_record(args.first), read_record(args.second))
    if args.json:
        print_json(asdict(found))
        return 0
    console = Console()
    for line in found.changed:
        console.print(line, markup=False, highlight=False)
    console.print(difference_table(found))
    for title, flips in (("Right now, not before", found.gained), ("Right before, not now", found.lost)):
        console.print(flip_table(f"{title}: {len(flips)}", flips))
    return 0


def _table(args: argparse.Namespace) -> int:
    from evals.readme import markdown, rewritten  # noqa: PLC0415 - models load only when asked for
    from evals.records import read_record  # noqa: PLC0415 - likewise

    table = markdown([read_record(path) for path in args.records or sorted(BASELINES.glob("*.json"))])
    if args.write is None:
        Console().print(table, markup=False, highlight=False, soft_wrap=True)
    else:
        args.write.write_text(rewritten(args.write.read_text(encoding="utf-8"), table), encoding="utf-8")
    return 0


def _read_squad_file(args: argparse.Namespace) -> int:
    from evals.gold import read_squad  # noqa: PLC0415 - models load only when asked for; --help answers at once
    from evals.reading import read_all, summarise_reading  # noqa: PLC0415 - likewise
    from evals.tables import reading_table  # noqa: PLC0415 - likewise
    from reader.span_reader import SpanReader  # noqa: PLC0415 - likewise

    questions, paragraphs = read_squad(args.reader)
    questions = questions[: args.limit]
    articles = {article.id: article for article in paragraphs}
    reader = SpanReader.load(args.model, threads=args.threads)
    reading = recorded(read_all(reader, questions, articles, args.min_confidence), args.rows)
    readings = list(with_progress(reading, "reading", len(questions)))
    summary = summarise_reading(readings, args.min_confidence)
    if args.json:
        print_json(asdict(summary))
    else:
        Console().print(reading_table(args.reader.name, summary))
    return 0
