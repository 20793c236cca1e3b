"""What is made is what it says: whole articles, by a seed, with words as rare and as common as in texts."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from evals.synthetic import DIMENSIONS, FUNCTION_WORDS, RAREST_ASKED, Maker
from retrieval.query import terms


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker(7)


def test_a_corpus_has_as_many_passages_as_were_asked_for(maker: Maker) -> None:
    made = list(maker.articles(101))
    assert sum(len(entry.passages) for entry in made) == 101
    assert all(4 <= len(entry.passages) <= 12 for entry in made[:-1])
    assert all(entry.vectors.shape == (len(entry.passages), DIMENSIONS) for entry in made)


def test_passages_and_sentences_stand_where_they_say(maker: Maker) -> None:
    for entry in maker.articles(30):
        for number, passage in enumerate(entry.passages):
            assert (passage.article_id, passage.number) == (entry.article.id, number)
            assert passage.span.slice(entry.article.text) == passage.text
            assert len(passage.text.split()) == 100
            told = [sentence.slice(entry.article.text) for sentence in passage.sentences]
            assert " ".join(told) == passage.text


def test_the_same_seed_makes_the_same_and_another_seed_another(maker: Maker) -> None:
    again, other = Maker(7), Maker(8)
    assert maker.article(5).article == again.article(5).article
    assert np.array_equal(maker.article(5).vectors, again.article(5).vectors)
    assert maker.article(5).article.text != other.article(5).article.text
    assert [one.query for one in maker.questions(3)] == [one.query for one in again.questions(3)]


def test_a_larger_corpus_begins_with_the_smaller(maker: Maker) -> None:
    few, many = list(maker.articles(60)), list(maker.articles(90))
    assert [entry.article for entry in few[:-1]] == [entry.article for entry in many[: len(few) - 1]]


def test_words_are_as_common_as_their_rank_says(maker: Maker) -> None:
    passages = [set(part.text.replace(".", "").split()) for entry in maker.articles(2000) for part in entry.passages]
    held = [np.mean([maker.words[rank] in words for words in passages]) for rank in (0, FUNCTION_WORDS, 2000)]
    assert held[0] > 0.95
    assert 0.02 < held[1] < 0.1
    assert held[2] < 0.01


def test_a_question_is_of_content_words_and_near_a_topic(maker: Maker) -> None:
    ranks = {word: rank for rank, word in enumerate(maker.words)}
    articles = np.concatenate([entry.vectors for entry in islice(maker.articles(10_000), 1200)])
    best = []
    for question in maker.questions(20):
        words = question.query.split()
        assert 2 <= len(words) <= 6
        assert terms(question.query) == list(dict.fromkeys(words))
        assert all(FUNCTION_WORDS <= ranks[word] < RAREST_ASKED for word in words)
        assert np.isclose(np.linalg.norm(question.vector), 1, atol=1e-5)
        best.append((articles @ question.vector).max())
    # Two vectors without a topic in common have a cosine of about 0, and hardly ever one of 0.25.
    assert np.mean(np.array(best) > 0.25) > 0.5


def test_filters_leave_a_part_of_the_articles(maker: Maker) -> None:
    made = [entry.article for entry in maker.articles(2000)]
    by_source, by_day = [], []
    for question in maker.questions(20):
        if question.filters.sources:
            by_source.append(np.mean([one.source in question.filters.sources for one in made]))
        else:
            first = question.filters.published_from
            by_day.append(
                np.mean([one.published is not None and first is not None and one.published >= first for one in made])
            )
    assert len(by_source) == len(by_day) == 10
    assert 0 < np.mean(by_source) < 0.3
    assert 0.1 < np.mean(by_day) < 0.3
