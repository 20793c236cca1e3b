"""What a person is told in words, wherever they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from answering.types import Reason

REASONS: Mapping[Reason, str] = {
    Reason.EMPTY_INDEX: "There are no articles in the index.",
    Reason.NO_HIT: "No article says anything near the question.",
    Reason.NO_ANSWER_READ: "The articles do not answer the question.",
    Reason.LOW_CONFIDENCE: "The articles may touch on it, but nothing in them is sure enough to be an answer.",
}


def in_no_article(words: Sequence[str]) -> str:
    """Says that the words stand in no article; empty without any."""
    return f"In no article: {', '.join(words)}." if words else ""
