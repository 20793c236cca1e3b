"""A record holds all of a run, and is read back as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from corpus.errors import GoldError
from corpus.types import Article
from evals.ranking import Ranked
from evals.records import code_digest, commit, corpus_digest, gold_digest, read_record, write_record
from evals.runner import Place
from tests.evals.conftest import gold, record, row

FULL = replace(
    row("é🌉"), ranked=Ranked(1, None, 2, 0.5, 0.25), places=(Place("a", 1, 5),), cited=(Place("b/c", 0, 3),), ms=12.34
)


@pytest.mark.parametrize("name", ["run.json", "run.json.gz"])
def test_a_record_is_read_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    made = record(FULL, row("plain"))
    write_record(made, tmp_path / "new" / name)
    assert read_record(tmp_path / "new" / name) == made


@pytest.mark.parametrize("name", ["run.json", "run.json.gz"])
def test_the_same_run_is_the_same_bytes(tmp_path: Path, name: str) -> None:
    for folder in ("a", "b"):
        write_record(record(FULL), tmp_path / folder / name)
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_row_has_a_line_of_its_own(tmp_path: Path) -> None:
    write_record(record(row("one"), row("two")), tmp_path / "run.json")
    lines = (tmp_path / "run.json").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line.rstrip(","))["id"] for line in lines if line.startswith('{"id"')] == ["one", "two"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 0}', "no json"])
def test_what_is_no_record_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")
    with pytest.raises(GoldError, match=r"bad\.json: "):
        read_record(tmp_path / "bad.json")
    with pytest.raises(GoldError, match=r"none\.json: "):
        read_record(tmp_path / "none.json")


def test_digests_change_with_what_they_stand_for(bridge: Article, tmp_path: Path) -> None:
    other = replace(bridge, text=bridge.text + " It is old.")
    assert corpus_digest([bridge]) != corpus_digest([other])
    assert corpus_digest([bridge, replace(other, id="b")]) == corpus_digest([replace(other, id="b"), bridge])
    assert gold_digest([gold("a", "1932", bridge)]) != gold_digest([gold("a", "503", bridge)])
    days = [replace(gold("a", "1932", bridge), asked_on=day) for day in (None, date(2025, 2, 3), date(2025, 2, 4))]
    assert len({gold_digest([one]) for one in days}) == 3
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "x.py").write_text("one = 1", encoding="utf-8")
    before = code_digest(tmp_path)
    (tmp_path / "reader" / "x.py").write_text("one = 2", encoding="utf-8")
    assert code_digest(tmp_path) != before


def test_outside_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) is None
