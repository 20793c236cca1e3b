"""What the reader hands on."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.types import Passage, Span


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that may answer, before the decision.

    Attributes:
        passage: the passage it was read in.
        span: where it stands, in article coordinates.
        text: exactly the article's characters under ``span``.
        margin: the span's score less the passage's null score (start plus end logit of each);
            above 0 the network holds it likelier than no answer. Compares across passages.
        confidence: the calibrated probability that the answer is right, 0 to 1.
    """

    passage: Passage
    span: Span
    text: str
    margin: float
    confidence: float
