"""Which paragraphs of the training data no recipe trains on: what is fitted or compared, is on those."""

from __future__ import annotations

import hashlib

ONE_IN = 50


def is_held_back(text: str) -> bool:
    """Whether a paragraph is kept from training: one in fifty, by the SHA-256 of its UTF-8 text."""
    return int(hashlib.sha256(text.encode("utf-8")).hexdigest(), 16) % ONE_IN == 0
