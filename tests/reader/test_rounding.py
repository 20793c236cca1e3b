"""Training with the rounding of the int8 file in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the models extra is not installed")

import onnxruntime  # noqa: E402 - after the guard above
from transformers import BertConfig, BertModel  # noqa: E402

from reader.training.average import read_weights  # noqa: E402
from reader.training.network import SpanNetwork  # noqa: E402
from reader.training.rounding import RoundedLinear, with_rounding  # noqa: E402
from tests.reader.conftest import SmallModel  # noqa: E402


def layer(weight: list[list[float]], bias: list[float]) -> Any:
    linear = torch.nn.Linear(len(weight[0]), len(weight))
    linear.weight.data, linear.bias.data = torch.tensor(weight), torch.tensor(bias)
    holder = torch.nn.Sequential(linear)
    with_rounding(holder)
    assert isinstance(holder[0], RoundedLinear)
    return holder[0]


def test_weights_are_rounded_to_sixty_fourths_of_their_rows_largest() -> None:
    rounded = layer([[1.0, 0.5 + 0.3 / 64], [4.0, -0.9 / 16]], [0.0, 10.0])
    # One input, from 0 to 255: its own steps.
    assert rounded(torch.tensor([[255.0, 0.0]])).tolist() == [[255.0, 1030.0]]
    assert rounded(torch.tensor([[0.0, 255.0]])).tolist() == [[127.5, 10 - 255 / 16]]


def test_inputs_are_rounded_within_their_own_window() -> None:
    rounded = layer([[1.0]], [0.0])
    windows = torch.tensor([[[255.0], [100.4]], [[2.55], [1.004]], [[-255.0], [-100.4]]])
    assert rounded(windows)[..., 0].tolist() == [
        [255.0, 100.0],
        pytest.approx([2.55, 1.0]),
        [-255.0, -100.0],
    ]


def test_the_gradient_passes_as_if_nothing_had_been_rounded() -> None:
    rounded = layer([[1.0, 0.3]], [0.0])
    inputs = torch.tensor([[1.0, 0.123]], requires_grad=True)
    rounded(inputs).sum().backward()
    assert inputs.grad is not None
    assert inputs.grad.tolist() == [pytest.approx([1.0, round(0.3 * 64) / 64])]
    assert rounded.weight.grad.tolist() == [pytest.approx([1.0, round(0.123 * 255) / 255])]


def test_a_network_with_rounding_gives_the_scores_of_its_int8_file(small_model: SmallModel) -> None:
    config = BertConfig.from_pretrained(small_model.transformers, attn_implementation="eager")
    network = SpanNetwork(BertModel(config, add_pooling_layer=False))
    network.load_state_dict(read_weights(small_model.int8))
    names = list(network.state_dict())
    ids = torch.randint(4, 60, (1, 24), generator=torch.Generator().manual_seed(3))
    inputs = ids, torch.ones_like(ids), torch.zeros_like(ids)
    session = onnxruntime.InferenceSession(str(small_model.int8 / "model.int8.onnx"))
    given = dict(zip(("input_ids", "attention_mask", "token_type_ids"), (x.numpy() for x in inputs), strict=True))
    file = session.run(None, given)

    def apart() -> float:
        with torch.no_grad():
            ours = network.eval()(*inputs)
        return sum(float(np.abs(one - other.numpy()).mean()) for one, other in zip(file, ours, strict=True))

    before = apart()
    with_rounding(network)
    assert list(network.state_dict()) == names
    assert apart() < 0.5 * before
