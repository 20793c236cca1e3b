"""Average the weights of several trained readers into one.

    python -m reader.training.average build/one build/two --output build/reader
    python -m reader.training.average build/taught reader/weights --shares 9 1 --output build/reader

Runs that begin with the same weights and differ in their data, their length and their draws end in one basin:
the mean of their weights reads better than each of them, above all on texts unlike the training ones, and costs
no more to run (Wortsman et al. 2022, "Model soups"; the plain mean, which has nothing to tune). A much better network
takes a small share of an older one (the same authors, "Robust fine-tuning of zero-shot models"); its share is chosen on
held-back questions. A folder holds ``reader.pt``, as ``reader.training.train`` writes it, or the int8 file of a
reader that was shipped.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from reader.span_reader import ONNX_FILE
from reader.training.restore import weights_of

_HEAD = ("head.weight", "head.bias")
_ANSWERS = 2  # the head's row for "this window answers"


def averaged(weights: Sequence[dict[str, Tensor]], shares: Sequence[float] | None = None) -> dict[str, Tensor]:
    """The mean of each parameter; of the answerability score, over those networks that have it.

    Args:
        weights: of each network.
        shares: of each network in the mean, in any unit; all alike by default.

    Raises:
        ValueError: without weights, with another number of shares, with a share that is not above 0, where no network
            has the answerability score, or if their names differ.
    """
    if not weights or any(one.keys() != weights[0].keys() for one in weights):
        raise ValueError("expected the weights of one or more readers of this recipe, with the same names")
    shares = [1.0] * len(weights) if shares is None else shares
    if len(shares) != len(weights) or min(shares) <= 0:
        raise ValueError(f"expected a share above 0 for each of {len(weights)} readers, got {list(shares)}")
    complete = [(one, share) for one, share in zip(weights, shares, strict=True) if len(one["head.bias"]) > _ANSWERS]
    if not complete:
        raise ValueError("no reader among them has the answerability score: train one with reader.training.train")
    mean = {name: _mean([one[name] for one in weights], shares) for name in weights[0] if name not in _HEAD}
    for name in _HEAD:
        spans = _mean([one[name][:_ANSWERS] for one in weights], shares)
        answers = _mean([one[name][_ANSWERS:] for one, _ in complete], [share for _, share in complete])
        mean[name] = torch.cat([spans, answers])
    return mean


def _mean(tensors: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    scale = torch.tensor(shares, dtype=torch.float64) / sum(shares)
    mean: Tensor = torch.tensordot(scale, torch.stack([tensor.double() for tensor in tensors]), 1)
    return mean.to(torch.float32)


def read_weights(folder: Path) -> dict[str, Tensor]:
    """The parameters in ``folder``, by the names the training recipe gives them.

    Raises:
        FileNotFoundError: if it holds neither ``reader.pt`` nor an int8 file.
        ModelError: if the int8 file is not laid out as the exporter does.
    """
    trained = folder / "reader.pt"
    if trained.exists():
        weights: dict[str, Tensor] = torch.load(trained, map_location="cpu", weights_only=True)
        return weights
    return weights_of(folder / ONNX_FILE)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", type=Path, nargs="+", metavar="FOLDER", help="with reader.pt, or an int8 file")
    parser.add_argument("--shares", type=float, nargs="+", metavar="SHARE", help="of each reader (default: all alike)")
    parser.add_argument("--output", type=Path, required=True, help="folder to write reader.pt to")
    arguments = parser.parse_args()
    weights = averaged([read_weights(folder) for folder in arguments.readers], arguments.shares)
    arguments.output.mkdir(parents=True, exist_ok=True)
    torch.save(weights, arguments.output / "reader.pt")
    if (arguments.readers[0] / "config.json").exists():  # of its encoder: with it the mean can be a teacher
        shutil.copy(arguments.readers[0] / "config.json", arguments.output)
    print(f"{arguments.output / 'reader.pt'}: the mean of {len(arguments.readers)} readers")


if __name__ == "__main__":
    main()
