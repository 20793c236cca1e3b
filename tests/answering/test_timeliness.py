"""Which questions speak of now, and what an article's day is worth for them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.timeliness import HALF_LIFE_DAYS, WEIGHT, counted_day, speaks_of_now, timeliness
from corpus.types import Passage, Span
from retrieval.types import Hit

TODAY = date(2026, 11, 27)


def hit(article: str, published: date | None) -> Hit:
    return Hit(Passage(article, 0, Span(0, 4), "Text", ()), 1, 0.5, published=published)


@pytest.mark.parametrize(
    "question",
    [
        "What did the ministers agree on this week?",
        "Who won the primary on Tuesday?",
        "Which team recently moved to Leeds?",
        "Who will host the next summit?",
        "Will the ferry sail?",
        "Who is currently the mayor?",
        "WHAT HAPPENED YESTERDAY?",
        "What was signed last\u00a0month?",
    ],
)
def test_a_question_that_means_another_day_tomorrow_speaks_of_now(question: str) -> None:
    assert speaks_of_now(question)
    assert counted_day(question, TODAY) == TODAY
    assert counted_day(question, None) is None


@pytest.mark.parametrize(
    "question",
    [
        "How long does the treaty last?",
        "Who is Will Smith?",
        "When was the lighthouse built?",
        "What knowledge is needed?",
        "In which month of 2021 was it opened?",
    ],
)
def test_a_question_that_means_the_same_on_every_day_does_not(question: str) -> None:
    assert not speaks_of_now(question)
    assert counted_day(question, TODAY) is None
    assert timeliness(question, TODAY, [hit("a", TODAY)]) == {}


def test_a_day_is_worth_most_on_itself_and_half_of_it_a_half_life_away() -> None:
    days = [timedelta(0), timedelta(HALF_LIFE_DAYS), timedelta(-HALF_LIFE_DAYS), timedelta(3 * HALF_LIFE_DAYS)]
    found = timeliness("What was agreed this week?", TODAY, [hit(str(at), TODAY - day) for at, day in enumerate(days)])
    assert found == pytest.approx({"0#0": WEIGHT, "1#0": WEIGHT / 2, "2#0": WEIGHT / 2, "3#0": WEIGHT / 8})


def test_without_a_day_of_asking_or_of_publication_nothing_is_worth_anything() -> None:
    assert timeliness("What was agreed this week?", None, [hit("a", TODAY)]) == {}
    assert timeliness("What was agreed this week?", TODAY, [hit("a", None)]) == {}


@given(st.dates(), st.dates())
def test_it_lies_between_0_and_its_weight_however_far_apart_the_days_are(asked_on: date, published: date) -> None:
    (worth,) = timeliness("now", asked_on, [hit("a", published)]).values()
    assert 0 <= worth <= WEIGHT
