"""Ranking measures against a well-kept library, and against values worked out by hand."""

from __future__ import annotations

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import RR, Qrel, ScoredDoc, nDCG

from answering.types import Citation
from corpus.types import Article, Passage, Span
from evals.ranking import (
    Ranked,
    citation_precision,
    citation_recall,
    first_rank,
    holds_answer,
    ndcg,
    once,
    rank_gold,
    reciprocal_rank,
    summarise_ranking,
)
from retrieval.types import Hit
from tests.evals.conftest import cite


@settings(max_examples=100, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=25), st.integers(0, 5))
def test_ndcg_and_reciprocal_rank_are_those_of_ir_measures(relevance: list[bool], missed: int) -> None:
    relevant = sum(relevance) + missed
    if not relevant:
        assert ndcg(relevance, 0) == 0
        return
    found = [f"d{at}" for at in range(len(relevance))]
    judged = [Qrel("q", name, 1) for name, flag in zip(found, relevance, strict=True) if flag]
    judged += [Qrel("q", f"missed{at}", 1) for at in range(missed)]
    run = [ScoredDoc("q", name, -float(at)) for at, name in enumerate(found)]
    expected = ir_measures.calc_aggregate([nDCG @ 10, RR], judged, run)
    assert ndcg(relevance, relevant) == pytest.approx(expected[nDCG @ 10])
    assert reciprocal_rank(first_rank(relevance)) == pytest.approx(expected[RR])


def test_an_article_counts_where_it_is_first_found() -> None:
    assert once(["a", "b", "a", "c", "b"]) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("It lasts 20 years, they say.", ["20 years"], True),
        ("It lasts 120 years.", ["20 years"], False),
        ("It lasts 20 long years.", ["20 years"], False),
        ("The Treaty was signed", ["treaty"], True),
        ("anything", ["the"], False),  # nothing is left of the answer
        ("anything", [], False),
    ],
)
def test_a_passage_holds_an_answer_as_whole_words(text: str, answers: list[str], expected: bool) -> None:
    assert holds_answer(text, answers) is expected


def hit(article: str, start: int, text: str, rank: int) -> Hit:
    span = Span(start, start + len(text))
    return Hit(Passage(article, 0, span, text, (span,)), rank, 1 / rank)


def test_a_ranking_is_measured_by_answer_by_passage_and_by_article() -> None:
    hits = [hit("b", 0, "opened in 1932", 1), hit("a", 0, "a bridge", 2), hit("a", 50, "since 1932", 3)]
    ranked = rank_gold(hits, [("a", Span(56, 60))], ["1932"], 1)
    assert (ranked.answer, ranked.passage, ranked.article) == (1, 3, 2)
    assert ranked.passage_ndcg == pytest.approx(1 / 2)  # 1 / log2(3 + 1)
    assert ranked.article_ndcg == pytest.approx(0.6309297)  # 1 / log2(2 + 1)


def test_no_recall_is_claimed_beyond_what_was_retrieved() -> None:
    ranked = [Ranked(1, 2, 1, 0.5, 1.0), Ranked(4, None, None, 0.0, 0.0)]
    summary = summarise_ranking(ranked, depth=5)
    assert summary.answer_recall == ((1, 0.5), (3, 0.5), (5, 1.0))
    assert (summary.passage_mrr, summary.article_mrr) == (0.25, 0.5)
    assert summarise_ranking([], 1).answer_recall == ((1, None),)


def test_citations_are_measured_both_ways(bridge: Article) -> None:
    cited: list[Citation] = [
        cite(bridge, "1932", "The bridge 🌉 opened in 1932."),
        cite(bridge, "503 metres", "It is 503 metres long."),
    ]
    here = ("bridge", cited[0].span)
    assert citation_precision(cited, [here]) == 0.5
    assert citation_recall(cited, [here, ("elsewhere", Span(0, 5))]) == 0.5
    assert citation_precision(cited, []) == 0
    assert citation_precision([], [here]) is None
    assert citation_recall([], [here]) == 0
    assert citation_recall(cited, []) is None
