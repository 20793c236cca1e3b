"""Rows of open questions: kept, read again, summed up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import GoldError
from evals.open_rows import begin, figures, line, read
from tests.evals.open_samples import hit, row, span

FOUND = row("1932", (hit("a#0"), hit("b#0", holds=True)), (span("b#0", "in 1932", 1.5),), passage="b#0")


def test_a_row_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "below" / "rows.jsonl"
    assert begin(path, {"set": "t"}) == []
    with path.open("a", encoding="utf-8") as file:
        file.write(line(FOUND))
    assert read(path) == ({"set": "t"}, [FOUND])


def test_a_run_that_was_cut_short_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    begin(path, {"set": "t"})
    with path.open("a", encoding="utf-8") as file:
        file.write(line(FOUND) + line(FOUND)[:50])
    assert begin(path, {"set": "t"}) == [FOUND]
    assert path.read_text(encoding="utf-8").endswith("}\n")


def test_rows_of_another_run_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    begin(path, {"set": "t", "code": "1"})
    with pytest.raises(GoldError, match="another code"):
        begin(path, {"set": "t", "code": "2"})


def test_what_holds_no_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"set": "t"}\n{"side": "ours"}\n', encoding="utf-8")
    with pytest.raises(GoldError, match="no readable records"):
        read(path)


def test_figures_count_a_hit_by_its_rank_and_no_deeper_than_was_looked() -> None:
    found = figures([FOUND, replace(FOUND, hits=())], depth=5)
    assert found.answer_recall == ((1, 0.0), (3, 0.5), (5, 0.5))


def test_withholding_costs_as_shipped_but_not_when_it_must_answer() -> None:
    right = row("in 1932", ())
    shy = replace(right, said="", confidence=0.1)
    found = figures([right, shy], depth=20)
    assert (found.em, found.answered, found.right, found.insisted_em) == (0.5, 0.5, 1.0, 1.0)
    assert found.ece == pytest.approx((0.1 + 0.9) / 2)
    assert found.coverage_80 == 1.0


def test_a_failure_counts_as_worst() -> None:
    failure = replace(row("", (), confidence=None), ms=1.0, failed=True)
    found = figures([failure, row("in 1932", ())], depth=20)
    assert (found.failures, found.em, found.p50_ms) == (1, 0.5, 10.0)
