from __future__ import annotations

import pytest

from answering.answerer import Answerer
from answering.examples import Example, examples_of, in_turns, is_answered
from answering.types import Ask
from corpus.articles import article_from


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("The treaty runs for 20 years, officials said.", "How long does the treaty run?", "20 years"),
        ("The old bridge was opened on 3 May 1998.", "When was the old bridge opened?", "3 May 1998"),
        ("The bridge was opened by Ada Holm.", "Who opened the bridge?", "Ada Holm"),
        ("The treaty was signed in Moscow.", "Where was the treaty signed?", "Moscow"),
        ("On Friday Iranian President Ada Holm spoke.", "Who is the Iranian president?", "Ada Holm"),
        ("12 soldiers were killed.", "How many soldiers were killed?", "12"),
        ("Ada Holm, the mayor of Brell, spoke.", "Who is Ada Holm?", "the mayor of Brell"),
    ],
)
def test_a_plain_sentence_makes_its_question(sentence: str, question: str, answer: str) -> None:
    assert examples_of(article_from("a", sentence)) == [Example(question, answer, "a")]


@pytest.mark.parametrize(
    "sentence",
    [
        "It was opened in 1998.",
        "This was signed in Moscow.",
        "Der Vertrag gilt 20 Jahre.",
        "كم سنة؟",
        "The <b>x</b> was.",
    ],
)
def test_what_asks_after_nothing_by_itself_makes_none(sentence: str) -> None:
    assert examples_of(article_from("a", sentence)) == []


def test_articles_take_turns_and_a_question_comes_once() -> None:
    one, two, three = Example("A?", "a", "x"), Example("B?", "b", "x"), Example("A?", "a", "y")
    assert list(in_turns([[one, two], [three]])) == [one, two]


def test_an_example_is_kept_only_with_its_own_answer_from_its_own_article(filled: Answerer) -> None:
    outcome = filled.ask(Ask("How long does the treaty run?"))
    assert is_answered(Example("?", "20 years", "treaty"), outcome)
    assert not is_answered(Example("?", "30 years", "treaty"), outcome)
    assert not is_answered(Example("?", "20 years", "harbour"), outcome)
