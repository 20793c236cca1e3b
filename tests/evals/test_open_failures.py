"""Why an open question was answered wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.open_failures import Cause, cause_of, causes, main
from evals.open_rows import OpenRow, begin, line
from tests.evals.open_samples import hit, row, span

HOLDS, OTHER = hit("a#0", holds=True), hit("b#0")


@pytest.mark.parametrize(
    ("asked", "cause"),
    [
        (row("in 1932", (HOLDS,)), Cause.RIGHT),
        (row("1932", (HOLDS,)), Cause.FORM),
        (row("in 1932 or later", (OTHER,)), Cause.FORM),
        (row("in spring", (HOLDS,)), Cause.PARTLY),
        (row("spring", (OTHER,), passage="b#0"), Cause.NOT_FOUND),
        (row("spring", (OTHER, OTHER, HOLDS), passage="b#0"), Cause.NOT_READ),
        (row("spring", (HOLDS, OTHER), passage="a#0"), Cause.OTHER_SPAN),
        (row("spring", (HOLDS, OTHER), passage="b#0"), Cause.OTHER_PASSAGE),
        (row("", (HOLDS,)), Cause.NOTHING),
    ],
)
def test_every_wrong_answer_has_one_cause(asked: OpenRow, cause: Cause) -> None:
    assert cause_of(asked, top_k=2) is cause


def test_causes_are_counted_by_how_far_the_right_article_is_from_the_asking() -> None:
    near = row("in 1932", (hit("a#0", holds=True, published="2022-06-04"),), asked="2022-06-10")
    far = row("spring", (hit("a#0", holds=True, published="2018-06-04"),), asked="2022-06-10", passage="a#0")
    counted = causes([near, far], top_k=8)
    assert counted["all"] == {Cause.RIGHT: 1, Cause.OTHER_SPAN: 1}
    assert counted["right article within 7 days"] == {Cause.RIGHT: 1}
    assert counted["right article over 366 days away"] == {Cause.OTHER_SPAN: 1}


def test_the_command_tells_causes_and_ways_of_kept_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.jsonl"
    begin(path, {"top_k": 8, "read": 8})
    kept = row("spring", (HOLDS, OTHER), (span("a#0", "in 1932", 0.0), span("b#0", "spring", 1.0)), passage="b#0")
    with path.open("a", encoding="utf-8") as file:
        file.write(line(kept))
    assert main([str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["causes"]["all"] == {str(Cause.OTHER_PASSAGE): 1}
    assert told["ways"]["as shipped"]["em"] == 0
    assert told["ways"]["best of the spans of 8"]["em"] == 1
    assert "first 20 passages" not in told["ways"]
    assert main([str(path)]) == 0
    assert "best of the spans of 8" in capsys.readouterr().out


def test_what_is_no_file_of_rows_is_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl")]) == 1
    assert "none.jsonl" in capsys.readouterr().err
