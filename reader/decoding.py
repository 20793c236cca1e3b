"""Decoding: from start and end scores to spans and a null score, as a pure function.

For start scores s, end scores e and the answerless position 0 (``[CLS]``), a span [i, j] scores
``s[i] + e[j]`` and the null answer ``s[0] + e[0]`` (Devlin et al. 2019, section 4.3). The margin
``s[i] + e[j] - s[0] - e[0]`` is the log-odds of the span against no answer in that window, which
is what makes spans of different windows comparable.

An answer may be written in several places of a window, or with and without "the". The network shares its belief among
such spans, as its training marks each of them right, so their odds are added: the sum over the mentions of one answer,
as in Kadlec et al. 2016, "Text Understanding with the Attention Sum Reader Network", here over spans.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

# What is less likely than so many other spans adds next to nothing to what it says.
_NEAR: Final = 20


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """A span of tokens ``[first, last]``, both included, and the margin over the null answer of what it says."""

    first: int
    last: int
    margin: float


def decode(
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    blocks: NDArray[np.int_],
    *,
    said: Callable[[int, int], tuple[str, ...]],
    max_answer_tokens: int,
    top: int,
) -> list[TokenSpan]:
    """The ``top`` best spans that do not overlap, best first.

    Args:
        start: score of each token as the first, shape ``(tokens,)``; position 0 is the null answer.
        end: score of each token as the last, likewise.
        blocks: number of the stretch of text that each token stands in, shape ``(tokens,)``, below 0 where no
            answer may stand; a span never reaches into another. Position 0 is never part of a span.
        said: what the span from a first to a last token says, empty where that is nothing, for such a span is no
            answer. Spans that say the same have their odds added, and the likeliest of them stands for all.
        max_answer_tokens: the longest span, in tokens, at least 1.
        top: how many spans at most, at least 1.

    Returns:
        Fewer than ``top`` spans where no more say anything; none where no answer may stand. Equal scores are
        ordered by first token, then by length.

    Raises:
        ValueError: if the shapes differ or a limit is below 1.
    """
    if not start.shape == end.shape == blocks.shape or start.ndim != 1 or start.size == 0:
        raise ValueError(f"expected three vectors of one length, got {start.shape}, {end.shape}, {blocks.shape}")
    if max_answer_tokens < 1 or top < 1:
        raise ValueError("max_answer_tokens and top are at least 1")
    null = float(start[0]) + float(end[0])
    scores = _span_scores(start, end, blocks, max_answer_tokens)
    first = np.arange(len(start))[:, None]  # (tokens, 1)
    last = first + np.arange(max_answer_tokens)  # (tokens, max_answer_tokens)
    what = cache(said)
    spans: list[TokenSpan] = []
    while len(spans) < top and (near := _best(scores, _NEAR)):
        told: dict[tuple[str, ...], list[tuple[int, int, float]]] = {}
        for span in near:
            told.setdefault(what(*span[:2]), []).append(span)
        for begins, ends, _ in told.pop((), []):
            scores[begins, ends - begins] = -np.inf
        if not told:
            continue
        best = next(iter(told.values()))[0][2]
        odds = {key: math.fsum(math.exp(score - best) for _, _, score in same) for key, same in told.items()}
        likeliest = max(odds, key=odds.__getitem__)
        begins, ends, _ = told[likeliest][0]
        spans.append(TokenSpan(begins, ends, best + math.log(odds[likeliest]) - null))
        scores[(first <= ends) & (last >= begins)] = -np.inf
    return sorted(spans, key=lambda span: -span.margin)


def _span_scores(
    start: NDArray[np.float32], end: NDArray[np.float32], blocks: NDArray[np.int_], longest: int
) -> NDArray[np.float32]:
    """``scores[i, n]``: the span from token i to token i + n; minus infinity where none may stand."""
    usable = blocks >= 0
    usable[0] = False
    starts = np.where(usable, start, -np.inf)
    beyond = 0, longest - 1
    ends = np.pad(np.where(usable, end, -np.inf), beyond, constant_values=-np.inf)
    last_blocks = sliding_window_view(np.pad(blocks, beyond, constant_values=-1), longest)
    scores: NDArray[np.float32] = starts[:, None] + sliding_window_view(ends, longest)
    scores[last_blocks != blocks[:, None]] = -np.inf
    return scores


def _best(scores: NDArray[np.float32], count: int) -> list[tuple[int, int, float]]:
    """``(first token, last token, score)``, best first: the ``count`` best, and all as good as the last of them."""
    flat = scores.ravel()
    least = np.partition(flat, -count)[-count] if flat.size > count else -np.inf
    places = np.flatnonzero((flat >= least) & (flat > -np.inf))
    longest = scores.shape[1]
    return [
        (place // longest, place // longest + place % longest, float(flat[place]))
        for place in places[np.argsort(-flat[places], kind="stable")].tolist()
    ]
