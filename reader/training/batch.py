"""A batch of windows as tensors, and the losses of a network's scores on it.

Three losses train a network by its labels:

* span: cross-entropy of start and end in a window, whose targets are every place the answer stands,
  or ``[CLS]`` where there is none (Devlin et al. 2019; several places: Clark and Gardner 2018, eq. 2);
* answerability: binary cross-entropy of the third score;
* shared normalisation: where windows of one question stand in a batch, softmax cross-entropy of the
  third score among them (the paragraph-level form of Clark and Gardner 2018, section 3).

A teacher's scores take the labels' place in the same three (Hinton, Vinyals and Dean 2015, "Distilling the
Knowledge in a Neural Network"), and its last layer is matched besides (Jiao et al. 2020, "TinyBERT").
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from reader.training.network import Scores
from reader.training.plan import Plan
from reader.training.windows import Windows

_NEVER = -1e4  # a score that no softmax sees


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as tensors.

    ``ids``, ``attention``, ``types`` (batch, tokens) int64; ``allowed`` (batch, tokens) bool, the positions
    an answer may stand at; ``starts``, ``ends`` (batch, tokens) bool, those it does; ``answers`` (batch,)
    float, 1 where the window answers; ``rivals`` (groups, windows) int64, rows of the same question, the one
    that answers first.
    """

    ids: Tensor
    attention: Tensor
    types: Tensor
    allowed: Tensor
    starts: Tensor
    ends: Tensor
    answers: Tensor
    rivals: Tensor

    def on(self, device: torch.device) -> Batch:
        """The same on a device; a GPU takes it while it still computes on the batch before."""
        tensors: dict[str, Tensor] = {field.name: getattr(self, field.name) for field in fields(self)}
        if device.type == "cuda":
            tensors = {name: tensor.pin_memory() for name, tensor in tensors.items()}
        return Batch(**{name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()})


def collate(windows: Windows, rows: NDArray[np.int64]) -> Batch:
    """Those windows as one padded batch, its width a multiple of eight: what a GPU's fused attention needs."""
    starts_at, lengths = windows.bounds[rows], windows.bounds[rows + 1] - windows.bounds[rows]
    width = -(-int(lengths.max()) // 8) * 8
    at = np.arange(width)
    attention = at < lengths[:, None]
    ids = np.zeros(attention.shape, np.int64)
    ids[attention] = windows.tokens[(starts_at[:, None] + at)[attention]]
    types = attention & (at >= windows.texts[rows, None])
    allowed = types & (at < lengths[:, None] - 1)  # not the closing [SEP]
    allowed[:, 0] = True
    counts = windows.places[rows + 1] - windows.places[rows]
    row = np.repeat(np.arange(len(rows)), counts)
    spans = windows.spans[np.concatenate([np.arange(*windows.places[one : one + 2]) for one in rows])]
    starts, ends = np.zeros_like(attention), np.zeros_like(attention)
    starts[row, spans[:, 0]] = ends[row, spans[:, 1]] = True
    starts[counts == 0, 0] = ends[counts == 0, 0] = True
    first = np.flatnonzero(windows.paired[rows])
    arrays = (
        ids,
        attention.astype(np.int64),
        types.astype(np.int64),
        allowed,
        starts,
        ends,
        (counts > 0).astype(np.float32),
    )
    return Batch(*(torch.from_numpy(array) for array in (*arrays, np.stack([first, first + 1], axis=1))))


def labelled_loss(scores: Scores, batch: Batch, plan: Plan) -> Tensor:
    """The weighted sum of the three losses by the labels."""
    start, end, answers = scores
    span = (_marginal(start, batch.starts, batch.allowed) + _marginal(end, batch.ends, batch.allowed)) / 2
    answers = answers.float()  # (batch,)
    loss = span + plan.answerability_weight * functional.binary_cross_entropy_with_logits(answers, batch.answers)
    if len(batch.rivals):
        rivals = answers[batch.rivals]  # (groups, windows), the window that answers at 0
        loss = loss + plan.shared_weight * functional.cross_entropy(rivals, torch.zeros_like(batch.rivals[:, 0]))
    return loss


def taught_loss(scores: Scores, teacher: Scores, batch: Batch, plan: Plan) -> Tensor:
    """The weighted sum of the three losses by a teacher's scores; 0 where the two agree."""
    spans = [
        _divergence(
            ours.float().masked_fill(~batch.allowed, _NEVER),
            theirs.float().masked_fill(~batch.allowed, _NEVER),
            plan.temperature,
        )
        for ours, theirs in zip(scores[:2], teacher[:2], strict=True)
    ]
    ours, theirs = scores[2].float(), teacher[2].float()  # (batch,)
    two = torch.zeros_like(ours)
    loss = (spans[0] + spans[1]) / 2 + plan.answerability_weight * _divergence(
        torch.stack([ours, two], -1), torch.stack([theirs, two], -1), 1.0
    )
    if len(batch.rivals):
        loss = loss + plan.shared_weight * _divergence(ours[batch.rivals], theirs[batch.rivals], 1.0)
    return loss


def likeness_loss(hidden: Tensor, teacher: Tensor, batch: Batch) -> Tensor:
    """Mean over the tokens of 1 minus the cosine of two layers ``(batch, tokens, dimensions)``."""
    apart = 1 - functional.cosine_similarity(hidden.float(), teacher.float(), dim=-1)  # (batch, tokens)
    return (apart * batch.attention).sum() / batch.attention.sum()


def _marginal(scores: Tensor, targets: Tensor, allowed: Tensor) -> Tensor:
    """Mean over the batch of minus the log of the softmax mass on the targets (Clark and Gardner 2018, eq. 2)."""
    scores = scores.float()
    whole = scores.masked_fill(~allowed, _NEVER).logsumexp(-1)  # (batch,)
    wanted = scores.masked_fill(~targets, _NEVER).logsumexp(-1)  # (batch,)
    return (whole - wanted).mean()


def _divergence(scores: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Mean over the rows of the Kullback-Leibler divergence from the teacher's softmax.

    Both are softened by the temperature, and the result multiplied by its square, so that the size of the
    gradient does not depend on it (Hinton, Vinyals and Dean 2015, section 2.1).
    """
    ours = (scores / temperature).log_softmax(-1)
    theirs = (teacher / temperature).log_softmax(-1)
    return functional.kl_div(ours, theirs, reduction="batchmean", log_target=True) * temperature**2
