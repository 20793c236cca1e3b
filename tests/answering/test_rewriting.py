"""The answerer searches, and reads, what a follow-up stands for."""

from __future__ import annotations

from answering.answerer import Answerer
from answering.types import Ask, Turn

SAID = (Turn("user", "Who signed the treaty between Russia and Iran?"), Turn("assistant", "Vladimir Putin"))


def test_a_follow_up_is_searched_as_what_it_stands_for(filled: Answerer) -> None:
    outcome = filled.ask(Ask("How long does it run?", SAID))
    assert (outcome.question, outcome.searched) == (
        "How long does it run?",
        "How long does the treaty between Russia and Iran run?",
    )


def test_a_client_can_have_it_searched_as_it_is(filled: Answerer) -> None:
    assert filled.ask(Ask("How long does it run?", SAID, rewrite=False)).searched == "How long does it run?"


def test_what_comes_from_the_history_is_normalised(filled: Answerer) -> None:
    said = (Turn("user", "What is the Cafe\u0301 Brell?"),)
    assert filled.ask(Ask("Where is it?", said)).searched == "Where is the Caf\u00e9 Brell?"
