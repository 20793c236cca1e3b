"""Reading sets of open questions."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from corpus.errors import GoldError
from evals.open_sets import kind_of, read_news, read_open_squad
from tests.evals.open_samples import TOWNS, write_news, write_squad


def test_news_come_with_their_days(tmp_path: Path) -> None:
    found = read_news(write_news(tmp_path))
    assert [article.published for article in found.articles] == [date(2022, 6, at + 1) for at in range(len(TOWNS))]
    first = found.questions[0]
    assert (first.answers, first.article, first.asked_on) == (("1930",), "aldra", date(2022, 6, 10))


def test_a_larger_draw_begins_with_the_smaller(tmp_path: Path) -> None:
    found = read_news(write_news(tmp_path))
    small, large, all_of_them = found.sample(2, 13), found.sample(3, 13), found.sample(None, 13)
    assert large.questions[:2] == small.questions
    assert len(large.questions) == 3
    assert all_of_them == found
    assert found.sample(99, 13).questions != found.questions


@pytest.mark.parametrize(
    ("line", "message"),
    [('{"id": "q"}', "line 1: question"), ("no JSON", "line 1"), ('{"id": "q", "question": " "}', "question")],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: str, message: str) -> None:
    write_news(tmp_path)
    (tmp_path / "town_questions.jsonl.xz").unlink()
    (tmp_path / "town_questions.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(GoldError, match=message):
        read_news(tmp_path)


def test_two_pairs_in_one_folder_are_refused(tmp_path: Path) -> None:
    write_news(tmp_path)
    (tmp_path / "more_articles.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(GoldError, match="found 2"):
        read_news(tmp_path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    write_news(tmp_path)
    (tmp_path / "town_articles.jsonl.xz").write_bytes(b"no archive")
    with pytest.raises(GoldError, match="town_articles"):
        read_news(tmp_path)


def test_paragraphs_of_all_files_are_asked_the_questions_of_one(tmp_path: Path) -> None:
    for name, contexts in {"squad11_dev": ["One went home.", "Two stayed."], "more": ["Two stayed.", "Three?"]}.items():
        plain = tmp_path / f"{name}.json"
        write_squad(plain, contexts)
        (tmp_path / f"{name}.json.gz").write_bytes(gzip.compress(plain.read_bytes()))
    found = read_open_squad(tmp_path)
    assert [article.text for article in found.articles] == ["One went home.", "Two stayed.", "Three?"]
    assert [question.answers for question in found.questions] == [("One",), ("Two",)]
    assert {question.article for question in found.questions} == {None}


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who won?", "who"),
        ("In 2022, whose car was it?", "who"),
        ("How many were there?", "how many"),
        ("How did it end?", "how"),
        ("The bridge opened in “which” year?", "which"),
        ("Name the town.", "other"),
    ],
)
def test_the_first_question_word_says_what_is_asked_for(question: str, kind: str) -> None:
    assert kind_of(question) == kind
