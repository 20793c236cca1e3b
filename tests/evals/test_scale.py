"""The cost of sizes, measured small: the real store, a process of its own, the table and the plot."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from evals.bench import main_bench
from evals.probe import latency, taken
from evals.scale import Built, Cost, Latency, Probe, build, opened
from evals.scale_chart import Line, scale_chart
from evals.scale_cli import plot, scale_table
from evals.synthetic import Maker
from retrieval.store import SQLiteDocumentStore

SVG = "{http://www.w3.org/2000/svg}"
FAST, SLOW = Latency(1.25, 2.5, 1.0), Latency(30.5, 61.0, 22.0)


def cost(passages: int, times: Latency) -> Cost:
    probe = Probe(120.0, None, None, 300.0, times, times, times, times, times, times, times)
    return Cost(passages, Built(passages // 8, 2500.0, passages / 500), probe)


def test_every_figure_of_a_small_index_is_measured_and_its_articles_are_the_same_afterwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maker = Maker(3)
    build(tmp_path / "60", 60, maker)
    with opened(tmp_path / "60", maker) as store:
        before = store.contents_digest(), store.count_documents()
    words = ["--passages", "60", "--questions", "2", "--seed", "3", "--index", str(tmp_path), "--json"]
    assert main_bench([*words, "--plot", str(tmp_path / "plot.svg")]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["passages"] == 60
    assert told["built"]["passages_per_s"] is None  # it was there already
    assert told["built"]["disk_mb"] > 0.1
    searches = [value for value in told["probe"].values() if isinstance(value, dict)]
    assert len(searches) == 7
    assert all(0 < times["p50_ms"] <= times["p95_ms"] for times in searches)
    assert told["probe"]["open_ms"] > 0
    ET.parse(tmp_path / "plot.svg")  # noqa: S314 - our own file
    with opened(tmp_path / "60", maker) as store:
        assert (store.contents_digest(), store.count_documents()) == before


def test_progress_counts_passages_and_the_rate_is_the_stores(tmp_path: Path) -> None:
    written: list[int] = []
    built = build(tmp_path, 300, Maker(3), written.append)
    assert sum(written) == 300
    assert len(written) > 1
    assert (built.passages_per_s or 0) > 0


def test_a_build_that_was_stopped_goes_on(tmp_path: Path) -> None:
    whole = build(tmp_path / "whole", 100, Maker(3))
    first = list(Maker(3).articles(100))[:5]
    with SQLiteDocumentStore(tmp_path / "stopped" / "index.sqlite", "made by seed 3") as store:
        store.put_articles(first)
    counts: list[int] = []
    assert build(tmp_path / "stopped", 100, Maker(3), counts.append).articles == whole.articles
    assert counts[0] == sum(len(entry.passages) for entry in first)
    assert sum(counts) == 100
    with opened(tmp_path / "whole", Maker(3)) as one, opened(tmp_path / "stopped", Maker(3)) as other:
        assert one.contents_digest() == other.contents_digest()


def test_an_index_of_other_articles_is_not_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(tmp_path / "50", 20, Maker(3))  # its last article was cut short
    build(tmp_path / "60", 70, Maker(3))
    build(tmp_path / "70", 60, Maker(3))
    with opened(tmp_path / "70", Maker(3)) as store:
        store.delete_article("made/2")
    for size, held in (("50", 20), ("60", 70), ("70", None)):
        assert main_bench(["--passages", size, "--seed", "3", "--index", str(tmp_path)]) == 1
        told = capsys.readouterr().err
        assert f"no part of an index of {size}" in told
        assert held is None or f"holds {held} passages" in told


@pytest.mark.parametrize("wrong", [["--plot", "x.svg"], ["--index", "x"], ["--passages", "9", "--seed", "-1"]])
def test_options_that_do_not_go_together_are_wrong_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main_bench(wrong)
    assert raised.value.code == 2
    assert "--passages" in capsys.readouterr().err


def test_percentiles_are_of_all_times() -> None:
    assert latency([(float(ms), 1.0) for ms in range(101)]) == Latency(50.0, 95.0, 1.0)


def test_work_takes_time_by_the_clock_and_of_the_processor() -> None:
    wall, busy = taken(lambda: sum(range(200_000)))
    assert wall > 0
    assert busy > 0


KEEPING = """
from evals.probe import memory_mb
before, _ = memory_mb()
kept = bytearray(b"x") * 50_000_000
after, resident = memory_mb()
print(before, after, resident, len(kept))
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells memory this way")
def test_memory_of_ones_own_grows_with_what_is_kept() -> None:
    # A process of its own: one that ran for minutes has room to keep this in without growing.
    said = subprocess.run([sys.executable, "-c", KEEPING], capture_output=True, text=True, check=True).stdout
    before, after, resident, kept = map(float, said.split())
    assert 45 < after - before < 70
    assert resident >= after
    assert kept == 50_000_000


def test_the_table_has_a_column_for_each_size_and_a_dash_for_what_is_not_known() -> None:
    console = Console(file=io.StringIO(), width=140)
    console.print(scale_table([cost(10_000, FAST), cost(1_000_000, SLOW)], 50))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for shown in ("10,000 passages", "1,000,000 passages", "1.2 / 2.5 (1.0)", "30.5 / 61.0 (22.0)", "125,000", "–"):
        assert shown in text, shown


def test_the_plot_leaves_out_what_the_system_does_not_tell() -> None:
    drawn = plot([cost(10_000, FAST), cost(100_000, SLOW)])
    assert "fused, filtered" in drawn
    assert "private memory" not in drawn


def test_ten_times_more_is_as_far_anywhere_on_the_axis() -> None:
    line = Line("cost", ((10_000, 1.0), (100_000, 10.0), (1_000_000, 100.0)))
    root = ET.fromstring(scale_chart([line], [line]))  # noqa: S314 - our own text
    first = root.findall(f"{SVG}polyline")[0].attrib["points"]
    points = [tuple(map(float, point.split(","))) for point in first.split()]
    steps = {(round(b[0] - a[0]), round(a[1] - b[1])) for a, b in pairwise(points)}
    assert len(steps) == 1
    assert all(x > 0 and y > 0 for x, y in steps)


def test_names_are_escaped_and_never_lie_on_one_another() -> None:
    lines = [Line(f"<b>{at}</b>", ((10.0, 1.0), (100.0, 2.0))) for at in range(4)]
    root = ET.fromstring(scale_chart(lines, lines[:1]))  # noqa: S314 - our own text
    names = [text for text in root.findall(f"{SVG}text") if (text.text or "").startswith("<b>")]
    heights = sorted(float(text.attrib["y"]) for text in names[:4])
    assert all(below - above >= 14 for above, below in pairwise(heights))
