"""How sure an answer is: what the reader saw of it, and what else it saw.

The reader's log-odds of a span know one passage. Whether the answer is right also depends on what the other passages
say: in a large folder something fits every question, and an answer that has a rival nearly as good is often wrong. So
the confidence of an answer is a logistic regression over a few features of its group of candidates among all groups
(a trained calibrator; Kamath, Jia and Liang 2020, "Selective Question Answering under Domain Shift"), fitted by
``evals.certainty`` on questions of paragraphs that no training saw, asked of folders of several sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from answering.choosing import Group
from reader.types import confidence_of

FEATURES: Final = ("best", "rival")
# What evals.certainty gives for the shipped weights.
_BEST, _RIVAL, _INTERCEPT = 1.0099, -0.4406, -0.7371
_ALONE = -6.0  # log-odds of a rival where there is none: as good as impossible


def features(chosen: Group, groups: Sequence[Group]) -> tuple[float, ...]:
    """The features of one group among all ``groups``, in the order of ``FEATURES``.

    ``best``: the highest log-odds among its members. ``rival``: the highest among the members of any other group, at
    least -6.
    """
    rival = max((_highest(other) for other in groups if other is not chosen), default=_ALONE)
    return _highest(chosen), max(rival, _ALONE)


def _highest(chosen: Group) -> float:
    return max(member.log_odds for member in chosen.members)


def certainty(chosen: Group, groups: Sequence[Group]) -> float:
    """The probability, 0 to 1, that one group among all ``groups`` is the right answer."""
    best, rival = features(chosen, groups)
    return confidence_of(_BEST * best + _RIVAL * rival + _INTERCEPT)
