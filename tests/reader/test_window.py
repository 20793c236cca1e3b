"""A window's tokens as text: what spans say, and which may be quoted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from corpus.types import Passage, Span
from reader.decoding import TokenSpan
from reader.span_reader import SHIPPED
from reader.window import Window

TOKENIZER = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
TEXT = st.text(alphabet="ab 20-.,\n\u00a0éTthe\U0001f600\u0627中'\"", min_size=1, max_size=60)


def window(text: str, start: int = 0) -> Window:
    span = Span(start, start + len(text))
    return Window(TOKENIZER.encode("how long?", text), Passage("a", 0, span, text, (span,)))


def said(text: str, quote: str) -> tuple[str, ...]:
    """What the tokens under the first ``quote`` in ``text`` say."""
    begins = text.index(quote)
    encoding = TOKENIZER.encode("how long?", text)
    under = [
        token
        for token, (first, last) in enumerate(encoding.offsets)
        if encoding.sequence_ids[token] == 1 and first >= begins and last <= begins + len(quote)
    ]
    return window(text).said(under[0], under[-1])


@pytest.mark.parametrize("other", ["the 20 years", "20 Years", "(20 years)", "“20 years”.", "a 20, years"])
def test_case_punctuation_and_the_english_article_do_not_change_what_is_said(other: str) -> None:
    assert said(f"It lasts {other} in all.", other) == said("It lasts 20 years.", "20 years") == ("20", "years")


@pytest.mark.parametrize("other", ["20 days", "20", "120 years", "20 year", "years 20"])
def test_other_words_say_something_else(other: str) -> None:
    assert said(f"It lasts {other}.", other) != ("20", "years")


def test_a_piece_of_a_word_says_the_whole_word() -> None:
    offsets = TOKENIZER.encode("how long?", "Pezeshkian").offsets
    (first, *_, last) = [token for token, (_, end) in enumerate(offsets) if end and token > 4]
    assert last > first
    assert window("Pezeshkian").said(first, first) == window("Pezeshkian").said(last, last) == ("pezeshkian",)


@pytest.mark.parametrize("nothing", ["the", "The", "a", "an", "?!", "the ?"])
def test_an_article_or_marks_alone_say_nothing(nothing: str) -> None:
    assert said(f"To {nothing} end", nothing) == ()


def test_a_capital_a_by_itself_is_a_name() -> None:
    assert said("Plan A, the better one", "A") == ("a",)
    assert said("A plan, the better one", "A plan") == ("plan",)


@given(TEXT, st.data())
def test_what_is_said_is_what_is_quoted(text: str, data: st.DataObject) -> None:
    made = window(text, start=7)
    places = [token for token, block in enumerate(made.blocks()) if block >= 0]
    if not places:
        return
    first = data.draw(st.sampled_from(places))
    last = data.draw(st.sampled_from([token for token in places if token >= first]))
    quote = made.whole_words(TokenSpan(first, last, 0.0)).slice(text).casefold()
    words = made.said(first, last)
    written = re.findall(r"[\w\U0001f600]+", quote)  # no mark parts an emoji from what is beside it
    telling = [word for word in written if word.strip("\U0001f600") and word not in {"a", "an", "the"}]
    assert bool(words) == bool(telling)
    for word in words:
        assert word in quote
