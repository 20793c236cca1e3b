"""The gold questions on seeds/: every label stands where it says it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import evals
from corpus.loading import Loaded, load_folder
from corpus.splitting import sentences
from evals.gold import GoldQuestion, check_gold, read_gold
from retrieval.query import terms

SEEDS = Path(__file__).parents[2] / "seeds"
GOLD = Path(evals.__file__).parent / "gold" / "seeds.jsonl"
FIELDS = {"id", "question", "answers", "article", "start", "end", "kind", "answerable"}
KINDS = {
    *("list", "whether", "quote", "paraphrase", "agreement", "disagreement", "follow-up"),
    *("who", "when", "where", "what", "which", "why", "how_long", "how_many"),
}
UNANSWERABLE_KINDS = {"absent", "false_premise", "off_topic"}


def of_kind(gold: tuple[GoldQuestion, ...], kind: str) -> list[GoldQuestion]:
    return [question for question in gold if question.kind == kind]


@pytest.fixture(scope="module")
def gold() -> tuple[GoldQuestion, ...]:
    return read_gold(GOLD)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {item.article.id: item.article.text for item in load_folder(SEEDS) if isinstance(item, Loaded)}


def test_every_row_has_every_field_and_nothing_but_a_note_and_a_history_besides() -> None:
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert set(row) - {"note", "history"} == FIELDS, row["id"]


def test_ids_are_unique_and_no_question_is_asked_twice_after_the_same_history(gold: tuple[GoldQuestion, ...]) -> None:
    assert len({question.id for question in gold}) == len(gold)
    assert len({(question.question.casefold(), question.history) for question in gold}) == len(gold)


def test_there_are_two_hundred_questions_and_about_a_quarter_have_no_answer(gold: tuple[GoldQuestion, ...]) -> None:
    unanswerable = [question for question in gold if not question.answerable]
    assert len(gold) >= 200
    assert 0.2 <= len(unanswerable) / len(gold) <= 0.3


def test_every_kind_of_question_is_asked(gold: tuple[GoldQuestion, ...]) -> None:
    assert {question.kind for question in gold} == KINDS | UNANSWERABLE_KINDS
    assert len(of_kind(gold, "follow-up")) >= 10


def test_follow_ups_come_after_a_question_and_its_answer(gold: tuple[GoldQuestion, ...]) -> None:
    for question in gold:
        roles = [turn.role for turn in question.history]
        assert roles == ["user", "assistant"] * (len(roles) // 2), question.id
        assert roles or question.kind != "follow-up", question.id
        assert not roles or question.kind in UNANSWERABLE_KINDS | {"follow-up"}, question.id


def test_a_yes_or_no_question_is_settled_by_a_whole_sentence(
    gold: tuple[GoldQuestion, ...], texts: dict[str, str]
) -> None:
    settled = [q for q in of_kind(gold, "whether") if q.article and q.span in sentences(texts[q.article])]
    assert len(settled) >= 10


def test_a_paraphrase_shares_no_content_word_with_its_sentence(
    gold: tuple[GoldQuestion, ...], texts: dict[str, str]
) -> None:
    for question in of_kind(gold, "paraphrase"):
        assert question.article is not None
        assert question.span is not None
        text = texts[question.article]
        (around,) = [s for s in sentences(text) if s.start <= question.span.start < s.end]
        assert {*terms(question.question)} & {*terms(around.slice(text))} == set(), question.id


def test_where_two_articles_speak_the_note_names_the_other_and_its_wording_is_gold_too(
    gold: tuple[GoldQuestion, ...], texts: dict[str, str]
) -> None:
    for question in (*of_kind(gold, "agreement"), *of_kind(gold, "disagreement")):
        (other,) = [name for name in texts if re.search(rf"in {name}\b", question.note or "")]
        assert other != question.article, question.id
        theirs = [answer for answer in question.answers if answer in texts[other]]
        ours = [answer for answer in question.answers if answer in texts[question.article or ""]]
        assert theirs, question.id
        if question.kind == "disagreement":
            assert set(theirs) != set(ours), question.id


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
