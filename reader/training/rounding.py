"""Training with the rounding of the int8 file in place, so that the network learns to bear it.

Products are computed of rounded weights and rounded inputs, and the gradient passes as if nothing had been rounded
(the straight-through estimator: Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference"). Weights and inputs are rounded as ``reader.training.export`` and onnxruntime's
dynamic quantisation round them: weights to seven bits, a scale for each output; inputs to eight, a scale for each
window.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_WEIGHT_STEPS = 64  # on either side of zero: seven bits
_INPUT_STEPS = 255


class RoundedLinear(nn.Linear):
    """A linear layer that multiplies rounded numbers; its parameters stay what they are."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the name that nn.Linear gives it
        """Of ``(..., in_features)``."""
        return functional.linear(_rounded_input(input), _rounded_weight(self.weight), self.bias)


def with_rounding(network: nn.Module) -> None:
    """Let every linear layer of the network multiply rounded numbers; the names of its parameters stay."""
    for module in network.modules():
        for name, child in module.named_children():
            if type(child) is nn.Linear:
                rounded = RoundedLinear(child.in_features, child.out_features, child.bias is not None, "meta")
                rounded.weight, rounded.bias = child.weight, child.bias
                setattr(module, name, rounded)


def _rounded_weight(weight: Tensor) -> Tensor:
    """Symmetric, by each row's largest."""
    scale = weight.detach().abs().amax(dim=1, keepdim=True).clamp_min(1e-9) / _WEIGHT_STEPS
    return weight + ((weight / scale).round() * scale - weight).detach()


def _rounded_input(values: Tensor) -> Tensor:
    """From the window's smallest number to its largest, zero always among them."""
    flat = values.detach().float().flatten(start_dim=1)  # (batch, all)
    low, high = flat.amin(dim=1).clamp_max(0), flat.amax(dim=1).clamp_min(0)
    shape = (-1,) + (1,) * (values.dim() - 1)
    scale = ((high - low).clamp_min(1e-9) / _INPUT_STEPS).view(shape)
    zero = (-low.view(shape) / scale).round()
    rounded = (torch.clamp((values / scale).round() + zero, 0, _INPUT_STEPS) - zero) * scale
    return values + (rounded - values).detach().to(values.dtype)
