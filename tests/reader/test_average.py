"""The mean of several readers' weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the models extra is not installed")

from reader.span_reader import ONNX_FILE  # noqa: E402
from reader.training.average import averaged, main, read_weights  # noqa: E402 - after the guard above
from reader.training.restore import weights_of  # noqa: E402
from tests.reader.conftest import SmallModel  # noqa: E402


def network(value: float, outputs: int) -> dict[str, Any]:
    return {
        "encoder.one": torch.full((2, 2), value),
        "head.weight": torch.full((outputs, 2), value),
        "head.bias": torch.full((outputs,), value),
    }


def test_every_parameter_is_the_mean_of_the_readers() -> None:
    mean = averaged([network(1.0, 3), network(2.0, 3), network(6.0, 3)])
    assert {name: tuple(value.shape) for name, value in mean.items()} == {
        "encoder.one": (2, 2),
        "head.weight": (3, 2),
        "head.bias": (3,),
    }
    assert all(torch.equal(value, torch.full_like(value, 3.0)) for value in mean.values())


def test_readers_weigh_by_their_shares() -> None:
    mean = averaged([network(1.0, 2), network(2.0, 3), network(6.0, 3)], [1, 6, 3])
    assert mean["encoder.one"].flatten().tolist() == pytest.approx([3.1] * 4)
    assert mean["head.bias"].tolist() == pytest.approx([3.1, 3.1, 30 / 9])


@pytest.mark.parametrize("shares", [[1.0], [1.0, 0.0], [1.0, 1.0, 1.0]])
def test_shares_that_do_not_fit_the_readers_are_refused(shares: list[float]) -> None:
    with pytest.raises(ValueError, match="a share above 0 for each of 2 readers"):
        averaged([network(1.0, 3), network(2.0, 3)], shares)


def test_answerability_is_the_mean_of_those_that_have_it() -> None:
    mean = averaged([network(1.0, 2), network(2.0, 3), network(6.0, 3)])
    assert mean["head.bias"].tolist() == [3.0, 3.0, 4.0]
    assert mean["head.weight"].tolist() == [[3.0, 3.0], [3.0, 3.0], [4.0, 4.0]]


def test_what_does_not_fit_together_is_refused() -> None:
    other = network(1.0, 3) | {"encoder.two": torch.zeros(1)}
    for wrong in ([], [network(1.0, 3), other], [network(1.0, 2)]):
        with pytest.raises(ValueError, match=r"expected the weights|answerability"):
            averaged(wrong)


def test_trained_weights_come_before_an_int8_file(small_model: SmallModel, tmp_path: Path) -> None:
    read, stored = read_weights(small_model.int8), weights_of(small_model.int8 / ONNX_FILE)
    assert read.keys() == stored.keys()
    assert all(torch.equal(value, stored[name]) for name, value in read.items())
    (tmp_path / ONNX_FILE).write_bytes((small_model.int8 / ONNX_FILE).read_bytes())
    torch.save(network(1.0, 3), tmp_path / "reader.pt")
    assert read_weights(tmp_path).keys() == network(1.0, 3).keys()


@pytest.mark.parametrize("configured", [True, False])
def test_a_mean_of_teachers_can_teach(configured: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("one", 1.0), ("two", 2.0)):
        (tmp_path / name).mkdir()
        torch.save(network(value, 3), tmp_path / name / "reader.pt")
        if configured:
            (tmp_path / name / "config.json").write_text(name, encoding="utf-8")
    folders = [str(tmp_path / name) for name in ("one", "two")]
    monkeypatch.setattr("sys.argv", ["average", *folders, "--output", str(tmp_path / "mean")])
    main()
    assert read_weights(tmp_path / "mean")["encoder.one"].flatten().tolist() == [1.5] * 4
    written = tmp_path / "mean" / "config.json"
    assert (written.read_text(encoding="utf-8") if written.exists() else None) == ("one" if configured else None)
