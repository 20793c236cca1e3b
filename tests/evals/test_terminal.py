"""Exit codes, recorded rows, and text that a terminal must not obey."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from corpus.errors import GoldError
from evals.terminal import guarded, plain, positive, recorded


@dataclass(frozen=True)
class Row:
    name: str
    value: float | None


def raising(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (GoldError("gold.jsonl, line 2: [bold] id"), 1, "pullquote: gold.jsonl, line 2: [bold] id\n"),
        (PermissionError(13, "Permission denied", "rows"), 1, "pullquote: [Errno 13] Permission denied: 'rows'\n"),
        (KeyboardInterrupt(), 130, "stopped\n"),
    ],
)
def test_what_a_person_can_mend_is_a_message_and_an_exit_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(lambda: raising(error)) == code
    assert capsys.readouterr().err == said


def test_an_error_is_json_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: raising(GoldError("broken")), as_json=True) == 1
    assert json.loads(capsys.readouterr().out) == {"error": {"code": "gold_error", "message": "broken"}}


def test_a_defect_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        guarded(lambda: raising(ZeroDivisionError()))


def test_rows_are_on_disk_when_a_run_is_interrupted(tmp_path: Path) -> None:
    def interrupted() -> Iterator[Row]:
        yield Row("é", 0.5)
        yield Row("b", None)
        raise KeyboardInterrupt

    path = tmp_path / "rows.jsonl"
    with pytest.raises(KeyboardInterrupt):
        list(recorded(interrupted(), path))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [{"name": "é", "value": 0.5}, {"name": "b", "value": None}]


def test_without_a_path_rows_pass_through() -> None:
    rows = [Row("a", 1.0)]
    assert list(recorded(rows, None)) == rows


def test_a_terminal_gets_nothing_to_obey() -> None:
    assert plain("\x1b[31mred\u202e\nEiffel “Tower” 🌉") == " [31mred  Eiffel “Tower” 🌉"


def test_a_count_starts_at_one() -> None:
    assert positive("1") == 1
    with pytest.raises(argparse.ArgumentTypeError, match="at least 1"):
        positive("0")
