"""What the day of asking is worth in finding: answer-recall with the date as a filter, and as a tie-break.

    python -m evals.open_dates --news FOLDER --index build/open/news/index --limit 300

Nothing is read and nothing fitted: the windows and weights are fixed beforehand.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.gold import GoldQuestion
from evals.measures import mean
from evals.open_sets import read_news
from evals.ranking import RECALL_AT, first_rank, holds_answer
from evals.tables import share
from evals.terminal import guarded, positive, print_json, with_progress
from retrieval.encoder import load_encoder
from retrieval.store import SQLiteDocumentStore
from retrieval.types import Filters, Hit

WINDOWS_DAYS = (7, 31, 92, 366)
# Against fused scores, which run from 0 to 1.
NEARNESS = (0.02, 0.05, 0.1, 0.2)
_DEEP = 50


def by_nearness(
    hits: Sequence[Hit], asked: date | None, published: Callable[[str], date | None], near: float, half_life_days: float
) -> list[Hit]:
    """The hits by score plus ``near``, halved every ``half_life_days`` between publication and asking.

    An article without a date gains nothing; equal sums keep their order.
    """

    def weight(hit: Hit) -> float:
        day = published(hit.passage.article_id)
        if asked is None or day is None:
            return hit.score
        return hit.score + near * math.exp2(-abs((asked - day).days) / half_life_days)

    return sorted(hits, key=lambda hit: -weight(hit))


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.open_dates", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--news", type=Path, required=True, metavar="FOLDER", help="as for evals.open_bench")
    parser.add_argument("--index", type=Path, required=True, metavar="FOLDER", help="an index of the articles")
    parser.add_argument("--limit", type=positive, metavar="N", help="questions, drawn by lot; default: all")
    parser.add_argument("--seed", type=int, default=13, metavar="N", help="of the draw")
    parser.add_argument("--half-life", type=positive, default=14, metavar="DAYS", help="of nearness")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(argv)
    return guarded(lambda: _measure(args), as_json=args.json)


def _measure(args: argparse.Namespace) -> int:
    given = read_news(args.news).sample(args.limit, args.seed)
    published = {article.id: article.published for article in given.articles}
    encoder = load_encoder(None, threads=1)
    rows: list[dict[str, int | None]] = []
    with SQLiteDocumentStore(args.index / "index.sqlite", encoder=encoder.identity, create=False) as store:
        for question in with_progress(given.questions, "searching", len(given.questions)):
            vector = encoder.encode([question.question])[0]
            search = partial(store.search, question.question, vector, top_k=_DEEP)
            rows.append(ranks(question, search, published.get, args.half_life))
    recalls = {
        name: {k: mean((rank := row[name]) is not None and rank <= k for row in rows) for k in RECALL_AT}
        for name in (rows[0] if rows else ())
    }
    if args.json:
        print_json(recalls)
        return 0
    table = Table(title=f"Answer-recall, {len(rows)} questions", title_justify="left")
    for heading in ("", *RECALL_AT):
        table.add_column(str(heading), justify="right" if heading else "left")
    for name, at in recalls.items():
        table.add_row(name, *(share(at[k]) for k in RECALL_AT))
    Console().print(table)
    return 0


def ranks(
    question: GoldQuestion,
    search: Callable[[Filters | None], Sequence[Hit]],
    published: Callable[[str], date | None],
    half_life_days: float,
) -> dict[str, int | None]:
    """The rank of the first hit that says an answer, by way of searching; None where none does."""
    asked = question.asked_on
    plain = search(None)
    ways: dict[str, Sequence[Hit]] = {"all dates": plain}
    for near in NEARNESS:
        ways[f"nearness {near}"] = by_nearness(plain, asked, published, near, half_life_days)
    for days in WINDOWS_DAYS:
        # News of the day after is no use to who asks, but a date may be the next day's in another zone.
        window = asked and Filters(published_from=asked - timedelta(days=days), published_to=asked + timedelta(days=1))
        ways[f"{days} days before the asking"] = search(window) if window else plain
    return {
        name: first_rank(holds_answer(hit.passage.text, question.answers) for hit in hits)
        for name, hits in ways.items()
    }


if __name__ == "__main__":
    raise SystemExit(main())
