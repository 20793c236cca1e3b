from __future__ import annotations

import sys
from itertools import pairwise
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.splitting import sentences, split
from corpus.text import normalise
from corpus.types import Article, Span
from tests.corpus.files import odd_texts


def cut(text: str) -> list[str]:
    return [span.slice(text) for span in sentences(text)]


def holds_every_character_once(text: str, spans: tuple[Span, ...]) -> bool:
    gaps = [text[a.end : b.start] for a, b in pairwise(spans)]
    edges = [text[: spans[0].start], text[spans[-1].end :]] if spans else [text]
    return not "".join(gaps + edges).strip() and all(a.end <= b.start for a, b in pairwise(spans))


@pytest.mark.parametrize(
    "expected",
    [
        ["He met Mr. Ito of the U.S. Senate.", "They talked."],
        ["She flew to the U.S.", "On Friday she left."],
        ["The U.S.-led talks cost $3.5 bn.", "An S-300 was sold."],
        ["“It is done.”", "He left."],
        ["“Why?” he asked.", "No one knew."],
        ["He said “the pact… is sound.”", "It was not."],
        ["George W. Bush spoke.", "So did J. R. Ewing."],
        ["It rose to No. 3 on Jan. 5.", "Then it fell."],
        ["Acme Inc. Chairman Lee left.", "Acme sold to Bolt Inc.", "The price was low."],
        ["Wait . . . what?", "Yes!"],
        ["Done.[1]", "Next."],
        ["مرحبا؟", "نعم."],
        ["the text lost its capitals.", "it still ends here."],
        ["In 2013.", "Iran built it."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


def test_chinese_sentences_need_no_space_between_them() -> None:
    assert cut("你好。再见！“好。”他说") == ["你好。", "再见！", "“好。”", "他说"]


def test_a_headline_a_list_and_a_blank_line_end_sentences() -> None:
    text = "A headline without a stop\nBy a Name\n\nThe leaders met\n- one thing\n- another thing\n1. a third"
    assert cut(text) == text.replace("\n\n", "\n").split("\n")


def test_a_hard_wrapped_line_does_not_end_a_sentence() -> None:
    text = (
        "The leaders of both countries met on Friday in the capital, where President\n"
        "Example signed the pact, which had been discussed for years by officials in\n"
        "Moscow and elsewhere. The agreement covers trade, transport and energy, and\n"
        "Parliament has to approve it.\n"
    )
    assert [sentence.split()[-1] for sentence in cut(text)] == ["elsewhere.", "it."]


def test_lines_that_are_paragraphs_end_sentences_though_no_stop_does() -> None:
    text = "\n".join(["President A met President B in the capital " + "to talk about trade " * 6 + "again"] * 4)
    assert len(cut(text)) == 4


@pytest.mark.parametrize("unit", ["word ", "x" * 5000, "你好", "ไทยไม่มีวรรค", "word, "])
def test_text_without_stops_is_cut_into_pieces(unit: str) -> None:
    text = unit * (30_000 // len(unit))
    spans = sentences(text)
    assert len(spans) > 5
    assert holds_every_character_once(text, spans)


def test_an_overlong_sentence_is_cut_between_words() -> None:
    text = " ".join(f"word{n}" + "x" * (n % 60) for n in range(2000))
    assert [word for piece in cut(text) for word in piece.split()] == text.split()


@settings(deadline=None)
@given(odd_texts())
def test_sentences_hold_every_character_once_on_any_text(raw: str) -> None:
    text = normalise(raw)
    spans = sentences(text)
    assert holds_every_character_once(text, spans)
    assert all(span.slice(text) == span.slice(text).strip() != "" for span in spans)


@settings(deadline=None)
@given(odd_texts(), st.integers(1, 120))
def test_passages_slice_to_their_text_and_hold_every_sentence_once(raw: str, target_words: int) -> None:
    article = Article("a", "t", normalise(raw))
    passages = split(article, target_words=target_words)
    assert [passage.number for passage in passages] == list(range(len(passages)))
    for passage in passages:
        assert article.text[passage.span.start : passage.span.end] == passage.text
        assert passage.sentences
        assert all(passage.span.contains(sentence) for sentence in passage.sentences)
        assert (passage.sentences[0].start, passage.sentences[-1].end) == (passage.span.start, passage.span.end)
    assert tuple(s for passage in passages for s in passage.sentences) == sentences(article.text)
    assert holds_every_character_once(article.text, tuple(passage.span for passage in passages))


@pytest.mark.parametrize("count", [1, 7, 11, 23, 24, 25, 100])
def test_passages_balance_and_leave_no_scrap(count: int) -> None:
    text = "The ten words of this short sentence are all alike. " * count
    words = [len(passage.text.split()) for passage in split(Article("a", "t", text))]
    assert all(60 <= n <= 160 for n in words) or (len(words) == 1 and count * 10 < 160)


def test_a_passage_ends_with_a_paragraph_where_it_can() -> None:
    paragraph = "Nine words stand in this sentence of the paragraph. " * 5
    text = "\n\n".join([paragraph.strip()] * 6)
    passages = split(Article("a", "t", text))
    assert all(text[passage.span.end : passage.span.end + 2] in ("\n\n", "") for passage in passages)


def test_blank_text_has_no_passages() -> None:
    assert split(Article("a", "t", " \n\u00a0\n")) == ()


def test_a_target_below_one_word_is_refused() -> None:
    with pytest.raises(ValueError, match="target_words"):
        split(Article("a", "t", "x"), target_words=0)


@pytest.mark.parametrize("unit", ["The cat sat. ", "“a. ", ". ", "你好。", "a\n", "A. " + " " * 300, '"', "x", ".[1"])
def test_splitting_takes_steps_in_proportion_to_the_text(unit: str) -> None:
    def steps(chars: int) -> int:
        article = Article("a", "t", (unit * chars)[:chars])
        calls = 0

        def count(_frame: FrameType, _event: str, _argument: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            split(article)
        finally:
            sys.setprofile(None)
        return calls

    # Eight times the text: eight times the calls if linear, sixty-four if quadratic.
    assert steps(32_000) < 12 * steps(4_000) + 2_000
