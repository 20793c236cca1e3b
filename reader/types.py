"""What the reader hands on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from corpus.types import Passage, Span, Value


def log_odds_of(confidence: float) -> float:
    """The log-odds of a probability: ``log(p / (1 - p))``, infinite at 0 and 1.

    Raises:
        ValueError: if ``confidence`` is not between 0 and 1.
    """
    if not 0 <= confidence <= 1:
        raise ValueError(f"a confidence is from 0 to 1, got {confidence}")
    if confidence in (0, 1):
        return math.copysign(math.inf, confidence - 0.5)
    return math.log(confidence / (1 - confidence))


def confidence_of(log_odds: float) -> float:
    """The probability of these log-odds, 0 to 1: ``1 / (1 + exp(-log_odds))``."""
    # Written so that no exponential overflows.
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    return math.exp(log_odds) / (1 + math.exp(log_odds))


def prior_correction(right: float, unanswered: float, expected: float) -> float:
    """What log-odds gain where another share of the questions has no answer than they were fitted on.

    A logistic regression's slopes hold there too, its intercept does not: it differs by as much as the log-odds of a
    right answer do (King and Zeng 2001, "Logistic Regression in Rare Events Data", prior correction).

    Args:
        right: the share of right answers among those fitted on, above 0 and below 1.
        unanswered: the share of the questions fitted on that had no answer, below 1.
        expected: the share that has none there, below 1.
    """
    return log_odds_of(right * (1 - expected) / (1 - unanswered)) - log_odds_of(right)


@dataclass(frozen=True, slots=True)
class Candidate(Value):
    """A span that may answer, before the decision.

    Attributes:
        passage: the passage it was read in.
        span: where it stands, in article coordinates.
        text: exactly the article's characters under ``span``.
        margin: the span's score less the passage's null score (start plus end logit of each);
            above 0 the network holds it likelier than no answer.
        answers: the network's own log-odds that the passage answers the question at all, uncalibrated;
            None from a network that does not say.
        log_odds: of the answer being right, calibrated; compares across passages.
    """

    passage: Passage
    span: Span
    text: str
    margin: float
    answers: float | None
    log_odds: float

    @property
    def confidence(self) -> float:
        """The calibrated probability that the answer is right, 0 to 1."""
        return confidence_of(self.log_odds)
