from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.analysis import Analysis, Term
from retrieval.query import MAX_TERMS, content_words, match_expression, terms
from retrieval.store import SQLiteDocumentStore
from tests.retrieval.samples import article, put

SYNTAX = st.sampled_from(
    [
        '"',
        "'",
        "*",
        "^",
        "(",
        ")",
        "{a b}:",
        "NEAR(",
        "AND",
        "OR",
        "NOT",
        "-",
        "+",
        ":",
        "content:",
        "\x00",
        "\u202e",
        "🙂",
    ]
)
QUESTIONS = st.lists(st.one_of(SYNTAX, st.text(st.characters(), max_size=8), st.just("treaty")), max_size=12).map(
    " ".join
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLiteDocumentStore]:
    with SQLiteDocumentStore(tmp_path_factory.mktemp("query") / "index.sqlite") as opened:
        put(opened, article("a", "The treaty lasts twenty years.", "It was signed in Moscow."), article("b", "Rain."))
        yield opened


def test_stop_words_go_and_words_come_once_in_order() -> None:
    assert terms("How long does the Treaty last — the TREATY of 2025?") == ["long", "treaty", "last", "2025"]


def test_what_only_asks_is_no_word_of_content() -> None:
    assert content_words("How many soldiers does it have?") == [Term("soldiers", ("soldiers",))]


def test_a_name_may_be_searched_for_as_a_phrase_too() -> None:
    names = Analysis(names=True)
    assert terms("When did Joe Biden meet Xi Jinping, Li Qiang?", names)[-3:] == ["joe biden", "xi jinping", "li qiang"]
    assert "joe biden" in terms("Joe Biden’s dog", names)
    assert terms("Which US city?", names) == ["us", "u s", "city"]


def test_a_country_in_capitals_is_no_stop_word() -> None:
    assert terms("Did the US tell us?") == ["us", "u s", "tell"]


def test_a_question_of_stop_words_alone_keeps_them() -> None:
    assert terms("Who are you?") == ["who", "are", "you"]


def test_a_question_without_a_word_has_no_expression() -> None:
    assert match_expression(' "?!" * \x00 🙂 ') is None


def test_operators_and_quotes_are_only_words() -> None:
    assert match_expression('NEAR("oil" AND price*) OR title:gas') == '"near" OR "oil" OR "price" OR "title" OR "gas"'


def test_a_question_of_thousands_of_words_is_cut() -> None:
    assert len(terms(" ".join(f"word{number}" for number in range(5000)))) == MAX_TERMS


@given(question=QUESTIONS)
def test_no_question_is_a_syntax_error(store: SQLiteDocumentStore, question: str) -> None:
    hits = store.search(question, None)
    assert len(hits) <= 3
    if "treaty" in terms(question):
        assert any(hit.passage.id == "a#0" for hit in hits)
