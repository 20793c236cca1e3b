"""The steps of a lesson: AdamW under a learning rate that rises and falls, and the checkpoints it goes on from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


class Descent:
    """Brings a network's loss down, and keeps where it is.

    AdamW (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization") over all that requires a gradient; the
    learning rate rises in a straight line for the share ``warmup`` of the steps and falls to 0 over the rest.
    """

    def __init__(
        self,
        network: nn.Module,
        steps: int,
        checkpoint: Path,
        *,
        learning_rate: float,
        warmup: float,
        weight_decay: float,
    ) -> None:
        self._checkpoint = checkpoint
        self._trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._optimizer = torch.optim.AdamW(self._trained, lr=learning_rate, weight_decay=weight_decay, fused=True)
        warm = max(1, int(warmup * steps))
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: min((step + 1) / warm, (steps - step) / max(1, steps - warm))
        )
        self._kept: dict[str, Any] = {"network": network, "optimizer": self._optimizer, "schedule": self._schedule}

    def resume(self, device: torch.device) -> int:
        """Go on from the checkpoint, where there is one: how many steps are done."""
        if not self._checkpoint.exists():
            return 0
        state = torch.load(self._checkpoint, map_location=device, weights_only=True)
        for name, one in self._kept.items():
            one.load_state_dict(state[name])
        return int(state["done"])

    def step(self, loss: Tensor) -> None:
        """One step down ``loss``, its gradient cut to length 1."""
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._trained, 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._optimizer.zero_grad()

    def save(self, done: int) -> None:
        """Write the checkpoint, ``done`` steps from the beginning; a kill leaves the one before."""
        state = {name: one.state_dict() for name, one in self._kept.items()}
        torch.save({**state, "done": done}, self._checkpoint.with_suffix(".part"))
        self._checkpoint.with_suffix(".part").replace(self._checkpoint)
