"""From candidates to citations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from answering.citing import cite, nearest, surrounding, whole_sentences
from corpus.splitting import split
from corpus.text import normalise
from corpus.types import Article, Span
from reader.types import Candidate
from retrieval.types import Hit

ODD = st.text(alphabet='ab. \n\r\u00a0é\u0301\U0001f600\u202e\u05d0\u0627中!?\u200d"”', max_size=200)


def candidates_of(article: Article) -> list[Candidate]:
    """Every run of non-blank characters of the article, as a candidate."""
    found = []
    for passage in split(article):
        start = passage.span.start
        for word in passage.text.split():
            start = article.text.index(word, start)
            found.append(Candidate(passage, Span(start, start + len(word)), word, 1.0, None, 0.0))
            start += len(word)
    return found


@given(ODD)
def test_before_quote_and_after_are_contiguous_article_text(raw: str) -> None:
    text = normalise(raw + " end.")
    article = Article("a", "t", text)
    for candidate in candidates_of(article):
        (citation,) = cite([candidate], {"a": article}.get, 5)
        start = citation.span.start - len(citation.before)
        whole = citation.before + citation.quote + citation.after
        assert text[start : start + len(whole)] == whole
        assert citation.quote == candidate.text == citation.span.slice(text)


def test_a_sentence_that_stands_twice_is_cited_where_it_was_read() -> None:
    article = Article("a", "t", "It lasts 20 years. He smiled. It lasts 20 years. She left.")
    second = article.text.rindex("20 years")
    candidate = next(c for c in candidates_of(article) if c.span.start == second)
    (citation,) = cite([candidate], {"a": article}.get, 5)
    assert citation.span.start == second
    assert (citation.before, citation.quote, citation.after) == ("It lasts ", "20", " years.")


def test_a_quote_over_two_sentences_brings_both_along() -> None:
    article = Article("a", "t", "He left on Friday. She stayed until Monday. Nobody knew.")
    (passage,) = split(article)
    span = Span(article.text.index("Friday"), article.text.index("stayed"))
    assert surrounding(passage, span).slice(article.text) == "He left on Friday. She stayed until Monday."


def test_an_article_is_cited_once_and_numbers_run_on() -> None:
    articles = {name: Article(name, name, "The treaty lasts 20 years. Yes, 20 years.") for name in "abc"}
    found = [c for name in "abc" for c in candidates_of(articles[name]) if c.text == "20"]
    citations = cite(found, articles.get, 2)
    assert [(c.number, c.article_id) for c in citations] == [(1, "a"), (2, "b")]


def test_an_article_that_changed_or_went_since_is_not_cited() -> None:
    before = Article("a", "t", "The treaty lasts 20 years.")
    after = Article("a", "t", "The new treaty lasts 20 years.")
    found = candidates_of(before)
    assert cite(found, {"a": after}.get, 5) == ()
    nothing: dict[str, Article] = {}
    assert cite(found, nothing.get, 5) == ()
    assert len(cite(found, {"a": before}.get, 5)) == 1


def test_the_nearest_passages_are_the_first_hits_that_still_stand() -> None:
    articles = {name: Article(name, name, f"Words of {name}.") for name in "abcde"}
    hits = [Hit(split(articles[name])[0], rank, 1 / rank) for rank, name in enumerate("abcde", 1)]
    del articles["b"]
    assert [near.article_id for near in nearest(hits, articles.get)] == ["a", "c", "d"]


def test_every_span_of_a_list_is_cited_also_in_one_article() -> None:
    article = Article("a", "t", "It covers trade, energy and defence.")
    found = [c for c in candidates_of(article) if c.text in {"trade,", "energy", "defence."}]
    citations = cite(found, {"a": article}.get, 2, each=True)
    assert [(c.number, c.quote) for c in citations] == [(1, "trade,"), (2, "energy")]


@given(ODD)
def test_a_candidate_widened_to_its_sentences_is_still_a_slice(raw: str) -> None:
    text = normalise(raw + " end.")
    for candidate in candidates_of(Article("a", "t", text)):
        widened = whole_sentences(candidate)
        assert widened.text == widened.span.slice(text)
        assert widened.span.contains(candidate.span)
        assert candidate.passage.span.contains(widened.span)
