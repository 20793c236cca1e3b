"""The comparison without the peer, over the real answerer, and what the tables say."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from corpus.types import Article
from evals.bench import Bench, Comparison, GoldSet, Side, compare, main_bench, options
from evals.contest import Figures
from evals.tables import comparison_table, footprint_table
from tests.evals.conftest import gold

FIGURES = Figures(200, 1, 0.5, 0.625, 0.75, 0.875, 60.0, 95.5)
COMPARISON = Comparison("seeds", 10, 80, "passages", Side(FIGURES, 160.0), None, None)


def printed(table: object) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(table)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


def test_ours_alone_is_measured_over_a_tiny_corpus(bridge: Article, tmp_path: Path) -> None:
    asked = replace(gold("when", "1932", bridge), question="When did the bridge open?")
    found = compare(tmp_path / "set", GoldSet("tiny", (asked,), (bridge,)), options().parse_args([]), "left out")
    assert (found.articles, found.passages, found.stock, found.speedup) == (1, 1, None, None)
    assert (found.ours.asking.questions, found.ours.asking.failures) == (1, 0)
    assert (found.ours.asking.insisted_f1 or 0) > 0.6
    assert found.ours.indexed_per_s > 0


def test_the_table_shows_both_sides_and_the_ratio() -> None:
    slow = Side(replace(FIGURES, p50_ms=640.0, failures=0), 28.0)
    text = printed(comparison_table(replace(COMPARISON, stock=slow, speedup=640 / 60)))
    for shown in (
        "200 (1)",
        "200 (0)",
        "50.0 % / 62.5 %",
        "75.0 % / 87.5 %",
        "60.0 ms",
        "640.0 ms",
        "95.5 ms",
        "10.7",
        "28",
    ):
        assert shown in text, shown


def test_the_table_without_the_peer_says_so() -> None:
    assert "not run" in printed(comparison_table(COMPARISON))


def test_the_footprint_names_the_wait_and_the_size() -> None:
    text = printed(footprint_table(Bench((COMPARISON,), None, 3, 2.25, 431.0, 20, 2)))
    assert "2.2 s" in text
    assert "431 MB" in text
    assert "median of 3" in text


@pytest.mark.parametrize("wrong", [["--questions", "0"], ["--stock-documents", "chunks"], ["--top-k", "many"]])
def test_an_option_that_cannot_be_is_wrong_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main_bench(wrong)
    assert raised.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_a_squad_file_that_is_missing_is_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main_bench(["--squad", str(tmp_path / "none.json")]) == 1
    assert "none.json" in capsys.readouterr().err
