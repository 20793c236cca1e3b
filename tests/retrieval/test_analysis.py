"""The ways one thing is written meet, and nothing written is lost."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text import normalise
from retrieval.analysis import PLAIN, Term, analyse, split
from retrieval.store import SQLiteDocumentStore
from tests.retrieval.samples import article, put

WRITTEN = st.sampled_from(
    ["U.S.", "US", "1,000", "2.5", "co-operation", "Sergei", "Łukasz", "x-1", "e.g", "$5", "’s", "été", "कि", "1 000"]
)
QUESTIONS = st.lists(st.one_of(WRITTEN, st.text(max_size=6)), max_size=10).map(" ".join)


def forms(question: str) -> list[str]:
    return [form for term in analyse(question) for form in term.forms]


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("1,000", "About 1000 came."),
        ("1000", "About 1,000 came."),
        ("1 000", "About 1,000 came."),
        ("1000", "About 1 000 came."),
        ("1,250,000", "About 1250000 came."),
        ("2.5", "It grew by 2.5%."),
        ("20-year", "It lasts 20 years."),
        ("20 years", "It is a 20-year treaty."),
        ("Russia's", "They left Russia."),
        ("Russia", "It is Russia’s."),
        ("U.S.", "The US agreed."),
        ("US", "The U.S. agreed."),
        ("U.S.A.", "The USA agreed."),
        ("co-operation", "They praised cooperation."),
        ("cooperation", "They praised co-operation."),
        ("e-mails", "They sent an email."),
        ("Sergei", "It was Sergey."),
        ("Sergey", "It was Sergej."),
        ("Zelensky", "It was Zelenskyy."),
        ("Zelenskiy", "It was Zelensky's."),
        ("Erdogan", "It was Erdoğan."),
        ("Łukasz", "It was Lukasz."),
        ("Iran", "The Iranian side agreed."),
        ("Iranians", "They left Iran."),
        ("the Dutch", "They left the Netherlands."),
        ("Myanmar", "The Burmese side agreed."),
        ("russian", "They left Russia."),
    ],
)
def test_two_ways_to_write_one_thing_meet(tmp_path: Path, asked: str, written: str) -> None:
    with SQLiteDocumentStore(tmp_path / "index.sqlite") as store:
        put(store, article("a", written), article("b", "Rain fell."))
        assert [hit.passage.article_id for hit in store.search(asked, None)] == ["a"]
        assert store.unknown_words(f"why {asked}") == []


def test_a_number_is_not_its_parts() -> None:
    assert forms("grew 2.5 to 1,000") == ["grew", "2 5", "to", "1 000", "1000"]


def test_a_year_has_no_other_form() -> None:
    assert forms("in 1945 and 2022") == ["in", "1945", "and", "2022"]


def test_a_people_whose_name_is_a_word_too_needs_its_capital() -> None:
    assert forms("polish a turkey") == ["polish", "a", "turkey"]
    assert forms("a Polish turkey") == ["a", "polish", "poland", "pole", "turkey"]


def test_a_term_remembers_how_it_was_typed() -> None:
    assert analyse("the U.S.?") == [Term("the", ("the",)), Term("U.S.", ("us", "u s"))]


def test_a_question_in_capitals_says_nothing_by_them() -> None:
    assert forms("WHO TOLD US") == ["who", "told", "us"]


@given(question=QUESTIONS)
def test_words_as_they_stand_are_runs_of_letters_digits_and_marks(question: str) -> None:
    assert [term.forms for term in analyse(question, PLAIN)] == [(word.lower(),) for word in split(normalise(question))]


@given(question=QUESTIONS)
def test_a_form_holds_nothing_but_words_and_single_spaces(question: str) -> None:
    for form in forms(question):
        assert form == " ".join(form.split())
        assert form
        assert all(unicodedata.category(char)[0] in "LNM" for char in form if char != " ")


@given(question=QUESTIONS)
def test_no_letter_or_digit_of_a_question_is_lost(question: str) -> None:
    plain = "".join(term.forms[0] for term in analyse(question, PLAIN))
    kept = "".join("".join(split(term.typed)).lower() for term in analyse(question))
    assert re.sub(r"\s", "", kept) == plain
