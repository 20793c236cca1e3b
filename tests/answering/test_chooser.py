"""The decision, over candidates made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from answering.chooser import AnswerChooser
from answering.types import Answered, Ask, NotFound, Outcome
from corpus.splitting import split
from corpus.types import Article, Passage, Span
from reader.types import Candidate
from retrieval.types import Hit

PACT = Article(
    "pact",
    "Pact",
    "The pact covers trade. It also covers energy, says one side. Nobody mentioned space. It may be renewed.",
)
(PASSAGE,) = split(PACT)


class Shelf:
    """One article."""

    def article(self, article_id: str) -> Article | None:
        return PACT if article_id == PACT.id else None

    def contents_digest(self) -> str:
        return "0" * 16

    def unknown_words(self, _: str) -> list[str]:
        return []


def read(*words: tuple[str, float]) -> list[Candidate]:
    found = []
    for word, log_odds in words:
        at = PACT.text.index(word)
        found.append(Candidate(PASSAGE, Span(at, at + len(word)), word, log_odds, None, log_odds))
    return found


def decide(question: str, candidates: Sequence[Candidate], max_citations: int = 5) -> Outcome:
    hits = [Hit(PASSAGE, 1, 1.0)]
    ask = Ask(question, max_citations=max_citations)
    outcome: Outcome = AnswerChooser(Shelf(), 0.3).run(ask, question, hits, list(candidates))["outcome"]
    return outcome


def test_a_list_question_is_answered_by_all_the_spans_that_are_about_as_likely() -> None:
    outcome = decide("Which areas does it cover?", read(("energy", 3.0), ("trade", 2.5), ("space", 0.0)))
    assert isinstance(outcome, Answered)
    assert outcome.answer.text == "trade; energy"
    assert [(c.number, c.quote) for c in outcome.answer.citations] == [(1, "trade"), (2, "energy")]
    # What stands in the list is no alternative to it.
    assert [other.text for other in outcome.alternatives] == ["space"]


def test_a_list_names_nothing_twice() -> None:
    outcome = decide("Which areas does it cover?", read(("energy", 3.0), ("trade. It also covers energy", 2.0)))
    assert isinstance(outcome, Answered)
    assert outcome.answer.text == "trade. It also covers energy"
    assert outcome.alternatives == ()
    three = read(("energy", 3.0), ("trade. It also covers energy", 2.0), ("space", 2.0))
    longer = decide("Which areas does it cover?", three)
    assert isinstance(longer, Answered)
    assert longer.answer.text == "trade. It also covers energy; space"


def test_a_list_keeps_to_the_citations_asked_for() -> None:
    outcome = decide("Which areas does it cover?", read(("energy", 3.0), ("trade", 2.5)), max_citations=1)
    assert isinstance(outcome, Answered)
    assert outcome.answer.text == outcome.answer.citations[0].quote == "energy"


def test_any_other_question_is_answered_by_the_best_span_alone() -> None:
    outcome = decide("What does it cover?", read(("energy", 3.0), ("trade", 2.5)))
    assert isinstance(outcome, Answered)
    assert outcome.answer.text == "energy"


def test_no_alternative_is_surer_than_the_answer() -> None:
    whole = Span(0, len(PACT.text))
    other = Passage("pact", 1, whole, PACT.text, (whole,))
    hits = [Hit(PASSAGE, 1, 1.0, dense_score=0.1), Hit(other, 2, 1.0, dense_score=0.9)]
    energy, trade = read(("energy", 2.0), ("trade", 1.9))
    question = "What does it cover?"
    chooser = AnswerChooser(Shelf(), 0.0)
    outcome = chooser.run(Ask(question), question, hits, [energy, replace(trade, passage=other)])["outcome"]
    assert isinstance(outcome, Answered)
    assert [outcome.answer.text, *(one.text for one in outcome.alternatives)] == ["trade", "energy"]
    assert outcome.answer.confidence > outcome.alternatives[0].confidence


def test_a_yes_or_no_question_is_answered_by_the_sentence_that_settles_it() -> None:
    outcome = decide("Can it be renewed?", read(("may be renewed", 2.0), ("renewed", 1.0)))
    assert isinstance(outcome, Answered)
    assert outcome.answer.text == "It may be renewed."
    (citation,) = outcome.answer.citations
    assert (citation.before, citation.after) == ("", "")
    assert outcome.alternatives == ()


def test_below_the_bar_a_list_is_not_found() -> None:
    assert isinstance(decide("Which areas does it cover?", read(("energy", -5.0), ("trade", -5.0))), NotFound)


def test_what_is_shown_where_there_is_no_answer_is_what_the_reader_saw_most_in() -> None:
    other = Passage("pact", 1, Span(0, 22), PACT.text[:22], (Span(0, 22),))
    hits = [Hit(PASSAGE, 1, 0.5), Hit(other, 2, 0.4)]
    read = ((PASSAGE, -4.0), (other, -1.0))
    candidates = [Candidate(passage, Span(4, 8), "pact", -5.0, answers, -5.0) for passage, answers in read]
    outcome = AnswerChooser(Shelf(), 0.3).run(Ask("What?"), "What?", hits, candidates)["outcome"]
    assert isinstance(outcome, NotFound)
    assert [shown.span for shown in outcome.nearest] == [other.span, PASSAGE.span]
    assert [hit.rank for hit in outcome.hits] == [2, 1]
