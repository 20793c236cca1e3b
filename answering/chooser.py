"""The decision as a Haystack component: candidates in, an answer with citations or not-found out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from haystack import component

from answering.calibration import SHIPPED, Calibration
from answering.certainty import features, surest_first
from answering.choosing import Group, by_evidence, distinct, group, listed, supporting
from answering.citing import cite, nearest, whole_sentences
from answering.forms import Form, form_of
from answering.timeliness import counted_day
from answering.types import Answer, Answered, Ask, Features, NotFound, Reason, Timings
from corpus.types import Article
from reader.types import Candidate
from retrieval.types import Hit

MAX_ALTERNATIVES = 3
# An alternative less likely than this tells the person nothing.
_ALTERNATIVE_FLOOR = 0.1


class Articles(Protocol):
    """Where the chooser looks articles up."""

    def article(self, article_id: str) -> Article | None:
        """The article as it stands in the index now."""

    def contents_digest(self) -> str:
        """Identity of the index's contents."""

    def unknown_words(self, question: str, /) -> list[str]:
        """The words of ``question`` that stand in no article."""


@component
class AnswerChooser:
    """Chooses among candidates, groups those that say the same, and cites the articles.

    Args:
        articles: the index the candidates were read from.
        min_confidence: the least confidence at which an answer is given where the asker names none.
        calibration: makes what was seen of an answer its confidence.
    """

    def __init__(self, articles: Articles, min_confidence: float, calibration: Calibration = SHIPPED) -> None:
        self.articles = articles
        self.min_confidence = min_confidence
        self.calibration = calibration

    @component.output_types(outcome=Answered | NotFound)
    def run(
        self,
        ask: Ask,
        searched: str,
        hits: list[Hit],
        candidates: list[Candidate],
        retrieve_ms: float = 0.0,
        read_ms: float = 0.0,
    ) -> dict[str, Any]:
        """Decide. The best group answers if its confidence reaches the bar and its place still stands.

        A question for yes or no is answered by the sentence that settles it, one for a list by all its spans.
        """
        needed = self.min_confidence if ask.min_confidence is None else ask.min_confidence
        form = form_of(searched)
        if form is Form.YES_NO:
            candidates = [whole_sentences(candidate) for candidate in candidates]
        day = counted_day(searched, ask.asked_on)
        groups = surest_first(group(searched, candidates, hits, day), hits, self.calibration)
        ordered = tuple(by_evidence(hits, candidates))
        # What stands in one list with the best is no rival of it.
        read = (hit.passage for hit in hits)
        items = listed(searched, groups[0].best, candidates, read) if groups and form is Form.LIST else []
        rivals = groups[:1] + [other for other in groups[1:] if other.best not in items]
        timings = Timings(retrieve_ms, read_ms, retrieve_ms + read_ms)
        index = self.articles.contents_digest()
        answers = [
            answer
            for chosen in groups[: MAX_ALTERNATIVES + 1]
            if (answer := self._answer(chosen, features(chosen, rivals, hits), ask.max_citations, needed)) is not None
        ]
        if answers and answers[0].confidence >= needed:
            best, *others = answers
            if form is Form.LIST:
                kept = distinct(items)
                best = self._list(best, groups[0].best, kept, ask.max_citations)
                told = {citation.span for citation in best.citations} | {i.span for i in items if i not in kept}
                others = [other for other in others if other.citations[0].span not in told]
            return {"outcome": Answered(ask.question, searched, best, tuple(others), ordered, index, timings)}
        reason = _reason(hits, candidates)
        shown = nearest(ordered, self.articles.article)
        unknown = tuple(self.articles.unknown_words(searched))
        return {"outcome": NotFound(ask.question, searched, reason, shown, ordered, index, timings, unknown)}

    def _answer(self, chosen: Group, seen: Features, limit: int, needed: float) -> Answer | None:
        confidence = self.calibration.probability(seen)
        if confidence < min(needed, _ALTERNATIVE_FLOOR):
            return None
        # A place is cited beside the best one only if it would answer by itself, however low the asker set the bar.
        citations = cite(supporting(chosen, max(needed, self.min_confidence)), self.articles.article, limit)
        return Answer(citations[0].quote, confidence, citations, seen) if citations else None

    def _list(self, single: Answer, best: Candidate, items: list[Candidate], limit: int) -> Answer:
        """The items as one answer; the ``single`` one where they are but the best, or but one may be cited."""
        cited = cite(items, self.articles.article, limit, each=True)
        if items == [best] or len(cited) < min(2, len(items)):
            return single
        return replace(single, text="; ".join(item.quote for item in cited), citations=cited)


def _reason(hits: list[Hit], candidates: list[Candidate]) -> Reason:
    if not hits:
        return Reason.NO_HIT
    return Reason.LOW_CONFIDENCE if candidates else Reason.NO_ANSWER_READ
