"""A run's windows, drawn before it begins and kept as a few flat arrays.

Drawing takes Python objects apart, and a GPU reads faster than they can be: what is drawn beforehand, here or on
another machine, is only cut into batches while the network trains. The file is NumPy's, one array a field.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reader.training.drawing import Group


@dataclass(frozen=True, slots=True)
class Windows:
    """Network inputs in the order they were drawn; window ``i`` is ``tokens[bounds[i]:bounds[i + 1]]``.

    ``tokens`` (all tokens,) uint16, of a vocabulary below 65,536; ``bounds`` (windows + 1,) int64; ``texts`` (windows,)
    int64, the position of the window's first token behind its question; ``spans`` (places, 2) int64, first and last
    position of an answer, those of window ``i`` at ``places[i]:places[i + 1]``; ``places`` (windows + 1,) int64;
    ``paired`` (windows,) bool, whether the next window asks the same question and does not answer it;
    ``stretches`` (stretches + 1,) int64, the windows that a stretch begins with.
    """

    tokens: NDArray[np.uint16]
    bounds: NDArray[np.int64]
    texts: NDArray[np.int64]
    spans: NDArray[np.int64]
    places: NDArray[np.int64]
    paired: NDArray[np.bool_]
    stretches: NDArray[np.int64]

    def first(self, count: int | None) -> Windows:
        """Those of the first ``count`` stretches; all where it is None or there are no more."""
        return self if count is None else replace(self, stretches=self.stretches[: count + 1])

    def batches(self, stretch: int, batch_tokens: int, seed: int) -> list[NDArray[np.int64]]:
        """The windows of a stretch in batches of like lengths, at most ``batch_tokens`` with padding, shuffled."""
        first, end = self.stretches[stretch : stretch + 2]
        lengths = np.diff(self.bounds[first : end + 1])
        opens = np.concatenate([[0], np.flatnonzero(~self.paired[first : end - 1]) + 1])
        widths = np.maximum.reduceat(lengths, opens)
        groups = np.split(np.arange(first, end), opens[1:])
        batches: list[list[NDArray[np.int64]]] = [[]]
        windows = 0
        for at in np.argsort(widths, kind="stable"):
            if (windows + len(groups[at])) * widths[at] > batch_tokens:
                batches.append([])
                windows = 0
            batches[-1].append(groups[at])
            windows += len(groups[at])
        random.Random(f"{seed} {stretch}").shuffle(batches)
        return [np.concatenate(batch) for batch in batches if batch]


def flattened(stretches: Iterable[Sequence[Group]]) -> Windows:
    """The windows of the groups of each stretch."""
    tokens: list[NDArray[np.uint16]] = []
    lengths, texts, places, paired, ends = [], [], [], [], [0]
    spans: list[tuple[int, int]] = []
    for groups in stretches:
        for group in groups:
            for example in group:
                tokens.append(np.array(example.ids, np.uint16))
                lengths.append(len(example.ids))
                texts.append(example.window_at)
                spans += example.spans
                places.append(len(example.spans))
            paired += [True] * (len(group) - 1) + [False]
        ends.append(len(lengths))
    return Windows(
        np.concatenate(tokens) if tokens else np.zeros(0, np.uint16),
        _bounds(lengths),
        np.array(texts, np.int64),
        np.array(spans, np.int64).reshape(-1, 2),
        _bounds(places),
        np.array(paired, np.bool_),
        np.array(ends, np.int64),
    )


def write_windows(windows: Windows, drawn_by: str, file: Path) -> None:
    """Write them, whole or not at all, with what they were drawn by."""
    part = file.with_suffix(".part.npz")
    np.savez(
        part, drawn_by=np.array(drawn_by), **{field.name: getattr(windows, field.name) for field in fields(windows)}
    )
    part.replace(file)


def read_windows(file: Path, drawn_by: str) -> Windows:
    """The windows that ``write_windows`` wrote.

    Raises:
        ValueError: if they were drawn by something else.
    """
    with np.load(file) as arrays:
        if str(arrays["drawn_by"]) != drawn_by:
            raise ValueError(
                f"{file} was drawn for another plan: remove it, or name another with --windows or --output"
            )
        return Windows(**{field.name: arrays[field.name] for field in fields(Windows)})


def _bounds(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
