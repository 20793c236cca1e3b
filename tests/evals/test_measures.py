"""Exact match and F1 against values worked out by hand; abstention, percentiles, citations."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Article, Span
from evals.measures import (
    Abstention,
    BestThreshold,
    abstention,
    best_threshold,
    citation_is_exact,
    citations_hit,
    exact_match,
    f1,
    mean,
    normalise_answer,
    percentile,
)
from tests.evals.conftest import cite

WORDS = st.text(alphabet="abthe 20é—🌉.,'\u00a0", max_size=24)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Cat's hat, a hat!", "cats hat hat"),
        ("An answer", "answer"),
        ("Theatre and another", "theatre and another"),
        ("the", ""),
        ("", ""),
        ("$5.5 million", "55 million"),
        ("20-year", "20year"),
        ("20\u00a0years\n", "20 years"),
        ("U.S.A.", "usa"),
        ("A.B.", "ab"),
        ("ÉCOLE — “Été”", "école — “été”"),
    ],
)
def test_an_answer_is_normalised_as_the_definition_says(text: str, expected: str) -> None:
    assert normalise_answer(text) == expected


@pytest.mark.parametrize(
    ("predicted", "gold", "em", "token_f1"),
    [
        ("Eiffel Tower", ["the Eiffel Tower"], 1.0, 1.0),
        ("the Eiffel Tower in Paris", ["Eiffel Tower"], 0.0, 2 / 3),  # precision 2/4, recall 2/2
        ("in 1932", ["1932", "the year 1932"], 0.0, 2 / 3),  # first label: 1/2 and 1/1; second: 1/2 and 1/2
        ("dog dog", ["dog"], 0.0, 2 / 3),  # a word counts as often as it stands in both
        ("dog cat dog", ["dog dog bird"], 0.0, 2 / 3),
        ("Hassan Rouhani", ["Vladimir Putin"], 0.0, 0.0),
        ("20-year", ["20 years"], 0.0, 0.0),
        ("“20 years”", ["20 years"], 0.0, 0.0),  # typographic quotes are not punctuation to the definition
        ("20 YEARS.", ["20 years"], 1.0, 1.0),
        ("", ["20 years"], 0.0, 0.0),
        ("the", ["20 years"], 0.0, 0.0),
        ("", [], 1.0, 1.0),
        ("20 years", [], 0.0, 0.0),
        ("a", ["the"], 1.0, 1.0),  # nothing is left of either
        ("x", ["the", "x y"], 0.0, 2 / 3),  # a label of which nothing is left is no label
    ],
)
def test_exact_match_and_f1_are_those_worked_out_by_hand(
    predicted: str, gold: list[str], em: float, token_f1: float
) -> None:
    assert exact_match(predicted, gold) == em
    assert f1(predicted, gold) == pytest.approx(token_f1)


@given(WORDS, WORDS)
def test_f1_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert f1(one, [other]) == pytest.approx(f1(other, [one]))
    assert 0 <= f1(one, [other]) <= 1


@given(WORDS, st.lists(WORDS, max_size=4))
def test_exact_match_never_exceeds_f1(predicted: str, gold: list[str]) -> None:
    assert exact_match(predicted, gold) <= f1(predicted, gold)


@given(WORDS, st.lists(WORDS, min_size=1, max_size=4))
def test_any_gold_answer_is_a_full_match(predicted: str, gold: list[str]) -> None:
    labels = [*gold, predicted]
    if normalise_answer(predicted):
        assert exact_match(predicted, labels) == f1(predicted, labels) == 1


@given(WORDS)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise_answer(text)
    assert normalise_answer(once) == once


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([10.0], 95, 10.0),
        ([1.0, 2.0, 3.0, 4.0], 50, 2.5),
        ([4.0, 1.0, 3.0, 2.0], 95, 3.85),
        ([float(v) for v in range(101)], 95, 95.0),
    ],
)
def test_percentiles_are_interpolated(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == pytest.approx(expected)


def test_nothing_measured_is_none_and_not_zero() -> None:
    assert percentile([], 50) is None
    assert mean([]) is None
    assert abstention([]) == Abstention(None, None, None)
    assert abstention([(True, False)]) == Abstention(1.0, None, None)


def test_abstention_counts_right_decisions_right_abstentions_and_what_was_missed() -> None:
    decisions = [(True, False), (True, False), (True, True), (False, True), (False, False)]
    assert abstention(decisions) == Abstention(accuracy=3 / 5, precision=1 / 2, recall=1 / 2)


def test_the_best_threshold_is_found_by_hand() -> None:
    scored = [(5.0, 1.0, 0.0), (3.0, 0.0, 1.0), (1.0, 0.5, 0.0)]
    # Answering none is worth 1/3, the first 2/3, the first two 1/3, all three 1.5/3.
    assert best_threshold(scored) == BestThreshold(5.0, 2 / 3)


def test_the_best_threshold_does_not_tear_equal_confidences_apart() -> None:
    scored = [(2.0, 1.0, 0.0), (2.0, 0.0, 1.0)]
    assert best_threshold(scored) == BestThreshold(float("inf"), 0.5)


@given(st.lists(st.tuples(st.integers(-3, 3).map(float), st.floats(0, 1), st.sampled_from([0.0, 1.0])), min_size=1))
def test_no_threshold_beats_the_best_one(scored: list[tuple[float, float, float]]) -> None:
    def at(threshold: float) -> float:
        return sum(answered if confidence >= threshold else abstained for confidence, answered, abstained in scored)

    best = best_threshold(scored)
    tried = [at(threshold) / len(scored) for threshold in (float("inf"), *(confidence for confidence, _, _ in scored))]
    assert best.f1 == pytest.approx(max(tried))
    assert best.f1 == pytest.approx(at(best.threshold) / len(scored))


def test_a_threshold_over_no_question_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one question"):
        best_threshold([])


def test_an_exact_citation_holds(bridge: Article) -> None:
    assert citation_is_exact(cite(bridge, "1932", "The bridge 🌉 opened in 1932."), bridge)


def test_a_citation_that_breaks_anywhere_is_not_exact(bridge: Article) -> None:
    good = cite(bridge, "503 metres", "It is 503 metres long.")
    broken = [
        replace(good, span=good.span.shifted(1)),
        replace(good, quote="504 metres"),
        replace(good, quote="", span=Span(0, 0)),
        replace(good, before="It was "),
        replace(good, after=" wide."),
        replace(good, before="x" * 100),
        replace(good, article_sha256="0" * 64),
    ]
    for number, citation in enumerate(broken):
        assert not citation_is_exact(citation, bridge), number
    assert not citation_is_exact(good, None)
    assert not citation_is_exact(good, Article("bridge", "The bridge", bridge.text.replace("503", "505")))


def test_a_hit_is_one_shared_character_in_the_same_article(bridge: Article) -> None:
    citation = cite(bridge, "503 metres", "It is 503 metres long.")
    last = Span(citation.span.end - 1, citation.span.end + 5)
    assert citations_hit([citation], "bridge", last)
    assert not citations_hit([citation], "bridge", Span(citation.span.end, citation.span.end + 5))
    assert not citations_hit([citation], "another", citation.span)
    assert not citations_hit([], "bridge", citation.span)
