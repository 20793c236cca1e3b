"""A passage out of what a document of any pipeline carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus.types import Passage, Span


def passage_from(key: str, text: str, meta: Mapping[str, Any]) -> Passage:
    """The passage that a document with this id, content and ``meta`` stands for.

    ``meta`` of a passage says its place: ``article_id``, ``number``, ``start``, ``end``, and ``sentences`` as pairs
    of offsets. A document from elsewhere, whose ``meta`` lacks that or does not agree with ``text``, is an article
    of one passage: its own id, its whole content, no sentences known.
    """
    try:
        span = Span(meta["start"], meta["end"])
        sentences = tuple(Span(start, end) for start, end in meta["sentences"])
        if len(span) == len(text) and isinstance(meta["article_id"], str) and isinstance(meta["number"], int):
            return Passage(meta["article_id"], meta["number"], span, text, sentences)
    except (KeyError, TypeError, ValueError):
        pass
    return Passage(key, 0, Span(0, len(text)), text, ())
