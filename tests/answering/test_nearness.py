"""How much of a question stands beside a span."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.nearness import nearness
from corpus.articles import article_from
from corpus.splitting import split
from corpus.types import Article, Passage, Span
from reader.types import Candidate


def passage(text: str, article: str = "a") -> Passage:
    (made,) = split(Article(article, article, text))
    return made


def quoted(text: str, quote: str, article: str = "a") -> Candidate:
    """The first ``quote`` in ``text``, the passage beginning somewhere in its article."""
    inside = passage(text, article)
    span = Span(text.index(quote), text.index(quote) + len(quote))
    return Candidate(inside, span, quote, 0.0, None, 0.0)


def near(question: str, text: str, quote: str) -> float:
    """With nothing else read, so that all words count alike."""
    (share,) = nearness(question, [quoted(text, quote)], [])
    return share


def test_it_is_the_share_of_the_questions_words_in_the_sentence() -> None:
    question = "Which bridge was renamed by the mayor of Leeds?"  # bridge, renamed, mayor, Leeds
    text = "The mayor came to Leeds at noon. The old bridge was on Friday renamed Victoria by the mayor."
    assert near(question, text, "Victoria") == pytest.approx(3 / 4)
    assert near(question, text, "Friday") == pytest.approx(3 / 4)
    assert near(question, text, "noon") == pytest.approx(2 / 4)
    assert near("Who paid the ferry?", text, "Victoria") == 0


def test_rarer_words_count_for_more_by_the_smoothed_log_of_their_rarity() -> None:
    texts = {"a": "The treaty lasts twenty years.", "b": "The treaty was signed in Moscow.", "c": "The treaty is long."}
    found = [quoted(texts["a"], "twenty years", "a"), quoted(texts["b"], "Moscow", "b")]
    read = [passage(text, article) for article, text in texts.items()]
    treaty, lasts = math.log((3 + 1) / (3 + 0.5)), math.log((3 + 1) / (1 + 0.5))
    whole = treaty + lasts
    assert nearness("What lasts longer than the treaty lasts?", found, read)[0] < 1  # "longer" stands nowhere
    shares = nearness("The treaty lasts how long?", found, read)
    assert shares == pytest.approx([1.0, treaty / whole])


def test_a_passage_counts_once_for_rarity_read_or_not() -> None:
    one = quoted("The treaty lasts twenty years.", "twenty years")
    other = passage("The treaty is long.", "b")
    assert nearness("How long do treaties last? The treaty!", [one], [other]) == pytest.approx(
        nearness("How long do treaties last? The treaty!", [one, one], [one.passage, other])[:1]
    )


@pytest.mark.parametrize(
    ("question", "text", "quote"),
    [
        ("Who is the president of Iran?", "The Iranian president, Masoud Pezeshkian, spoke.", "Masoud Pezeshkian"),
        ("Which treaties failed?", "The treaty that failed is Yalta.", "Yalta"),
        ("Who met Sergei?", "Sergey was met by Anna.", "Anna"),
        ("What costs 1,000?", "Costs were 1000 for the Café.", "Café"),
        ("Who owns the cafe?", "Anna owns the Café.", "Anna"),
        ("What is a semiconductor?", "A semi-conductor is a material.", "material"),
    ],
    ids=["people", "plural", "spelling", "number", "accent", "hyphen"],
)
def test_a_word_counts_however_it_is_written(question: str, text: str, quote: str) -> None:
    beside = near(question, text, quote)
    absent = near(question + " Zanzibar", text, quote)
    assert 0 < absent < beside


def test_the_words_of_the_answer_itself_do_not_count() -> None:
    assert near("Which treaty lasts?", "Treaty of Rome lasts.", "Treaty of Rome") == pytest.approx(1 / 2)


def test_a_phrase_does_not_run_across_the_answer() -> None:
    text = "It sells for 1 whole 000 today."
    assert near("What costs 1,000?", text, "whole") == 0
    assert near("What costs 1,000?", "It sells for 1 000 today.", "today") > 0


def test_a_quote_of_the_whole_sentence_has_that_sentence() -> None:
    text = "The treaty lasts. Nothing else is known."
    assert near("Does the treaty last?", text, "The treaty lasts.") == 1
    assert near("Does the treaty last?", text, "Nothing else is known.") == 0


def test_a_document_that_names_no_sentences_is_one_sentence() -> None:
    text = "The treaty lasts. Twenty years are long."
    whole = Span(100, 100 + len(text))
    one = Candidate(Passage("a", 3, whole, text, ()), Span(118, 130), "Twenty years", 0.0, None, 0.0)
    assert text[18:30] == "Twenty years"
    assert nearness("Which treaty lasts?", [one], []) == [1.0]


def test_a_question_that_says_nothing_is_near_nothing() -> None:
    assert near("Where was it?", "It was in Moscow.", "Moscow") == 0
    assert nearness("Where is Moscow?", [], []) == []


WORDS = st.lists(
    st.sampled_from(
        ["Iran", "treaty", "Moscow", "20", "1,000", "the", ".", "a20", "semi-conductor", "É", "_", "😀", "中"]
    )
)


@given(WORDS.map(" ".join), WORDS.map(" ".join), st.data())
def test_it_is_a_share_for_every_text(question: str, text: str, data: st.DataObject) -> None:
    article = article_from("a", text + " end.")
    passages = split(article)
    candidates = []
    for one in passages:
        start = data.draw(st.integers(one.span.start, one.span.end - 1))
        end = data.draw(st.integers(start + 1, one.span.end))
        candidates.append(Candidate(one, Span(start, end), article.text[start:end], 0.0, None, 0.0))
    shares = nearness(question, candidates, passages)
    assert len(shares) == len(candidates)
    for share in shares:
        assert 0 <= share <= 1 + 1e-9
