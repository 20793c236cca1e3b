from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from retrieval.encoder import TOKENIZER_FILE, WEIGHTS
from retrieval.shortening import WORDS, Shortening, shortening

TOKENIZER = Tokenizer.from_file(str(WEIGHTS / TOKENIZER_FILE))
SHIPPED = shortening(TOKENIZER, WORDS)


def seen(text: str, cut: Shortening = SHIPPED) -> str:
    ids = np.array(TOKENIZER.encode(text).ids, np.int64)
    kept: str = TOKENIZER.decode(ids[cut.kept(ids)].tolist())
    return kept


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("The treaty, which was signed in Moscow, lasts for 20 years.", "treaty signed moscow lasts 20 years"),
        ("It was not signed without the king.", "not signed without king"),
        ("An aardvark's “den” is 4.5 km deep.", "aardvark den 4 5 km deep"),
        ("In May the US will join (more than 50% of us agree).", "may us will join more 50 % us agree"),
        ("a-theist; ofsted; theme", "theist ofsted theme"),
    ],
)
def test_words_and_marks_that_say_little_are_left_out(text: str, left: str) -> None:
    assert seen(text) == left


def test_a_word_is_left_out_whole_or_not_at_all() -> None:
    assert TOKENIZER.encode("atrazine").tokens[1:3] == ["at", "##raz"]
    assert seen("at the atrazine") == "atrazine"


@pytest.mark.parametrize("text", ["The Who", "It is.", "…", ""])
def test_a_text_of_nothing_else_is_left_as_it_is(text: str) -> None:
    assert SHIPPED.kept(np.array(TOKENIZER.encode(text).ids, np.int64)).all()


def test_without_words_nothing_is_left_out() -> None:
    ids = np.array(TOKENIZER.encode("The treaty, as it was.").ids, np.int64)
    assert shortening(TOKENIZER, ()).kept(ids).all()


def test_a_word_that_is_no_token_is_passed_over() -> None:
    cut = shortening(TOKENIZER, ("antidisestablishmentarianism", "treaty"))
    assert cut.left_out.sum() == 1


def test_every_word_of_the_list_is_a_token_and_stands_there_once() -> None:
    assert len(set(WORDS)) == len(WORDS)
    assert [word for word in WORDS if TOKENIZER.token_to_id(word) is None] == []


@given(st.text(max_size=200))
def test_what_is_kept_is_in_its_order_with_its_frame_and_never_nothing(text: str) -> None:
    ids = np.array(TOKENIZER.encode(text.encode("utf-8", "ignore").decode()).ids, np.int64)
    kept = SHIPPED.kept(ids)
    assert kept[0]
    assert kept[-1]
    assert kept.shape == ids.shape
    assert len(ids) == 2 or kept.sum() > 2
