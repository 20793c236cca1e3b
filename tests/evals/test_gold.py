"""Gold files at the door: what is read, and how what is wrong with them is named."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from answering.types import Turn
from corpus.errors import GoldError
from corpus.types import Article, Span
from evals.gold import GoldQuestion, check_gold, parse_gold, read_gold, read_squad
from evals.runner import plain_ask
from tests.evals.conftest import gold

ROW: dict[str, Any] = {
    "id": "q1",
    "question": "When did the bridge open?",
    "answers": ["1932"],
    "article": "bridge",
    "start": 24,
    "end": 28,
    "kind": "date",
    "answerable": True,
}
ABSENT = {"id": "q2", "question": "Who?", "answers": [], "kind": "absent", "answerable": False}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_gold_file_is_read_in_its_order(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", {**ROW, "note": "twice in the text"}, ABSENT)
    assert read_gold(path) == (
        GoldQuestion("q1", ROW["question"], ("1932",), "bridge", Span(24, 28), "date", "twice in the text"),
        GoldQuestion("q2", "Who?", (), None, None, "absent"),
    )
    assert [question.answerable for question in read_gold(path)] == [True, False]


def test_a_follow_up_carries_its_history_in_order(tmp_path: Path) -> None:
    history = [{"role": "user", "content": "Who built the bridge?"}, {"role": "assistant", "content": "Dorman Long"}]
    (question,) = read_gold(write(tmp_path / "gold.jsonl", {**ROW, "question": "And when?", "history": history}))
    assert question.history == (Turn("user", "Who built the bridge?"), Turn("assistant", "Dorman Long"))


def test_a_question_is_asked_on_the_day_it_names(tmp_path: Path) -> None:
    dated, dayless = read_gold(write(tmp_path / "gold.jsonl", {**ROW, "asked_on": "2025-02-03"}, ABSENT))
    assert plain_ask(dated).asked_on == date(2025, 2, 3)
    assert plain_ask(dayless).asked_on is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"question": " "}, "question"),
        ({"asked_on": "last week"}, "asked_on"),
        ({"asked_on": 20250203}, "asked_on"),
        ({"question": None}, "question"),
        ({"answers": "1932"}, "answers"),
        ({"answers": [1932]}, "answers.0"),
        ({"answers": []}, "answers"),
        ({"answers": ["1932", " "]}, "answers"),
        ({"article": None}, "article"),
        ({"start": -1}, "start"),
        ({"start": "24"}, "start"),
        ({"start": None}, "start, end"),
        ({"end": 24}, "start, end"),
        ({"answerable": "yes"}, "answerable"),
        ({"answerable": False}, "answers"),
        ({"answerable": False, "answers": []}, "start"),
        ({"answerable": False, "answers": [], "start": 0, "end": None}, "start"),
        ({"colour": "red"}, "colour"),
        ({"id": ""}, "id"),
        ({"history": "Who built it?"}, "history"),
        ({"history": [{"role": "system", "content": "Who built it?"}]}, "history.0.role"),
        ({"history": [{"role": "user", "content": " "}]}, "history.0.content"),
        ({"history": [{"role": "user", "content": "Who built it?", "at": 1}]}, "history.0.at"),
    ],
)
def test_a_broken_row_is_named_by_file_line_and_field(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    path = write(tmp_path / "gold.jsonl", ABSENT, {**ROW, **change})
    with pytest.raises(GoldError) as raised:
        read_gold(path)
    assert str(raised.value).startswith(f"{path}, line 2: {named}: ")


def test_every_line_that_is_no_row_has_its_own_message(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", {**ROW, "end": 24}, ABSENT, ABSENT, {**ROW, "colour": "red"})
    questions, flaws = parse_gold(path)
    assert [question.id for question in questions] == ["q2"]
    assert [(flaw.line, flaw.message.split(":")[0]) for flaw in flaws] == [(1, "start, end"), (3, "id"), (4, "colour")]
    with pytest.raises(GoldError, match=r"line 1: start, end: .*'pullquote gold check' lists all 3 such lines"):
        read_gold(path)


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", {key: value for key, value in ROW.items() if key != "kind"})
    with pytest.raises(GoldError, match="line 1: kind: "):
        read_gold(path)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="line 2: id: 'q1'"):
        read_gold(write(tmp_path / "gold.jsonl", ROW, ROW))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no question"),
        (b"\n \n", "holds no question"),
        (b'{"id": \n', "line 1: "),
        (b"[]\n", "line 1: "),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_that_holds_no_gold_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_bytes(content)
    with pytest.raises(GoldError, match=said):
        read_gold(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"none\.jsonl: cannot be read"):
        read_gold(tmp_path / "none.jsonl")


def test_labels_are_held_against_the_articles(bridge: Article) -> None:
    right = gold("when", "1932", bridge)
    check_gold([right, gold("who", None, bridge)], [bridge])
    with pytest.raises(GoldError, match=r"when: article: .*'bridge'"):
        check_gold([right], [])
    with pytest.raises(GoldError, match=r"when: start, end: .*'1933'.*'1932'"):
        check_gold([right], [Article("bridge", "The bridge", bridge.text.replace("1932", "1933"))])


DEV = Path(__file__).parents[3] / "shared" / "data" / "dev" / "squad11_dev.json.gz"


@pytest.mark.skipif(not DEV.exists(), reason="the SQuAD dev set lies beside the repository on some machines only")
def test_the_whole_squad_dev_set_is_read_and_every_span_slices() -> None:
    questions, articles = read_squad(DEV)
    assert (len(questions), len(articles)) == (10_570, 2_067)
    check_gold(questions, articles)


def squad(context: str, *qas: dict[str, Any]) -> dict[str, Any]:
    return {"version": "2.0", "data": [{"title": "Old_Bridge", "paragraphs": [{"context": context, "qas": [*qas]}]}]}


def asked(name: str, *answers: tuple[str, int]) -> dict[str, Any]:
    listed = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": name, "question": f"{name}?", "answers": listed, "is_impossible": not answers}


def test_squad_gives_one_article_a_paragraph_and_its_questions(tmp_path: Path) -> None:
    content = squad("It opened in 1932.", asked("a", ("1932", 13), ("in 1932", 10), ("1932", 13)), asked("b"))
    content["data"][0]["paragraphs"].append({"context": "It is long.", "qas": [asked("c", ("long", 6))]})
    path = write(tmp_path / "squad.json", content)
    questions, articles = read_squad(path)
    assert articles == (
        Article("squad/0000", "Old Bridge", "It opened in 1932."),
        Article("squad/0001", "Old Bridge", "It is long."),
    )
    assert questions == (
        GoldQuestion("a", "a?", ("1932", "in 1932"), "squad/0000", Span(13, 17), "squad"),
        GoldQuestion("b", "b?", (), "squad/0000", None, "unanswerable"),
        GoldQuestion("c", "c?", ("long",), "squad/0001", Span(6, 10), "squad"),
    )
    check_gold(questions, articles)


def test_squad_offsets_are_carried_through_normalisation(tmp_path: Path) -> None:
    context = "\ufeffCafe\u0301s\r\nopened in 1932."
    path = tmp_path / "squad.json.gz"
    path.write_bytes(gzip.compress(json.dumps(squad(context, asked("a", ("1932", context.index("1932"))))).encode()))
    (question,), (article,) = read_squad(path)
    assert article.text == "Cafés\nopened in 1932."
    assert question.span is not None
    assert question.span.slice(article.text) == "1932"


def test_squad_without_a_field_or_with_a_wrong_offset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"data\.0\.paragraphs\.0\.qas\.0\.question: "):
        read_squad(write(tmp_path / "a.json", squad("It opened.", {"id": "a", "answers": []})))
    with pytest.raises(GoldError, match="question a: answer_start: 'opened' does not stand there"):
        read_squad(write(tmp_path / "b.json", squad("It opened.", asked("a", ("opened", 4)))))
    with pytest.raises(GoldError, match="holds no question"):
        read_squad(write(tmp_path / "c.json", {"data": []}))


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "squad.json.gz"
    for content in (b"no gzip", gzip.compress(b"{}" * 100)[:-9], gzip.compress(b"abc")[:10] + b"\xff" * 12):
        path.write_bytes(content)
        with pytest.raises(GoldError, match=r"squad\.json\.gz: cannot be read"):
            read_squad(path)
