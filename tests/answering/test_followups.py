from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answering.followups import stand_alone
from answering.types import Turn


def history(*said: str) -> tuple[Turn, ...]:
    """Questions and answers in turn; an empty answer is one that is not there."""
    roles = ("user", "assistant")
    return tuple(Turn(roles[at % 2], text) for at, text in enumerate(said) if text)  # type: ignore[arg-type]


TREATY = ("Who signed the treaty between Russia and Iran?", "Vladimir Putin and Masoud Pezeshkian")
TOWER = ("What is the Eiffel Tower?", "a wrought-iron tower", "Who built it?", "Gustave Eiffel")
PRESIDENT = ("Who is the president of Iran?", "Masoud Pezeshkian")
SOLDIERS = ("How many soldiers does Russia have?", "1.3 million")
MEETING = ("Where did Putin and Pezeshkian meet?", "the Kremlin")
OLDER = ("What agreement did the treaty replace?", "an agreement from 2001")
FERRY = ("When was the Holm ferry launched?", "1904")


@pytest.mark.parametrize(
    ("said", "question", "expected"),
    [
        (TREATY, "How long does it last?", "How long does the treaty between Russia and Iran last?"),
        (TREATY, "And where did they meet?", "Where did Vladimir Putin and Masoud Pezeshkian meet?"),
        (TOWER, "When was he born?", "When was Gustave Eiffel born?"),
        (TOWER, "How tall is the tower?", "How tall is the Eiffel Tower?"),
        (PRESIDENT, "Who is his wife?", "Who is Masoud Pezeshkian's wife?"),
        (PRESIDENT, "Did he thank his brother?", "Did Masoud Pezeshkian thank his brother?"),
        (
            TREATY,
            "Does it oblige them to fight?",
            "Does the treaty between Russia and Iran oblige Vladimir Putin and Masoud Pezeshkian to fight?",
        ),
        (("What did Pezeshkian say?", "little"), "When did he arrive?", "When did Pezeshkian arrive?"),
        (MEETING, "Who else was there?", "Who else was in the Kremlin?"),
        (MEETING, "What did they sign there?", "What did Putin and Pezeshkian sign in the Kremlin?"),
        (OLDER, "When was that one signed?", "When was the agreement signed?"),
        (FERRY, "Who was mayor then?", "Who was mayor in 1904?"),
        (FERRY, "How long did it take to build?", "How long did the Holm ferry take to build?"),
        (FERRY, "What are the safety rules?", "What are the safety rules of the Holm ferry?"),
        (FERRY, "What was the speed?", "What was the speed of the Holm ferry?"),
        (FERRY, "What else is in this article?", "What else is in the Holm ferry?"),
    ],
)
def test_pronouns_get_the_name_they_stand_for(said: tuple[str, ...], question: str, expected: str) -> None:
    assert stand_alone(question, history(*said)) == expected


@pytest.mark.parametrize(
    ("said", "question", "expected"),
    [
        (("Does the treaty cover trade?", "yes"), "Why?", "Why does the treaty cover trade?"),
        (("Where was the treaty signed?", "the Kremlin"), "And by whom?", "By whom was the treaty signed?"),
        (("Who opened the bridge?", "Ada Brell"), "When?", "When was it that Ada Brell opened the bridge?"),
        (("Who opened the bridge?", "I don't know."), "When?", "When was it that someone opened the bridge?"),
        (PRESIDENT, "Since when?", "Since when is Masoud Pezeshkian the president of Iran?"),
        (("What did Iran sell?", "drones"), "Since when?", "Since when did Iran sell drones?"),
        (("Who opened the bridge?", "Ada Brell"), "Who else?", "Who else opened the bridge?"),
        (("Did Ada Brell study law?", "yes"), "How long?", "How long did Ada Brell study law?"),
        (
            ("Who opened the bridge?", "Ada Brell"),
            "And where did it happen?",
            "Where was it that Ada Brell opened the bridge?",
        ),
        (("How much gas will be sold?", "little"), "By whom?", "By whom will little be sold?"),
        (SOLDIERS, "What about Iran?", "How many soldiers does Iran have?"),
        (
            ("How long will the trade pact last?", "20 years"),
            "What about the old one?",
            "How long will the old one last?",
        ),
        (SOLDIERS, "And Iran?", "How many soldiers does Iran have?"),
        (SOLDIERS, "How about tanks?", "How many tanks does Russia have?"),
        (("What does a nurse earn in Norway?", "enough"), "What about in Spain?", "What does a nurse earn in Spain?"),
    ],
)
def test_what_is_left_out_is_lent_by_the_last_question(said: tuple[str, ...], question: str, expected: str) -> None:
    assert stand_alone(question, history(*said)) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How long does the treaty between Russia and Iran last?",
        "How old was Gustave Eiffel when he built his first bridge?",
        "Does Iran sell its oil to China?",
        "Is it true that Russia sells gas to China?",
        "How long does it take to become a nurse?",
        "Are there elections in Spain this year?",
        "How many countries are there?",
        "Where was the contract signed?",
        "Where is the army going?",
        "What is a hypersonic missile?",
        "Which songs that Ada Brell wrote are sung today?",
        "What did Gus Holm do with the money he saved?",
        "Thanks!",
        "ok",
        "?",
        "",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    for said in (TREATY, TOWER, PRESIDENT, SOLDIERS, ()):
        assert stand_alone(question, history(*said)) == question


@pytest.mark.parametrize("question", ["Und wann war das?", "Was ist her?", "¿Y él?", "Et lui ?", "그는 누구입니까?"])
def test_a_question_that_is_not_english_is_left_as_it_is(question: str) -> None:
    assert stand_alone(question, history(*PRESIDENT)) == question
    assert stand_alone(question, history("Wer hat den Vertrag unterzeichnet?", "Putin")) == question


def test_a_name_reaches_the_fifth_pronoun() -> None:
    said = ["Where was Ada Brell born?", "Ostwick", "What did she study?", "law", "When did she die?", "1904"]
    said += ["Was she ever married?", "to Gus Holm", "Did she write?", "I don't know."]
    assert stand_alone("What are her books?", history(*said)) == "What are Ada Brell's books?"


def test_a_new_person_takes_over() -> None:
    said = ("When was Ada Brell born?", "1850", "Who is the mayor of Ostwick?", "Gus Holm")
    assert stand_alone("How old is he?", history(*said)) == "How old is Gus Holm?"


def test_she_is_not_whom_he_was() -> None:
    said = ("When did Gus Holm retire?", "1904", "Where did he live?", "Ostwick")
    assert stand_alone("Was she a nurse?", history(*said)) == "Was she a nurse?"


def test_of_a_long_markdown_answer_only_the_first_line_counts() -> None:
    answer = "**Masoud Pezeshkian** [1]\n\n> Vladimir Putin said so.\n\nSources: Donald Trump"
    said = history("Who leads the country?", answer)
    assert stand_alone("When did he take office?", said) == "When did Masoud Pezeshkian take office?"


@pytest.mark.parametrize("answer", ["Not found. The articles do not say.", "I don't know.", "", "  \n "])
def test_an_answer_that_is_none_names_nobody(answer: str) -> None:
    said = (Turn("user", "Who leads it?"), Turn("assistant", answer))
    assert stand_alone("When was he born?", said) == "When was he born?"


def test_answers_without_questions_and_questions_without_answers_are_no_error() -> None:
    assert stand_alone("When was he born?", (Turn("assistant", "Gus Holm"),)) == "When was he born?"
    asked = (Turn("user", "What did Gus Holm say?"), Turn("user", "Why?"))
    assert stand_alone("When was he born?", asked) == "When was Gus Holm born?"


PHRASES = st.sampled_from(
    ["he", "it", "that", "there", "then", "the", "this", "her", "Putin", "Iran", "and", "of", "what", "did", "was",
     "'s", "?", ",", ".", "what about", "else", "one", "article", "in", "1904", "signed", "\ud800", "😀", "\x00"]
)  # fmt: skip
TEXTS = st.one_of(st.text(st.characters(), max_size=60), st.lists(PHRASES, max_size=14).map(" ".join))


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), TEXTS), max_size=6))
def test_no_conversation_is_a_crash_and_none_gives_nothing(question: str, said: list[Turn]) -> None:
    made = stand_alone(question, said)
    assert made == stand_alone(question, said)
    assert bool(made.strip()) == bool(question.strip())
    assert len(made) < 5_000


def test_a_long_history_costs_little() -> None:
    line = "Who did it, and what did he and she and they say of that there then? "
    said = history(*[line * 200, "Gus Holm " * 900] * 10)
    began = time.process_time()
    stand_alone("Did he and she and it and they go there then? " * 8, said)
    assert time.process_time() - began < 1.0
