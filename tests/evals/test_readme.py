"""The README's scores are those of the committed records."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import GoldError
from evals.readme import BEGIN, END, markdown, rewritten
from evals.records import read_record
from evals.verdict import figures
from tests.evals.conftest import record, row

ROOT = Path(__file__).parents[2]
COMMITTED = sorted((ROOT / "evals" / "baselines").glob("*.json"))


def test_the_readme_shows_what_the_committed_records_say() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = markdown([read_record(path) for path in COMMITTED])
    assert rewritten(text, table) == text, "the table is stale: pullquote eval table --write README.md"


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.name)
def test_a_committed_summary_is_that_of_its_rows(path: Path) -> None:
    written = json.loads(path.read_text(encoding="utf-8"))["summary"]
    for name, value in figures(read_record(path).summary).items():
        held = written["ranking"] if name.endswith("mrr") else written
        assert held[name] == pytest.approx(value), name


def test_times_do_not_change_the_table() -> None:
    assert markdown([record(row("a"))]) == markdown([record(replace(row("a"), ms=9999.0))])


def test_ours_comes_first_and_a_peer_beside_it() -> None:
    heading = markdown([replace(record(row("a")), system="a-peer"), record(row("a"))]).splitlines()[0]
    assert heading == "| 1 gold questions, 0 of them not answered there | pullquote | a-peer |"


def test_records_of_different_questions_are_not_put_side_by_side() -> None:
    one = record(row("a"))
    with pytest.raises(GoldError, match="different questions"):
        markdown([one, replace(one, digests={**one.digests, "gold": "else"})])
    with pytest.raises(GoldError, match="no record"):
        markdown([])


def test_only_what_stands_between_the_marks_is_written() -> None:
    assert rewritten(f"a\n{BEGIN}\nold\n{END}\nb\n", "new") == f"a\n{BEGIN}\nnew\n{END}\nb\n"
    with pytest.raises(GoldError, match="expected the marks"):
        rewritten("no marks", "new")
