"""How sure an answer is: what speaks for it, and what speaks for anything else.

The reader's log-odds of a span know one passage. Whether the answer is right also depends on what the other passages
say: in a large folder something fits every question, and an answer that has rivals nearly as good is often wrong. And
it depends on whether the articles are about what is asked at all, which the reader tells badly, because whatever it was
trained on was. So the confidence of an answer is a logistic regression over features of its group of candidates
(a trained calibrator; Kamath, Jia and Liang 2020, "Selective Question Answering under Domain Shift"). Its constants
are ``answering.calibration``'s: the shipped ones, fitted by ``evals.certainty`` on questions of paragraphs that no
training saw, asked of folders of several sizes, or a person's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from answering.calibration import Calibration
from answering.choosing import Group, together
from answering.types import Features
from retrieval.types import Hit

# The least the others are taken for, as where there are none: one in ten of the questions fitted on has less.
_ALONE = -2.6
# The likeness of half of the passages that answers were read in; for an index without vectors, where none is known.
_USUAL = 0.55


def features(chosen: Group, groups: Sequence[Group], hits: Sequence[Hit]) -> Features:
    """The features of one group among all ``groups``, read in ``hits``.

    ``worth``: that of the group, in log-odds. ``others``: the log of the summed odds of all others, at least -2.6.
    ``likeness``: the cosine of the question and the passage that the answer is worded by. A passage that its words
    alone have found among ``hits`` is as like as the least like that was found by meaning.
    """
    others = max(together(other.worth for other in groups if other is not chosen), _ALONE)
    return Features(chosen.worth, others, _likeness(chosen.best.passage.id, hits))


def surest_first(groups: Sequence[Group], hits: Sequence[Hit], calibration: Calibration) -> list[Group]:
    """The groups by how sure each is; those equally sure stay as they are."""

    def log_odds(one: Group) -> float:
        return calibration.log_odds(features(one, groups, hits))

    return sorted(groups, key=log_odds, reverse=True)


def _likeness(passage: str, hits: Sequence[Hit]) -> float:
    known = {hit.passage.id: hit.dense_score for hit in hits if hit.dense_score is not None}
    return known.get(passage, min(known.values(), default=_USUAL))
