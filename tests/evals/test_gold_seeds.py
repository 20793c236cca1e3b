"""The gold questions on seeds/: every label stands where it says it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import evals
from corpus.loading import Loaded, load_folder
from evals.gold import GoldQuestion, check_gold, read_gold

SEEDS = Path(__file__).parents[2] / "seeds"
GOLD = Path(evals.__file__).parent / "gold" / "seeds.jsonl"
FIELDS = {"id", "question", "answers", "article", "start", "end", "kind", "answerable"}
UNANSWERABLE_KINDS = {"absent", "false_premise", "off_topic"}


@pytest.fixture(scope="module")
def gold() -> tuple[GoldQuestion, ...]:
    return read_gold(GOLD)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {item.article.id: item.article.text for item in load_folder(SEEDS) if isinstance(item, Loaded)}


def test_every_row_has_every_field_and_nothing_but_a_note_besides() -> None:
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert set(row) - {"note"} == FIELDS, row["id"]


def test_ids_and_questions_are_unique(gold: tuple[GoldQuestion, ...]) -> None:
    assert len({question.id for question in gold}) == len(gold)
    assert len({question.question.casefold() for question in gold}) == len(gold)


def test_there_are_enough_questions_and_a_quarter_have_no_answer(gold: tuple[GoldQuestion, ...]) -> None:
    unanswerable = [question for question in gold if not question.answerable]
    assert len(gold) >= 60
    assert 4 * len(unanswerable) >= len(gold)


def test_the_kind_tells_the_questions_without_an_answer(gold: tuple[GoldQuestion, ...]) -> None:
    for question in gold:
        assert question.answerable == (question.kind not in UNANSWERABLE_KINDS), question.id
        if not question.answerable:
            assert (question.article, question.span) == (None, None), question.id


def test_every_span_slices_to_the_first_answer(gold: tuple[GoldQuestion, ...], texts: dict[str, str]) -> None:
    for question in gold:
        if question.answerable:
            assert question.article is not None
            assert question.span is not None
            assert question.span.slice(texts[question.article]) == question.answers[0], question.id


def test_answers_are_trimmed_and_not_listed_twice(gold: tuple[GoldQuestion, ...]) -> None:
    for question in gold:
        assert [answer.strip() for answer in question.answers] == list(question.answers), question.id
        assert len(set(question.answers)) == len(question.answers), question.id


def test_every_article_is_asked_about(gold: tuple[GoldQuestion, ...], texts: dict[str, str]) -> None:
    assert {question.article for question in gold if question.answerable} == set(texts)


def test_the_first_question_people_ask_is_there(gold: tuple[GoldQuestion, ...]) -> None:
    (asked,) = [question for question in gold if question.question == "how long does the treaty last?"]
    assert asked.answers[0] == "20 years"
    assert "20-year" in asked.answers


def test_the_labels_pass_the_check_that_every_eval_makes(gold: tuple[GoldQuestion, ...]) -> None:
    check_gold(gold, [item.article for item in load_folder(SEEDS) if isinstance(item, Loaded)])
