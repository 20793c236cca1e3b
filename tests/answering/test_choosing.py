"""Weighing and grouping candidates."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.choosing import NEARNESS_WEIGHT, RETRIEVAL_WEIGHT, by_evidence, distinct, group, listed, supporting
from answering.timeliness import counted_day
from corpus.splitting import split
from corpus.types import Article, Passage, Span
from reader.types import Candidate
from retrieval.types import Hit

# None of its words says what it is about.
QUESTION = "Where was it?"


def candidate(text: str, log_odds: float, article: str = "a", number: int = 0) -> Candidate:
    passage = Passage(article, number, Span(0, len(text)), text, ())
    return Candidate(passage, Span(0, len(text)), text, 0.0, None, log_odds)


def hit(of: Candidate, score: float) -> Hit:
    return Hit(of.passage, 1, score)


def test_the_same_fact_in_three_articles_is_one_group() -> None:
    found = [
        candidate("20 years", 5, "a"),
        candidate("20-year", 4, "b"),
        candidate("Moscow", 3, "c"),
        candidate("twenty years", 2, "d"),
    ]
    groups = group(QUESTION, found, [])
    assert [[m.passage.article_id for m in g.members] for g in groups] == [["a", "b", "d"], ["c"]]


def test_the_reader_decides_between_equally_good_passages() -> None:
    weak, strong = candidate("Moscow", 1, "a"), candidate("Kazan", 2, "b")
    assert group(QUESTION, [weak, strong], [hit(weak, 0.5), hit(strong, 0.5)])[0].best is strong


def test_a_better_passage_outweighs_a_slightly_surer_reader() -> None:
    read, retrieved = candidate("Moscow", 2.0, "a"), candidate("Kazan", 1.5, "b")
    assert group(QUESTION, [read, retrieved], [hit(read, 0.0), hit(retrieved, 1.0)])[0].best is retrieved
    far = candidate("Moscow", 1.5 + RETRIEVAL_WEIGHT + 0.1, "a")
    assert group(QUESTION, [far, retrieved], [hit(far, 0.0), hit(retrieved, 1.0)])[0].best is far


def test_of_two_answers_alike_the_one_beside_the_questions_words_is_chosen() -> None:
    texts = {"a": "Nobody knew of Kazan.", "b": "The treaty was signed in Moscow."}
    found = []
    for article, text in texts.items():
        quote = text.split(" ")[-1].rstrip(".")
        passage = Passage(article, 0, Span(0, len(text)), text, ())
        found.append(Candidate(passage, Span(len(text) - len(quote) - 1, len(text) - 1), quote, 0.0, None, 1.0))
    assert [one.best.text for one in group(QUESTION, found, [])] == ["Kazan", "Moscow"]
    signed = group("Where was the treaty signed?", found, [])
    assert [one.best.text for one in signed] == ["Moscow", "Kazan"]
    assert [one.worth for one in signed] == pytest.approx([1.0 + NEARNESS_WEIGHT, 1.0])


def test_what_is_asked_of_now_is_taken_from_the_articles_of_then() -> None:
    old, new = candidate("Moscow", 2.0, "old"), candidate("Kazan", 1.0, "new")
    hits = [
        Hit(old.passage, 1, 0.5, published=date(2024, 1, 9)),
        Hit(new.passage, 2, 0.5, published=date(2026, 11, 26)),
    ]

    def first(question: str, asked_on: date | None) -> str:
        return group(question, [old, new], hits, counted_day(question, asked_on))[0].best.text

    assert first("Where did they meet this week?", date(2026, 11, 27)) == "Kazan"
    assert first("Where did they meet this week?", date(2024, 1, 10)) == "Moscow"
    assert first("Where did they meet this week?", None) == "Moscow"
    assert first("Where did they meet?", date(2026, 11, 27)) == "Moscow"


@pytest.mark.parametrize("second", [("b", 0), ("a", 1)], ids=["of two articles", "of one"])
def test_what_two_passages_say_outweighs_what_one_says_a_little_more_clearly(second: tuple[str, int]) -> None:
    twice = [candidate("Moscow", 1.0, "a"), candidate("Moscow", 1.0, *second)]
    for log_odds, first in ((1.0 + math.log(2) - 0.01, "Moscow"), (1.0 + math.log(2) + 0.01, "Kazan")):
        groups = group(QUESTION, [*twice, candidate("Kazan", log_odds, "c")], [])
        assert groups[0].best.text == first


def test_a_passage_that_says_it_twice_counts_once() -> None:
    once = candidate("Moscow", 1.0, "a")
    twice = [once, replace(once, span=Span(1, 6), log_odds=0.9)]
    assert group(QUESTION, [*twice, candidate("Kazan", 1.1, "c")], [])[0].best.text == "Kazan"


def test_a_copy_does_not_count_beside_its_original() -> None:
    original, copy, other = candidate("Moscow", 1.0, "a"), candidate("Moscow", 1.0, "b"), candidate("Kazan", 1.1, "c")
    hits = [hit(original, 0.5), hit(other, 0.5), replace(hit(copy, 0.5), copy_of=original.passage.id)]
    assert group(QUESTION, [original, copy, other], hits)[0].best is other
    assert group(QUESTION, [original, copy, other], hits)[1].members == (original, copy)


@given(st.permutations(range(6)))
def test_the_order_of_the_candidates_does_not_matter(order: list[int]) -> None:
    found = [
        candidate(text, 1.0, article) for article, text in zip("abcdef", ["x", "y", "x", "z w", "w", "y"], strict=True)
    ]
    assert group(QUESTION, [found[i] for i in order], []) == group(QUESTION, found, [])


def test_only_members_that_reach_the_floor_support_the_best() -> None:
    members = [candidate("Moscow", log_odds, article) for log_odds, article in ((-0.5, "a"), (0.0, "b"), (-2.0, "c"))]
    found = group(QUESTION, members, [hit(members[0], 1.0), hit(members[1], 0.0)])
    assert found[0].best is members[0]
    assert [m.passage.article_id for m in supporting(found[0], 0.4)] == ["a", "b"]


def test_a_list_leaves_out_those_beside_whom_nothing_of_the_question_stands() -> None:
    text = "Ida Krog signed the lease. So did Per Holm, who signed the lease last. By Nils Berg."
    (passage,) = split(Article("lease", "Lease", text))

    def named(name: str, margin: float) -> Candidate:
        at = text.index(name)
        return Candidate(passage, Span(at, at + len(name)), name, margin, None, 0.0)

    ida, per, nils = named("Ida Krog", 3.0), named("Per Holm", 2.0), named("Nils Berg", 2.0)
    assert listed("Who signed the lease?", ida, [nils, per, ida], [passage]) == [ida, per]
    assert listed("Who was it?", ida, [nils, per, ida], [passage]) == [ida, per, nils]
    # What is as sure as the best is listed wherever it stands.
    assert listed("Who signed the lease?", ida, [named("Nils Berg", 3.0), ida], [passage])[1].text == "Nils Berg"


def test_no_candidate_makes_no_group() -> None:
    assert group(QUESTION, [], []) == []


def test_passages_stand_in_the_order_of_what_the_reader_saw_in_them() -> None:
    found = [candidate("Moscow", 0.0, article) for article in "abcd"]
    hits = [hit(one, score) for one, score in zip(found, (0.9, 0.8, 0.8, 0.7), strict=True)]
    hits[2] = replace(hits[2], copy_of=found[1].passage.id)
    said = [replace(one, answers=answers) for one, answers in zip(found, (-2.0, 3.0, 3.0, None), strict=True)]
    # The fourth comes from a network that says nothing of passages: its span speaks for it.
    said[3] = replace(said[3], log_odds=4.0)
    assert by_evidence(hits, said) == [hits[3], hits[1], hits[0], hits[2]]


def test_passages_that_were_not_read_stay_in_their_order_behind_the_others() -> None:
    found = [candidate("Moscow", -9.0, article) for article in "abc"]
    hits = [hit(one, 0.5) for one in found]
    assert by_evidence(hits, [found[2]]) == [hits[2], hits[0], hits[1]]
    assert by_evidence(hits, []) == hits


def test_a_share_of_the_fused_score_orders_passages_the_reader_holds_alike() -> None:
    found = [replace(candidate("Moscow", 0.0, article), answers=1.0) for article in "ab"]
    hits = [hit(found[0], 0.3), hit(found[1], 0.4)]
    assert by_evidence(hits, found) == hits[::-1]


def test_of_items_with_the_same_words_the_likelier_stays_and_of_those_within_others_none() -> None:
    items = [
        replace(candidate(text, 0.0, article), margin=margin)
        for text, margin, article in (
            ("China and Russia", 1.0, "a"),
            ("the Russia and China", 2.0, "b"),
            ("Russia", 3.0, "c"),
            ("Iran", 0.5, "d"),
            ("Iran", 0.5, "e"),
        )
    ]
    assert distinct(items) == [items[1], items[3]]
    assert distinct([]) == []


def test_an_answer_is_worded_as_most_of_its_odds_have_it() -> None:
    found = [
        candidate("USA Swimming", 1.0, "a"),
        candidate("Swimming", 0.8, "b"),
        candidate("swimming", 0.7, "c"),
        candidate("the USA Swimming body", 0.2, "d"),
    ]
    (alone,) = group(QUESTION, found, [])
    assert [member.text for member in alone.members] == [
        "Swimming",
        "swimming",
        "USA Swimming",
        "the USA Swimming body",
    ]
    assert alone.worth == pytest.approx(math.log(sum(map(math.exp, (1.0, 0.8, 0.7, 0.2)))))
    (surer,) = group(QUESTION, [replace(found[0], log_odds=3.0), *found[1:]], [])
    assert surer.best.text == "USA Swimming"
