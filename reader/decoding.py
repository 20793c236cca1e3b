"""Decoding: from start and end scores to spans and a null score, as a pure function.

For start scores s, end scores e and the answerless position 0 (``[CLS]``), a span [i, j] scores
``s[i] + e[j]`` and the null answer ``s[0] + e[0]`` (Devlin et al. 2019, section 4.3). The margin
``s[i] + e[j] - s[0] - e[0]`` is the log-odds of the span against no answer in that window, which
is what makes spans of different windows comparable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """A span of tokens ``[first, last]``, both included, and its margin over the null answer."""

    first: int
    last: int
    margin: float


def decode(
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    blocks: NDArray[np.int_],
    *,
    max_answer_tokens: int,
    top: int,
) -> list[TokenSpan]:
    """The ``top`` best spans that do not overlap, best first.

    Args:
        start: score of each token as the first, shape ``(tokens,)``; position 0 is the null answer.
        end: score of each token as the last, likewise.
        blocks: number of the stretch of text that each token stands in, shape ``(tokens,)``, below 0 where no
            answer may stand; a span never reaches into another. Position 0 is never part of a span.
        max_answer_tokens: the longest span, in tokens, at least 1.
        top: how many spans at most, at least 1.

    Returns:
        Fewer than ``top`` spans where no more exist; none where no answer may stand. Equal scores are
        ordered by first token, then by length.

    Raises:
        ValueError: if the shapes differ or a limit is below 1.
    """
    if not start.shape == end.shape == blocks.shape or start.ndim != 1 or start.size == 0:
        raise ValueError(f"expected three vectors of one length, got {start.shape}, {end.shape}, {blocks.shape}")
    if max_answer_tokens < 1 or top < 1:
        raise ValueError("max_answer_tokens and top are at least 1")
    null = float(start[0]) + float(end[0])
    usable = blocks >= 0
    usable[0] = False
    starts = np.where(usable, start, -np.inf)
    beyond = 0, max_answer_tokens - 1
    ends = np.pad(np.where(usable, end, -np.inf), beyond, constant_values=-np.inf)
    last_blocks = sliding_window_view(np.pad(blocks, beyond, constant_values=-1), max_answer_tokens)
    # scores[i, n]: the span from token i to token i + n, of shape (tokens, max_answer_tokens)
    scores = starts[:, None] + sliding_window_view(ends, max_answer_tokens)
    scores[last_blocks != blocks[:, None]] = -np.inf
    first = np.arange(len(start))[:, None]  # (tokens, 1)
    last = first + np.arange(max_answer_tokens)  # (tokens, max_answer_tokens)
    spans: list[TokenSpan] = []
    while len(spans) < top:
        row, length = divmod(int(scores.argmax()), max_answer_tokens)
        score = float(scores[row, length])
        if score == -np.inf:
            break
        spans.append(TokenSpan(row, row + length, score - null))
        scores[(first <= row + length) & (last >= row)] = -np.inf
    return spans
