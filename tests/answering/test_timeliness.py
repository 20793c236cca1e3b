"""Which questions speak of now, and what an article's day is worth for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from haystack import Document
from hypothesis import given
from hypothesis import strategies as st

from answering.timeliness import (
    HALF_LIFE_DAYS,
    POOL,
    WEIGHT,
    TimelyFirst,
    counted_day,
    speaks_of_now,
    timeliness,
    timely_first,
    to_find,
)
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
    assert timeliness(counted_day(question, TODAY), [hit("a", TODAY)]) == {}


def test_a_day_is_worth_most_on_itself_and_half_of_it_a_half_life_away() -> None:
    days = [timedelta(0), timedelta(HALF_LIFE_DAYS), timedelta(-HALF_LIFE_DAYS), timedelta(3 * HALF_LIFE_DAYS)]
    hits = [*(hit(str(at), TODAY - day) for at, day in enumerate(days)), hit("dayless", None)]
    assert timeliness(TODAY, hits) == pytest.approx(
        {"0#0": 0, "1#0": -WEIGHT / 2, "2#0": -WEIGHT / 2, "3#0": -WEIGHT * 7 / 8, "dayless#0": -WEIGHT}
    )


@pytest.mark.parametrize("published", [TODAY, date(2020, 1, 1), None])
def test_articles_of_one_day_lose_and_gain_nothing(published: date | None) -> None:
    hits = [hit("a", published), hit("b", published)]
    assert timeliness(TODAY, hits) == {"a#0": 0, "b#0": 0}


def test_without_a_day_of_asking_nothing_is_worth_anything() -> None:
    assert timeliness(counted_day("What was agreed this week?", None), [hit("a", TODAY)]) == {}


@given(st.dates(), st.dates(), st.dates())
def test_nothing_loses_more_than_the_weight_however_far_apart_the_days_are(
    asked_on: date, one: date, other: date
) -> None:
    worth = timeliness(asked_on, [hit("a", one), hit("b", other)]).values()
    assert max(worth) == 0
    assert min(worth) >= -WEIGHT


NOW = "What was agreed this week?"


def found() -> list[Hit]:
    """Four hits, all two years old but the third, which is of today; and a copy of the third and of the fourth."""
    old, today = date(2024, 11, 27), TODAY
    hits = [hit("a", old), hit("b", old), hit("c", today), hit("d", old), hit("e", today), hit("f", old)]
    of = [None, None, None, None, "c#0", "d#0"]
    scores = [0.9, 0.8, 0.65, 0.6, 0.5, 0.4]
    rows = zip(hits, of, scores, strict=True)
    return [replace(one, rank=at, score=score, copy_of=copy) for at, (one, copy, score) in enumerate(rows, 1)]


def test_of_what_is_found_the_timeliest_is_read_and_its_copies() -> None:
    assert to_find(TODAY, 2) == 2 * POOL
    chosen = timely_first(counted_day(NOW, TODAY), found(), 2)
    # c is 0.25 behind a, and its day is worth 0.3.
    assert [(one.passage.article_id, one.rank) for one in chosen] == [("c", 1), ("a", 2), ("e", 3)]
    # Two years before, a is of the day, and so is every other but c and e.
    assert [one.passage.article_id for one in timely_first(date(2024, 11, 27), found(), 2)] == ["a", "b"]


@pytest.mark.parametrize(("question", "day"), [("What was agreed?", TODAY), (NOW, None)])
def test_where_no_day_counts_all_that_is_found_is_read_as_it_came(question: str, day: date | None) -> None:
    assert to_find(counted_day(question, day), 8) == 8
    assert timely_first(counted_day(question, day), found(), 2) == found()


def test_where_no_article_has_a_day_the_best_are_read() -> None:
    dayless = [replace(one, published=None) for one in found()]
    assert [one.passage.article_id for one in timely_first(TODAY, dayless, 3)] == ["a", "b", "c", "e"]


def test_documents_stay_beside_their_hits() -> None:
    hits = found()
    documents = [Document(id=f"document of {one.passage.article_id}") for one in hits]
    chosen = TimelyFirst(2).run(documents, hits, TODAY)
    assert [one.id for one in chosen["documents"]] == ["document of c", "document of a", "document of e"]
    assert [one.passage.article_id for one in chosen["hits"]] == ["c", "a", "e"]
