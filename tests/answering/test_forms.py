"""What a question wants."""

from __future__ import annotations

import pytest

from answering.forms import Form, form_of


@pytest.mark.parametrize(
    "question",
    [
        "Did Iran sign the treaty?",
        "is it renewable",
        "And does it cover trade?",
        "“Can it be extended?”",
        "Isn't it a defence pact?",
        "Does it say whether or not it ends?",
    ],
)
def test_a_question_that_a_verb_opens_wants_yes_or_no(question: str) -> None:
    assert form_of(question) is Form.YES_NO


@pytest.mark.parametrize(
    "question",
    [
        "Which areas does it cover?",
        "who signed?",
        "Who were the signatories?",
        "What three factors make it up?",
        "Which two presidents signed it?",
        "List the partners of Iran",
        "what are the five languages",
    ],
)
def test_a_question_after_several_things_wants_a_list(question: str) -> None:
    assert form_of(question) is Form.LIST


@pytest.mark.parametrize(
    "question",
    [
        "How long does the treaty last?",
        "Was it 10 or 20 years?",
        "May 2015 was the month of what?",
        "What is the news?",
        "What was his status?",
        "What has happened?",
        "What does the US say?",
        "Which bus goes there?",
        "Which class is it?",
        "What was signed?",
        "Name one of the causes",
        "Who is the president?",
        "",
        "???",
        "Wie lange gilt er?",
    ],
)
def test_any_other_question_wants_one_span(question: str) -> None:
    assert form_of(question) is Form.SPAN
