"""``pullquote bench --passages N``: what the index costs at sizes of your choice, on made articles."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from evals.scale import Built, Cost, Latency, build, probe
from evals.scale_chart import Line, scale_chart
from evals.synthetic import Maker
from evals.terminal import print_json

# Articles that are replaced and removed at each size.
WRITES = 20
SEARCHES = (("BM25", "bm25"), ("dense", "dense"), ("fused", "fused"), ("fused, filtered", "filtered"))
CHANGES = (("upsert an article", "upsert"), ("delete an article", "delete"), ("first search after", "after_write"))


def run_scale(args: argparse.Namespace) -> int:
    """Measure every size in ``args.passages``, smallest first, then print a table, or JSON, and draw the plot.

    Raises:
        SettingsError: if the index folder holds something else, or a measuring process fails.
    """
    maker = Maker(args.seed)
    costs = []
    with _folder(args.index) as folder:
        for passages in sorted(set(args.passages)):
            place = folder / str(passages)
            built = _built(place, passages, maker)
            costs.append(Cost(passages, built, probe(place, maker, args.questions, WRITES)))
    if args.plot is not None:
        args.plot.write_text(plot(costs), encoding="utf-8")
    if args.json:
        print_json([asdict(cost) for cost in costs])
    else:
        Console().print(scale_table(costs, args.questions))
    return 0


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="pullquote-bench-") as made:
        yield Path(made)


def _built(place: Path, passages: int, maker: Maker) -> Built:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("indexing passages", total=passages)
        return build(place, passages, maker, lambda written: progress.advance(task, written))


def scale_table(costs: Sequence[Cost], questions: int) -> Table:
    """A column for each size."""
    table = Table(
        title=f"Cost against size; ms as p50 / p95 (processor time, p50); {questions} questions of each kind",
        title_justify="left",
    )
    table.add_column("measure")
    for cost in costs:
        table.add_column(f"{cost.passages:,} passages", justify="right")
    rows: list[tuple[str, list[str]]] = [
        ("articles", [f"{cost.built.articles:,}" for cost in costs]),
        ("passages indexed a second, without encoding", [_number(cost.built.passages_per_s, 0) for cost in costs]),
        ("disk, MB", [_number(cost.built.disk_mb, 0) for cost in costs]),
        ("memory, private MB", [_number(cost.probe.private_mb, 0) for cost in costs]),
        ("memory, resident MB, mapped files included", [_number(cost.probe.rss_mb, 0) for cost in costs]),
        ("memory, greatest resident MB", [_number(cost.probe.peak_mb, 0) for cost in costs]),
        ("open, with all vectors read, ms", [_number(cost.probe.open_ms, 0) for cost in costs]),
        *((label, [_times(getattr(cost.probe, name)) for cost in costs]) for label, name in SEARCHES + CHANGES),
    ]
    for label, figures in rows:
        table.add_row(label, *figures)
    return table


def plot(costs: Sequence[Cost]) -> str:
    """The medians, and the megabytes, as SVG; at least one size."""
    named = (*SEARCHES, *CHANGES[:1])
    times = [
        _line(label, [(cost.passages, getattr(cost.probe, name).p50_ms) for cost in costs]) for label, name in named
    ]
    sizes = [_line("disk", [(cost.passages, cost.built.disk_mb) for cost in costs])]
    private = [(cost.passages, cost.probe.private_mb) for cost in costs if cost.probe.private_mb is not None]
    return scale_chart(times, [*sizes, *([_line("private memory", private)] if private else [])])


def _line(name: str, points: Sequence[tuple[float, float]]) -> Line:
    return Line(name, tuple(points))


def _times(latency: Latency) -> str:
    return f"{latency.p50_ms:,.1f} / {latency.p95_ms:,.1f} ({latency.cpu_p50_ms:,.1f})"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"
