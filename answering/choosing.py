"""One answer out of many candidates: weigh, group, decide; passages in the order of their evidence. Pure functions.

A candidate weighs its log-odds (what the reader saw), a share of its passage's fused retrieval score (what the
index saw), a share of how much of the question stands beside it (``answering.nearness``), and what its article's day is
worth (``answering.timeliness``):
``weight = log_odds + retrieval_weight * hit.score + nearness_weight * nearness + timeliness``. Candidates that say the
same form one group, in the order of their weight, those first that word it as most of their odds have it. A group is
worth the sum of its passages' odds, each by its weightiest member, ``log(sum(exp(weight)))``: what several passages say
is likelier than what one says as clearly. A copy says nothing new, and has no odds beside its original's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from answering.matching import key, same
from answering.nearness import nearness
from answering.timeliness import timeliness
from corpus.types import Passage
from reader.types import Candidate
from retrieval.types import Hit

RETRIEVAL_WEIGHT = 1.2
NEARNESS_WEIGHT = 2.0  # docs/decisions/0014
# In margin: how much worse than the best an item may be (about a fifth as likely), and what it is worth that the whole
# question stands in its sentence. The lab log has what evals.lists gives for others.
LIST_GAP = 1.5
LIST_NEARNESS = 1.0


class _Says(Protocol):
    """Whatever says something: a candidate, or a span that an evaluation kept."""

    @property
    def text(self) -> str:
        """What it says."""


Said = TypeVar("Said", bound=_Says)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A candidate and its weight."""

    candidate: Candidate
    weight: float

    @property
    def text(self) -> str:
        """What the candidate says."""
        return self.candidate.text


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates that say the same, and what they are worth together, in log-odds.

    Those of one wording come first, whose odds are the largest together; both they and the others by their weight.
    """

    members: tuple[Candidate, ...]
    worth: float

    @property
    def best(self) -> Candidate:
        """The member the answer is worded by."""
        return self.members[0]


def group(question: str, candidates: Sequence[Candidate], hits: Sequence[Hit], day: date | None = None) -> list[Group]:
    """The groups, best first. Equal weights are ordered by passage id, then by span.

    Args:
        question: as it was searched.
        candidates: what the reader saw in ``hits``.
        hits: the passages found.
        day: of asking, where it counts (``answering.timeliness.counted_day``).
    """
    scores = {hit.passage.id: hit.score for hit in hits}
    timely = timeliness(day, hits)
    copies = {hit.passage.id for hit in hits if hit.copy_of is not None}
    near = nearness(question, candidates, [hit.passage for hit in hits])

    def weight(one: Candidate, share: float) -> float:
        found = RETRIEVAL_WEIGHT * scores.get(one.passage.id, 0.0)
        return one.log_odds + found + NEARNESS_WEIGHT * share + timely.get(one.passage.id, 0.0)

    weighed = [_Weighed(one, weight(one, share)) for one, share in zip(candidates, near, strict=True)]

    def made(members: list[_Weighed]) -> Group:
        counted = [one for one in members if one.candidate.passage.id not in copies] or members[:1]
        return Group(
            tuple(one.candidate for one in _best_worded_first(members)),
            worth((one.candidate.passage.id, one.weight) for one in counted),
        )

    weighed.sort(key=lambda one: (-one.weight, one.candidate.passage.id, one.candidate.span))
    return sorted(map(made, alike(weighed)), key=lambda one: one.worth, reverse=True)


def _best_worded_first(members: Sequence[_Weighed]) -> list[_Weighed]:
    wordings: dict[tuple[str, ...], list[_Weighed]] = {}
    for one in members:
        wordings.setdefault(key(one.text), []).append(one)
    best = max(wordings, key=lambda wording: together(one.weight for one in wordings[wording]))
    return sorted(members, key=lambda one: key(one.text) != best)


def by_evidence(hits: Sequence[Hit], candidates: Sequence[Candidate]) -> list[Hit]:
    """The hits, those first in which the reader saw most of an answer; copies, and what was not read, stand behind.

    A passage has the network's log-odds that it answers, or, from a network that does not say, its best span's, plus
    the same share of its fused score as a candidate.
    """
    seen: dict[str, float] = {}
    for candidate in candidates:
        log_odds = candidate.log_odds if candidate.answers is None else candidate.answers
        seen[candidate.passage.id] = max(log_odds, seen.get(candidate.passage.id, -math.inf))

    def place(hit: Hit) -> tuple[bool, float]:
        evidence = seen.get(hit.passage.id, -math.inf) + RETRIEVAL_WEIGHT * hit.score
        return hit.copy_of is None, evidence

    return sorted(hits, key=place, reverse=True)


def alike(spans: Iterable[Said]) -> list[list[Said]]:
    """The spans that say the same, together, in their order; the first of each decides what is the same."""
    groups: list[list[Said]] = []
    for span in spans:
        home = next((g for g in groups if same(g[0].text, span.text)), None)
        if home is None:
            groups.append([span])
        else:
            home.append(span)
    return groups


def worth(weighed: Iterable[tuple[str, float]]) -> float:
    """What spans that say the same are worth together, of ``(passage id, weight)``, the weightiest first.

    A passage counts once, by its first.
    """
    passages: dict[str, float] = {}
    for passage, weight in weighed:
        passages.setdefault(passage, weight)
    return together(passages.values())


def together(log_odds: Iterable[float]) -> float:
    """The log of the sum of the odds; minus infinity where there are none."""
    every = list(log_odds)
    most = max(every, default=-math.inf)
    return most + math.log(math.fsum(math.exp(one - most) for one in every)) if every else most


def listed(
    question: str, best: Candidate, candidates: Sequence[Candidate], read: Iterable[Passage], gap: float = LIST_GAP
) -> list[Candidate]:
    """The candidates of the best one's passage that are nearly as good, in the text's order.

    Where a question has several answers, a reader of single spans shares its belief among them. A candidate is as good
    as its margin, and better the more of the question stands in its sentence (``nearness``): whoever wrote the article
    is nearly as much a person as those it is about, but nothing that was asked about stands beside the name.

    Args:
        question: as it was searched.
        best: what the answer is worded by.
        candidates: what the reader saw.
        read: the passages it was seen in.
        gap: how much worse than the best one a candidate may be, in margin.
    """
    own = [candidate for candidate in candidates if candidate.passage.id == best.passage.id]
    near = nearness(question, [best, *own], read)
    worth = [one.margin + LIST_NEARNESS * share for one, share in zip([best, *own], near, strict=True)]
    kept = (one for one, good in zip(own, worth[1:], strict=True) if good >= worth[0] - gap)
    return sorted(kept, key=lambda one: one.span)


def distinct(items: Sequence[Candidate]) -> list[Candidate]:
    """The items of a list, in their order, without those whose words all stand in another ("Iran", "Russia and Iran").

    Of items of the same words the one with the largest margin stays, or the first.
    """
    words = [frozenset(key(item.text)) for item in items]

    def stays(at: int) -> bool:
        return not any(
            words[at] < words[other]
            or (words[at] == words[other] and (-items[other].margin, other) < (-items[at].margin, at))
            for other in range(len(items))
        )

    return [item for at, item in enumerate(items) if stays(at)]


def supporting(chosen: Group, floor: float) -> list[Candidate]:
    """The best member and every other whose own confidence reaches ``floor``: what may be cited."""
    return [member for member in chosen.members if member is chosen.best or member.confidence >= floor]
