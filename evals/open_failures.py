"""Why open questions are answered wrongly, and what other ways of choosing would come to.

    python -m evals.open_failures build/open/news/rows.jsonl

Reads the rows that ``python -m evals.open_bench`` kept. Every question has one cause, the first that fits in
the order of ``Cause``; what is judged is the answer when it must answer.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.measures import exact_match, f1, padded
from evals.open_choosing import WAYS, best_possible, judged
from evals.open_rows import OpenRow, read
from evals.tables import share
from evals.terminal import guarded, print_json

_NEAR_DAYS = (7, 31, 366)


class Cause(StrEnum):
    """What became of a question.

    ``FORM``: a right answer stands whole in what was said, or the other way round. ``PARTLY``: they share a word.
    ``NOT_FOUND``: no hit says a right answer. ``NOT_READ``: only one behind those that are read does.
    ``OTHER_SPAN``: the passage says it, and another of its spans was taken. ``OTHER_PASSAGE``: a passage
    that does not say it was preferred to one that does.
    """

    FAILED = "failed"
    RIGHT = "right"
    FORM = "longer or shorter"
    PARTLY = "shares a word"
    NOT_FOUND = "not found"
    NOT_READ = "not read"
    NOTHING = "nothing said"
    OTHER_SPAN = "other span"
    OTHER_PASSAGE = "other passage"


def cause_of(row: OpenRow, top_k: int) -> Cause:
    """Why a question is not answered rightly, of a side that reads ``top_k`` hits."""
    rank = row.answer_rank
    holds = {hit.id: hit.holds for hit in row.hits}
    fits = {
        Cause.FAILED: row.failed,
        Cause.RIGHT: exact_match(row.insisted, row.gold) == 1,
        Cause.FORM: _contains(row.insisted, row.gold),
        Cause.PARTLY: f1(row.insisted, row.gold) > 0,
        Cause.NOT_FOUND: rank is None,
        Cause.NOT_READ: rank is not None and rank > top_k,
        Cause.NOTHING: row.passage is None,
        Cause.OTHER_SPAN: row.passage is not None and holds.get(row.passage, False),
    }
    return next((cause for cause, does in fits.items() if does), Cause.OTHER_PASSAGE)


def _contains(said: str, gold: Sequence[str]) -> bool:
    """Whether one of the two stands whole in the other, at the bounds of words."""
    mine = padded(said)
    labels = [padded(label) for label in gold]
    return bool(mine.strip()) and any(label.strip() and (label in mine or mine in label) for label in labels)


def causes(rows: Sequence[OpenRow], top_k: int) -> dict[str, dict[Cause, int]]:
    """Questions by cause: of all, of each kind, and by how far from the asking the first right article is."""
    counted: dict[str, Counter[Cause]] = {"all": Counter()}
    for row in rows:
        cause = cause_of(row, top_k)
        for name in ("all", f"kind: {row.kind}", *_distance(row)):
            counted.setdefault(name, Counter())[cause] += 1
    return {name: dict(counted[name]) for name in sorted(counted, key=lambda n: (n != "all", -counted[n].total(), n))}


def _distance(row: OpenRow) -> tuple[str, ...]:
    first = next((hit for hit in row.hits if hit.holds), None)
    if first is None or first.published is None or row.asked is None:
        return ()
    days = abs((date.fromisoformat(row.asked) - date.fromisoformat(first.published)).days)
    near = next((limit for limit in _NEAR_DAYS if days <= limit), None)
    return (f"right article within {near} days" if near else f"right article over {_NEAR_DAYS[-1]} days away",)


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.open_failures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("records", type=Path, help="what open_bench kept")
    parser.add_argument("--side", default="ours", help="whose rows (default: ours)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(argv)
    return guarded(lambda: _tell(args), as_json=args.json)


def _tell(args: argparse.Namespace) -> int:
    about, rows = read(args.records)
    rows = [row for row in rows if row.side == args.side]
    top_k, wide = int(about["top_k"]), int(about["read"])
    counted = causes(rows, top_k)
    ways = {
        name: judged(rows, way) for name, way in WAYS.items() if way.passages <= max(wide, top_k) and _has_spans(rows)
    }
    ceilings = {f"best of the spans of {k}": best_possible(rows, k) for k in sorted({1, top_k, wide})}
    chosen = {**ways, **(ceilings if ways else {})}
    if args.json:
        print_json(
            {
                "causes": {name: {str(cause): n for cause, n in each.items()} for name, each in counted.items()},
                "ways": {name: {"em": out.em, "f1": out.f1} for name, out in chosen.items()},
            }
        )
        return 0
    console = Console()
    made = Table(title=f"{len(rows)} questions, {args.side}", title_justify="left")
    present = [cause for cause in Cause if any(cause in each for each in counted.values())]
    for heading in ("", "questions", *present):
        made.add_column(str(heading), justify="right" if heading else "left")
    for name, each in counted.items():
        total = sum(each.values())
        made.add_row(name, str(total), *(share(each.get(cause, 0) / total) for cause in present))
    console.print(made)
    if chosen:
        choosing = Table(title="Choosing again among the spans that were read", title_justify="left")
        for heading in ("", "EM", "F1"):
            choosing.add_column(heading, justify="right" if heading else "left")
        for name, out in chosen.items():
            choosing.add_row(name, share(out.em), share(out.f1))
        console.print(choosing)
    return 0


def _has_spans(rows: Sequence[OpenRow]) -> bool:
    return any(row.spans for row in rows)


if __name__ == "__main__":
    raise SystemExit(main())
