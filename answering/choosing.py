"""One answer out of many candidates: weigh, group, decide. Pure functions.

A candidate weighs its log-odds (what the reader saw) plus a share of its passage's fused retrieval
score (what the index saw): ``weight = log_odds + retrieval_weight * hit.score``. Candidates that
say the same form one group, in the order of their weight; a group is worth its best member.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answering.matching import same
from reader.types import Candidate
from retrieval.types import Hit

RETRIEVAL_WEIGHT = 0.75
LIST_GAP = 1.5  # spans down to about a fifth as likely as the best; the lab log has what evals.lists gives for others


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates that say the same, the weightiest first."""

    members: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate:
        """The member the answer is worded by."""
        return self.members[0]


def group(candidates: Sequence[Candidate], hits: Sequence[Hit]) -> list[Group]:
    """The groups, best first. Equal weights are ordered by passage id, then by span."""
    scores = {hit.passage.id: hit.score for hit in hits}
    ordered = sorted(
        candidates, key=lambda c: (-c.log_odds - RETRIEVAL_WEIGHT * scores.get(c.passage.id, 0.0), c.passage.id, c.span)
    )
    groups: list[list[Candidate]] = []
    for candidate in ordered:
        home = next((g for g in groups if same(g[0].text, candidate.text)), None)
        if home is None:
            groups.append([candidate])
        else:
            home.append(candidate)
    return [Group(tuple(members)) for members in groups]


def listed(best: Candidate, candidates: Sequence[Candidate], gap: float = LIST_GAP) -> list[Candidate]:
    """The candidates of the best one's passage whose margin is at most ``gap`` below its own, in the text's order.

    Where a question has several answers, a reader of single spans shares its belief among them.
    """
    return sorted(
        (c for c in candidates if c.passage.id == best.passage.id and c.margin >= best.margin - gap),
        key=lambda c: c.span,
    )


def supporting(chosen: Group, floor: float) -> list[Candidate]:
    """The best member and every other whose own confidence reaches ``floor``: what may be cited."""
    return [member for member in chosen.members if member is chosen.best or member.confidence >= floor]
