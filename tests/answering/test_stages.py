"""Each stage is told when it ends, and whoever listens may stop the rest."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest

from answering.answerer import Answerer
from answering.stages import Found, FoundTeller, Searched, Stage
from answering.types import Answered, Ask, Turn
from reader.span_reader import SpanReader
from retrieval.component import HybridRetriever
from retrieval.encoder import load_encoder
from tests.answering.test_answerer import HOW_LONG, timeless


def test_what_is_searched_and_what_is_found_are_told_in_turn(filled: Answerer) -> None:
    told: list[Stage] = []
    outcome = filled.ask(Ask("  How long does the treaty run? "), told.append)
    searched, found = told
    assert searched == Searched("How long does the treaty run?")
    assert isinstance(found, Found)
    # As the search ranks them; the outcome has the same as the reader does.
    ranked = HybridRetriever.around(filled.store, load_encoder(), top_k=len(outcome.hits)).run(searched.question)[
        "hits"
    ]
    told_places = [(each.article_id, each.span) for each in found.passages]
    assert told_places == [(hit.passage.article_id, hit.passage.span) for hit in ranked]
    read = [(hit.passage.article_id, hit.passage.span) for hit in outcome.hits]
    assert sorted(told_places, key=str) == sorted(read, key=str)
    for each in found.passages:
        article = filled.store.article(each.article_id)
        assert article is not None
        assert (each.title, each.text) == (article.title, each.span.slice(article.text))


def test_of_a_follow_up_the_question_that_stands_alone_is_told(filled: Answerer) -> None:
    history = (Turn("user", HOW_LONG.question), Turn("assistant", "20 years"))
    told: list[Stage] = []
    outcome = filled.ask(Ask("And where was it signed?", history), told.append)
    assert told[0] == Searched(outcome.searched)
    assert "treaty" in outcome.searched


def test_a_listener_changes_nothing_in_the_answer(filled: Answerer) -> None:
    assert timeless(filled.ask(HOW_LONG, lambda _: None)) == timeless(filled.ask(HOW_LONG))


def test_what_was_found_is_told_before_it_is_read(filled: Answerer, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    read = SpanReader.read

    def noted(*args: object, **kwargs: object) -> object:
        order.append("read")
        return read(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(SpanReader, "read", noted)
    assert isinstance(filled.ask(HOW_LONG, lambda stage: order.append(type(stage).__name__)), Answered)
    assert order == ["Searched", "Found", "read"]


@pytest.mark.parametrize("last", [Searched, Found])
def test_a_listener_that_is_cancelled_stops_the_work(
    filled: Answerer, monkeypatch: pytest.MonkeyPatch, last: type
) -> None:
    monkeypatch.setattr(SpanReader, "read", Mock(side_effect=AssertionError("it was read all the same")))

    def listener(stage: Stage) -> None:
        if isinstance(stage, last):
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        filled.ask(HOW_LONG, listener)


def test_a_question_that_cannot_be_searched_is_told_in_the_same_stages(answerer: Answerer) -> None:
    told: list[Stage] = []
    answerer.ask(HOW_LONG, told.append)
    assert told == [Searched(HOW_LONG.question), Found(())]


def test_nothing_is_looked_up_where_nobody_listens() -> None:
    teller = FoundTeller(Mock(side_effect=AssertionError("looked up")))
    assert teller.run(documents=[], hits=[Mock()]) == {"documents": []}
