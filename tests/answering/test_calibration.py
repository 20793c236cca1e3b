"""The constants that make features a probability, and the file that holds a person's own."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.calibration import MAX_FILE_BYTES, SHIPPED, Calibration, CalibrationFile, read_calibration
from answering.types import Features
from corpus.errors import ModelError

OWN = Calibration(worth=0.9, others=-0.7, likeness=2.5, intercept=-2.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "made" / "own.json"
    CalibrationFile.of(OWN, reader="r1", encoder="e1", questions=40).write(path)
    return path


def rewritten(file: Path, **changes: object) -> Path:
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    return file


def test_a_probability_is_the_logistic_function_of_the_weighted_features() -> None:
    log_odds = 0.9 * 1.5 - 0.7 * 0.5 + 2.5 * 0.4 - 2.0
    assert OWN.probability(Features(1.5, 0.5, 0.4)) == pytest.approx(1 / (1 + math.exp(-log_odds)))


@given(*[st.floats(-1e6, 1e6)] * 3)
def test_no_features_make_it_anything_but_a_probability(worth: float, others: float, likeness: float) -> None:
    assert 0 <= SHIPPED.probability(Features(worth, others, likeness)) <= 1


def test_what_was_written_is_read(file: Path) -> None:
    assert read_calibration(file, reader="r1", encoder="e1") == OWN
    assert json.loads(file.read_text(encoding="utf-8"))["questions"] == 40


@pytest.mark.parametrize(("reader", "encoder"), [("r2", "e1"), ("r1", "e2")])
def test_one_that_was_fitted_with_other_models_is_refused(file: Path, reader: str, encoder: str) -> None:
    with pytest.raises(ModelError, match=r"another reader or encoder .* fit it again"):
        read_calibration(file, reader=reader, encoder=encoder)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"constants": {"worth": 0.0, "others": 0, "likeness": 0, "intercept": 0}},
            r"constants\.worth: .*greater than 0",
        ),
        ({"constants": {"worth": 1e9, "others": 0, "likeness": 0, "intercept": 0}}, r"constants\.worth"),
        ({"constants": {"worth": 1, "others": 0, "likeness": 0}}, r"constants\.intercept"),
        ({"format": 2}, "format"),
        ({"more": 1}, "more"),
    ],
)
def test_one_that_breaks_a_rule_is_named_with_the_rule(file: Path, changes: dict[str, object], told: str) -> None:
    with pytest.raises(ModelError, match=f"own.json is no calibration .*{told}.*pullquote eval calibrate"):
        read_calibration(rewritten(file, **changes), reader="r1", encoder="e1")


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[]", b"null", b'{"constants": {"worth": NaN}}'])
def test_what_is_no_calibration_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ModelError, match="is no calibration"):
        read_calibration(file, reader="r1", encoder="e1")


def test_a_file_too_long_to_be_one_is_not_read(file: Path) -> None:
    file.write_bytes(b" " * (MAX_FILE_BYTES + 1))
    with pytest.raises(ModelError, match="longer than 100,000 bytes"):
        read_calibration(file, reader="r1", encoder="e1")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.json cannot be read .*pullquote eval calibrate"):
        read_calibration(tmp_path / "none.json", reader="r1", encoder="e1")


def test_constants_that_cannot_be_used_are_not_written() -> None:
    with pytest.raises(ModelError, match=r"no calibration follows .*worth"):
        CalibrationFile.of(Calibration(-0.1, 0.0, 0.0, 0.0), reader="r", encoder="e", questions=20)
