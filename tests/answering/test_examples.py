from __future__ import annotations

import time

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
        ("12 soldiers were killed.", "How many soldiers were killed?", "12"),
        ("Ada Holm, the mayor of Brell, spoke.", "Who is Ada Holm?", "the mayor of Brell"),
        (
            "So said Ada Mary Holm, Brell’s ambassador to Ostwick, again.",
            "Who is Ada Mary Holm?",
            "Brell’s ambassador to Ostwick",
        ),
        ("Ada Mary Holm, the mayor of Brell, spoke.", "Who is Ada Mary Holm?", "the mayor of Brell"),
        ("It was dull, Harbour Board spokesman Ada Holm said.", "Who is Ada Holm?", "Harbour Board spokesman"),
        (
            "The talks ended after Brell sent boats to Ostwick in May 1998.",
            "When did Brell send boats to Ostwick?",
            "May 1998",
        ),
        ("The pact was signed on May 3rd with songs.", "When was the pact signed?", "May 3rd"),
        (
            "The pact is expected to stay in force for ten years.",
            "How long is the pact expected to stay in force?",
            "ten years",
        ),
        (
            "In 1998 Brell engineers built the first bridge in Ostwick, which stands.",
            "Who built the first bridge in Ostwick?",
            "Brell engineers",
        ),
    ],
)
def test_a_plain_sentence_makes_its_question(sentence: str, question: str, answer: str) -> None:
    assert examples_of(article_from("a", sentence)) == [Example(question, answer)]


@pytest.mark.parametrize(
    "sentence",
    [
        "It was opened in 1998.",
        "When Sky Digital was launched in 1998, it was dear.",
        "Normally, the leader of the party speaks.",
        "The Great Catechism, a manual for priests, was long.",
        "So said Ada Holm Brell of Ostwick, who said that Minister Jo spoke.",
        "This was signed in Moscow.",
        "Der Vertrag gilt 20 Jahre.",
        "كم سنة؟",
        "The <b>x</b> was.",
    ],
)
def test_what_asks_after_nothing_by_itself_makes_none(sentence: str) -> None:
    assert examples_of(article_from("a", sentence)) == []


def test_an_office_and_its_holder_make_a_question_each() -> None:
    assert examples_of(article_from("a", "On Friday Iranian President Ada Holm spoke.")) == [
        Example("Who is the Iranian president?", "Ada Holm"),
        Example("Who is Ada Holm?", "Iranian President"),
    ]


def test_articles_take_turns_and_a_question_comes_once() -> None:
    one, two, three = Example("A?", "a"), Example("B?", "b"), Example("A?", "c")
    assert in_turns([[one, two], [three]]) == [one, two]


def test_kinds_of_question_take_turns() -> None:
    first, second, other = (Example(f"{text}?", "a") for text in ("Who is Ada", "Who is Jo", "When was it"))
    assert in_turns([[first, second], [other]]) == [first, other, second]


def test_odd_text_takes_no_time() -> None:
    odd = (
        "Ada Holm " * 3000,
        "a" * 20_000,
        "The " + "a " * 10_000,
        "Ada sent " * 3000,
        "Ada Holm, the head of " + "a" * 20_000,
    )
    began = time.perf_counter()
    assert [examples_of(article_from("a", text)) for text in odd] == [[]] * len(odd)
    assert time.perf_counter() - began < 2


def test_an_example_is_kept_only_if_its_own_part_is_the_answer(filled: Answerer) -> None:
    outcome = filled.ask(Ask("How long does the treaty run?"))
    assert is_answered(Example("?", "20 years"), outcome)
    assert not is_answered(Example("?", "30 years"), outcome)
    assert not is_answered(Example("?", "20 years"), filled.ask(Ask("Who won the regatta?")))
