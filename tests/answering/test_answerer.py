"""A question in, a cited quote out: the real store, the shipped models."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answering.answerer import Answerer
from answering.calibration import SHIPPED as SHIPPED_CALIBRATION
from answering.calibration import CalibrationFile
from answering.indexing import Change
from answering.types import Answered, Ask, NotFound, Outcome, Reason, Timings
from corpus.articles import article_from
from corpus.errors import QuestionError
from reader.span_reader import SHIPPED, SpanReader
from retrieval.encoder import load_encoder
from retrieval.types import Filters

HOW_LONG = Ask("How long does the treaty run?")


def timeless(outcome: Outcome) -> Outcome:
    return dataclasses.replace(outcome, timings=Timings(0, 0, 0))


def check_citations(answerer: Answerer, outcome: Outcome) -> None:
    assert isinstance(outcome, Answered)
    for answer in (outcome.answer, *outcome.alternatives):
        assert answer.citations
        assert answer.text == answer.citations[0].quote
        for number, citation in enumerate(answer.citations, 1):
            article = answerer.store.article(citation.article_id)
            assert article is not None
            assert citation.number == number
            assert citation.span.slice(article.text) == citation.quote
            start = citation.span.start - len(citation.before)
            whole = citation.before + citation.quote + citation.after
            assert article.text[start : start + len(whole)] == whole
            assert citation.article_sha256 == article.sha256


def test_the_same_fact_in_two_articles_is_one_answer_with_two_citations(filled: Answerer) -> None:
    outcome = filled.ask(HOW_LONG)
    check_citations(filled, outcome)
    assert isinstance(outcome, Answered)
    assert "20" in outcome.answer.text
    assert {c.article_id for c in outcome.answer.citations} == {"treaty", "wire/agency"}


def test_this_week_is_the_week_it_is_asked_in(tmp_path: Path) -> None:
    question = "Which city did the envoys meet in this week?"
    told = {
        date(2024, 3, 5): "Envoys of both countries met in the city of Kazan, where they spoke of grain.",
        date(2025, 3, 4): "In Geneva the envoys met for two days. Nothing was signed at the lake.",
        date(2026, 3, 3): "The envoys have met again, ministers said, this time in Oslo.",
    }
    with Answerer.open(tmp_path / "index", create=True) as answerer:
        for day, text in told.items():
            answerer.put(article_from(day.isoformat(), text, title="Envoys meet", published=day))
        found = [answerer.ask(Ask(question, asked_on=day + timedelta(3))) for day in told]
        assert [one.answer.text for one in found if isinstance(one, Answered)] == ["Kazan", "Geneva", "Oslo"]
        on_any_day = Ask("Which city did the envoys meet in?")
        asked = [answerer.ask(dataclasses.replace(on_any_day, asked_on=day)) for day in (None, *told)]
        assert all(timeless(one) == timeless(asked[0]) for one in asked)


def test_this_week_is_read_though_more_weeks_like_it_are_found_than_are_read(tmp_path: Path) -> None:
    old = {
        "rome": "Which city did the envoys meet in? The envoys did meet in the city of Rome this week, as they do.",
        "bern": "In the city of Bern the envoys met this week; which city is next, the envoys did not say.",
        "kyiv": "Envoys meet in this city: the envoys came to Kyiv, a city they did not know, this week.",
    }
    with Answerer.open(tmp_path / "index", create=True, top_k=2) as answerer:
        for key, text in old.items():
            answerer.put(article_from(key, text, title="Envoys meet", published=date(2022, 3, 1)))
        answerer.put(article_from("oslo", "The envoys did meet in a city, Oslo.", published=date(2026, 3, 3)))
        for number in range(4):
            answerer.put(article_from(f"rain{number}", f"Rain fell for {number} days this week.", title="Weather"))

        def read(day: date | None) -> set[str]:
            outcome = answerer.ask(Ask("Which city did the envoys meet in this week?", asked_on=day))
            assert len(outcome.hits) == 2
            return {hit.passage.article_id for hit in outcome.hits}

        assert "oslo" not in read(None)
        assert "oslo" in read(date(2026, 3, 6))


def test_wire_copies_stand_behind_what_is_new_and_are_cited_all_the_same(tmp_path: Path) -> None:
    wire = "Officials said on Friday that the treaty runs for 20 years. It was signed by both presidents in Moscow."
    others = {
        "history": "An older treaty of the two countries was signed in 2001, and was renewed every five years.",
        "trade": "Trade between the two countries grew last year, customs officials said, most of it in grain.",
    }
    with Answerer.open(tmp_path / "index", create=True, top_k=3) as answerer:
        for number in range(4):
            answerer.put(article_from(f"wire{number}", wire, title=f"Headline {number}"))
        for key, text in others.items():
            answerer.put(article_from(key, text, title=key))
        outcome = answerer.ask(HOW_LONG)
        check_citations(answerer, outcome)
        assert isinstance(outcome, Answered)
        new = [hit.passage.article_id for hit in outcome.hits if hit.copy_of is None]
        assert (new[0][:4], sorted(new[1:])) == ("wire", ["history", "trade"])
        assert {c.article_id for c in outcome.answer.citations} == {f"wire{number}" for number in range(4)}


def test_what_the_articles_do_not_say_is_not_found_with_the_nearest_passages(filled: Answerer) -> None:
    outcome = filled.ask(Ask("Who won the 2024 World Series?"))
    assert isinstance(outcome, NotFound)
    assert outcome.reason is Reason.LOW_CONFIDENCE
    for near in outcome.nearest:
        article = filled.store.article(near.article_id)
        assert article is not None
        assert near.span.slice(article.text) == near.text


def test_an_empty_index_says_so(answerer: Answerer) -> None:
    outcome = answerer.ask(HOW_LONG)
    assert isinstance(outcome, NotFound)
    assert outcome.reason is Reason.EMPTY_INDEX


def test_filters_that_leave_nothing_give_no_hit(filled: Answerer) -> None:
    outcome = filled.ask(Ask(HOW_LONG.question, filters=Filters(articles=("no/such",))))
    assert isinstance(outcome, NotFound)
    assert outcome.reason is Reason.NO_HIT


def test_a_filter_by_article_cites_no_other(filled: Answerer) -> None:
    outcome = filled.ask(Ask(HOW_LONG.question, filters=Filters(articles=("wire/agency",))))
    assert isinstance(outcome, Answered)
    assert {c.article_id for c in outcome.answer.citations} == {"wire/agency"}


def test_at_most_as_many_citations_as_asked_for(filled: Answerer) -> None:
    outcome = filled.ask(Ask(HOW_LONG.question, max_citations=1))
    assert isinstance(outcome, Answered)
    assert len(outcome.answer.citations) == 1


def test_a_bar_of_one_lets_nothing_through_and_a_bar_of_zero_gives_the_best_there_is(filled: Answerer) -> None:
    assert isinstance(filled.ask(Ask(HOW_LONG.question, min_confidence=1.0)), NotFound)
    outcome = filled.ask(Ask("Who won the 2024 World Series?", min_confidence=0.0))
    check_citations(filled, outcome)


def test_the_same_question_has_the_same_answer_from_many_threads(filled: Answerer) -> None:
    expected = timeless(filled.ask(HOW_LONG))
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(filled.ask, [HOW_LONG] * 8))
    assert all(timeless(outcome) == expected for outcome in outcomes)


def test_the_same_articles_in_another_index_give_the_same_answer(
    filled: Answerer, folder: Path, tmp_path: Path
) -> None:
    with Answerer.open(tmp_path / "other", create=True) as other:
        for path in sorted(folder.rglob("*.txt"), reverse=True):
            known = filled.store.article(str(path.relative_to(folder).with_suffix("")))
            assert known is not None
            other.put(known)
        assert timeless(other.ask(HOW_LONG)) == timeless(filled.ask(HOW_LONG))


def test_an_article_put_is_answered_from_and_one_deleted_is_not(filled: Answerer) -> None:
    before = filled.index_id
    article = article_from("sport/final", "The cup was won by Ostwick Rovers in May. Ostwick Rovers beat Brell United.")
    assert filled.put(article) is Change.ADDED
    assert filled.put(article) is Change.UNCHANGED
    ask = Ask("Who won the cup?")
    outcome = filled.ask(ask)
    check_citations(filled, outcome)
    assert isinstance(outcome, Answered)
    assert "Rovers" in outcome.answer.text
    assert filled.index_id != before
    assert filled.put(article_from("sport/final", "The cup was won by Brell United in June.")) is Change.CHANGED
    changed = filled.ask(ask)
    assert isinstance(changed, Answered)
    assert "Brell" in changed.answer.text
    assert filled.delete("sport/final")
    assert not filled.delete("sport/final")
    gone = filled.ask(ask)
    assert isinstance(gone, NotFound) or "sport/final" not in {c.article_id for c in gone.answer.citations}
    assert filled.index_id == before


def test_another_reader_on_the_same_index_is_another_identity(filled: Answerer, tmp_path: Path) -> None:
    weights = tmp_path / "reader"
    weights.mkdir()
    for file in SHIPPED.iterdir():
        (weights / file.name).symlink_to(file)
    bolder = json.loads((SHIPPED / "reader.json").read_text(encoding="utf-8"))
    bolder["intercept"] += 1
    (weights / "reader.json").unlink()
    (weights / "reader.json").write_text(json.dumps(bolder), encoding="utf-8")

    with Answerer.open(Path(filled.store.name).parent, reader=weights) as other:
        assert other.store.contents_digest() == filled.store.contents_digest()
        assert other.index_id != filled.index_id
        assert other.ask(HOW_LONG).index == other.index_id
    assert filled.ask(HOW_LONG).index == filled.index_id


def test_a_calibration_of_ones_own_makes_other_confidences_and_another_identity(
    filled: Answerer, tmp_path: Path
) -> None:
    models = {"reader": SpanReader.load().identity, "encoder": load_encoder().identity}
    own = tmp_path / "own.json"
    CalibrationFile.of(dataclasses.replace(SHIPPED_CALIBRATION, intercept=-1.0), **models, questions=40).write(own)
    with Answerer.open(Path(filled.store.name).parent, calibration=own) as other:
        before, after = filled.ask(HOW_LONG), other.ask(HOW_LONG)
        assert isinstance(before, Answered)
        assert isinstance(after, Answered)
        assert after.answer.features == before.answer.features
        assert after.answer.confidence > before.answer.confidence
        assert after.answer.citations == before.answer.citations
        assert after.index == other.index_id != filled.index_id
    CalibrationFile.of(SHIPPED_CALIBRATION, **models, questions=40).write(own)
    with Answerer.open(Path(filled.store.name).parent, calibration=own) as same:
        assert same.index_id == filled.index_id


def test_warming_up_runs_the_reader(filled: Answerer, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    reading = SpanReader.read

    def noted(self: SpanReader, question: str, *rest: Any, **named: Any) -> Any:
        read.append(question)
        return reading(self, question, *rest, **named)

    monkeypatch.setattr(SpanReader, "read", noted)
    filled.warm_up()
    assert len(read) == 1


@pytest.mark.parametrize("question", ["😀", "?!", "\u202e…"])
def test_a_question_without_a_word_finds_nothing(filled: Answerer, question: str) -> None:
    outcome = filled.ask(Ask(question, min_confidence=0.0))
    assert isinstance(outcome, NotFound)
    assert outcome.reason is Reason.NO_HIT


@pytest.mark.parametrize("question", ["", "   ", "\n\t"])
def test_a_blank_question_is_an_error(filled: Answerer, question: str) -> None:
    with pytest.raises(QuestionError, match="blank"):
        filled.ask(Ask(question))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), min_size=1, max_size=200))
@pytest.mark.filterwarnings("default")
def test_no_question_is_a_crash(filled: Answerer, question: str) -> None:
    try:
        outcome = filled.ask(Ask(question, min_confidence=0.0))
    except QuestionError:
        return
    if isinstance(outcome, Answered):
        check_citations(filled, outcome)


@pytest.mark.parametrize(
    "question",
    [
        '"treaty" AND (NEAR OR NOT *)', "treaty:20 ^years", "SELECT * FROM articles; --", "how long\x00 treaty?",
        "😀 treaty 😀?", "كم سنة treaty؟", "\ud800 treaty", "a" * 9_000,
    ],
)  # fmt: skip
def test_questions_that_look_like_syntax_are_only_questions(filled: Answerer, question: str) -> None:
    assert isinstance(filled.ask(Ask(question)), Answered | NotFound)


def test_the_words_that_stand_in_no_article_are_named_as_typed(filled: Answerer) -> None:
    outcome = filled.ask(
        Ask("Which Treaties did Zanzibar renew? ZANZIBAR Wirtschaft-2031, treaties!", min_confidence=1.0)
    )
    assert isinstance(outcome, NotFound)
    assert outcome.unknown_words == ("Zanzibar", "Wirtschaft", "2031")
    assert filled.store.unknown_words("who is it?") == []
    assert filled.store.unknown_words('"OR NEAR( * x:y') == ["NEAR", "x", "y"]
