"""Other ways of choosing among the spans that were read, judged on kept rows. Pure functions; nothing is read again.

What is varied: the shares of the retrieval score and of the words beside it in a span's weight
(``answering.choosing``), how many passages count, and what the day a question was asked on says of an article.
The ways are fixed beforehand, none is fitted to answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from answering.choosing import NEARNESS_WEIGHT, RETRIEVAL_WEIGHT, alike, worth
from evals.measures import exact_match, f1, mean
from evals.open_rows import OpenRow, ReadSpan


@dataclass(frozen=True, slots=True)
class Way:
    """A way of choosing.

    Attributes:
        retrieval_weight: of the passage's fused score, 0 to 1, against log-odds.
        nearness_weight: of the share of the question beside the span, likewise.
        passages: the first so many hits count.
        near: log-odds that an article gains when it was published on the day of asking; half of it
            ``half_life_days`` away, and so on; nothing where a day is unknown.
        within_days: only articles this near to the day of asking count, where one of the hits is; None lets all.
        together: whether spans that say the same sum their odds, each article's weightiest.
    """

    retrieval_weight: float = RETRIEVAL_WEIGHT
    nearness_weight: float = NEARNESS_WEIGHT
    passages: int = 8
    near: float = 0.0
    half_life_days: float = 14.0
    within_days: int | None = None
    together: bool = True


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "as shipped": Way(),
        "retrieval weight 0": Way(retrieval_weight=0.0),
        "retrieval weight 1.5": Way(retrieval_weight=1.5),
        "retrieval weight 3": Way(retrieval_weight=3.0),
        "nearness weight 0": Way(nearness_weight=0.0),
        "nearness weight 1": Way(nearness_weight=1.0),
        "nearness weight 3": Way(nearness_weight=3.0),
        "first 3 passages": Way(passages=3),
        "first 5 passages": Way(passages=5),
        "first 20 passages": Way(passages=20),
        "best span alone": Way(together=False),
        "published near the asking, +0.5": Way(near=0.5),
        "published near the asking, +1": Way(near=1.0),
        "published near the asking, +2": Way(near=2.0),
        "published within 31 days alone": Way(within_days=31),
        "published within 366 days alone": Way(within_days=366),
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a way of choosing comes to, when it must answer; 0 to 1, None of nothing."""

    em: float | None
    f1: float | None


def judged(rows: Sequence[OpenRow], way: Way) -> Outcome:
    """The figures under ``way``."""
    texts = [(chosen.text if (chosen := choose(row, way)) else "", row.gold) for row in rows]
    return Outcome(mean(exact_match(*each) for each in texts), mean(f1(*each) for each in texts))


def best_possible(rows: Sequence[OpenRow], passages: int) -> Outcome:
    """What choosing could come to at most: the best of the spans that were read in the first ``passages`` hits."""
    inside = [({hit.id for hit in row.hits[:passages]}, row) for row in rows]
    texts = [([s.text for s in row.spans if s.passage in ids] or [""], row.gold) for ids, row in inside]
    return Outcome(
        mean(max(exact_match(text, gold) for text in each) for each, gold in texts),
        mean(max(f1(text, gold) for text in each) for each, gold in texts),
    )


def choose(row: OpenRow, way: Way) -> ReadSpan | None:
    """The weightiest span; None where none was read. Equal weights go by passage and place."""
    hits = {hit.id: hit for hit in row.hits[: way.passages]}
    away = {key: _days_between(row.asked, hit.published) for key, hit in hits.items()}
    if way.within_days is not None:
        near = {key for key, days in away.items() if days is not None and days <= way.within_days}
        # An article of the right time that was not found cannot answer: then the others may.
        hits = {key: hit for key, hit in hits.items() if key in near} or hits

    def weight(span: ReadSpan) -> float:
        days = away[span.passage]
        bonus = 0.0 if days is None else way.near * 0.5 ** (days / way.half_life_days)
        read = span.log_odds + way.nearness_weight * span.nearness
        return read + way.retrieval_weight * hits[span.passage].score + bonus

    spans = sorted((s for s in row.spans if s.passage in hits), key=lambda s: (-weight(s), s.passage, s.start, s.end))
    if not spans or not way.together:
        return spans[0] if spans else None
    return _agreed(spans, {id(span): weight(span) for span in spans})


def _agreed(spans: Sequence[ReadSpan], weights: Mapping[int, float]) -> ReadSpan:
    """The head of the group that is worth most, as ``answering.choosing`` has it; copies are not known here."""
    return max(alike(spans), key=lambda group: worth((span.passage, weights[id(span)]) for span in group))[0]


def _days_between(asked: str | None, published: str | None) -> int | None:
    if asked is None or published is None:
        return None
    return abs((date.fromisoformat(asked) - date.fromisoformat(published)).days)
