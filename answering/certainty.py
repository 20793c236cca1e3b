"""How sure an answer is: what speaks for it, and what speaks for anything else.

The reader's log-odds of a span know one passage. Whether the answer is right also depends on what the other passages
say: in a large folder something fits every question, and an answer that has rivals nearly as good is often wrong. So
the confidence of an answer is a logistic regression over two features of its group of candidates among all groups
(a trained calibrator; Kamath, Jia and Liang 2020, "Selective Question Answering under Domain Shift"), fitted by
``evals.certainty`` on questions of paragraphs that no training saw, asked of folders of several sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from answering.choosing import Group, together
from reader.types import confidence_of

FEATURES: Final = ("worth", "others")
# What evals.certainty gives for the shipped weights.
_WORTH, _OTHERS, _INTERCEPT = 0.9271, -0.4849, -0.9045
# The least the others are taken for, as where there are none: one in twenty of the questions fitted on has less.
_ALONE = -2.0


def features(chosen: Group, groups: Sequence[Group]) -> tuple[float, ...]:
    """The features of one group among all ``groups``, in the order of ``FEATURES``, both in log-odds.

    ``worth``: that of the group. ``others``: the log of the summed odds of all other groups, at least -2.
    """
    return chosen.worth, max(together(other.worth for other in groups if other is not chosen), _ALONE)


def certainty(chosen: Group, groups: Sequence[Group]) -> float:
    """The probability, 0 to 1, that one group among all ``groups`` is the right answer."""
    return probability(features(chosen, groups))


def probability(seen: Sequence[float]) -> float:
    """The same, of what ``features`` gives."""
    worth, others = seen
    return confidence_of(_WORTH * worth + _OTHERS * others + _INTERCEPT)
