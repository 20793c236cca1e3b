"""``pullquote gold``, as a person and as a program uses it."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest

from answering.answerer import Answerer
from answering.feedback import Feedback, FeedbackBook, Place
from corpus.types import Article, Span
from evals.curating import line_of
from evals.gold import read_gold
from evals.gold_cli import main_gold
from tests.evals.conftest import gold

SCHEMA = Path(__file__).parents[2] / "evals" / "gold" / "schema.json"


@pytest.fixture
def corpus(bridge: Article, tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / f"{bridge.id}.txt").write_text(bridge.text, encoding="utf-8")
    return folder


@pytest.fixture
def index(corpus: Path, tmp_path: Path) -> Path:
    with Answerer.open(tmp_path / "index", create=True) as answerer:
        answerer.index_folder(corpus)
    return tmp_path / "index"


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_the_published_schema_is_that_of_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main_gold(["schema"]) == 0
    assert capsys.readouterr().out == SCHEMA.read_text("utf-8")


def test_check_lists_every_line_that_is_no_row_and_leaves_such_a_file_alone(
    bridge: Article, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text('{"id": 1}\n' + line_of(gold("when", "1932", bridge)) + "\nno json\n", encoding="utf-8")
    (corpus / f"{bridge.id}.txt").write_text("Newly told. " + bridge.text, encoding="utf-8")
    before = file.read_bytes()
    words = ["check", "--gold", str(file), "--corpus", str(corpus), "--mend"]
    assert main_gold(words) == 1
    said = capsys.readouterr().out
    assert "line 1: id: " in said
    assert "line 3: " in said
    assert "1 questions, 1 broken, 0 mended" in said
    assert file.read_bytes() == before
    assert main_gold([*words, "--json"]) == 1
    assert [flaw["line"] for flaw in json.loads(capsys.readouterr().out)["unreadable"]] == [1, 3]


def test_check_names_the_rows_that_broke_and_mends_those_that_moved(
    bridge: Article, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gold.jsonl"
    rows = [gold("when", "1932", bridge), gold("long", "503 metres", bridge)]
    file.write_text("".join(line_of(row) + "\n" for row in rows), encoding="utf-8")
    words = ["check", "--gold", str(file), "--corpus", str(corpus)]
    assert main_gold(words) == 0
    text = "Newly told. " + bridge.text.replace("503 metres", "half a kilometre")
    (corpus / f"{bridge.id}.txt").write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert main_gold([*words, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(each["id"], each["now"] is None) for each in found["broken"]] == [("when", False), ("long", True)]
    assert main_gold([*words, "--mend"]) == 1
    assert "2 questions, 2 broken, 1 mended" in capsys.readouterr().out
    assert main_gold([*words, "--json"]) == 1
    assert [each["id"] for each in json.loads(capsys.readouterr().out)["broken"]] == ["long"]


@pytest.mark.parametrize(
    ("line", "answers"),
    [("1", None), ("bridge: 503 metres", ("503 metres",)), ("-", ())],
)
def test_add_labels_the_quote_that_is_picked_the_words_that_are_typed_or_nothing(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, answers: tuple[str, ...] | None
) -> None:
    file = tmp_path / "mine.jsonl"
    typed(monkeypatch, line)
    assert main_gold(["add", "When did the bridge open?", "--gold", str(file), "--index", str(index)]) == 0
    (row,) = read_gold(file)
    assert row.question == "When did the bridge open?"
    if answers is None:
        assert row.span is not None
        assert row.article == "bridge"
    else:
        assert row.answers == answers


@pytest.mark.parametrize("line", ["bridge: 503 metres", "-"])
def test_add_keeps_today_where_the_question_speaks_of_now(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    file, began = tmp_path / "mine.jsonl", date.today()
    for question in ("What opened this week?", "What opened?"):
        typed(monkeypatch, line)
        assert main_gold(["add", question, "--gold", str(file), "--index", str(index)]) == 0
    of_now, of_no_day = read_gold(file)
    assert of_now.asked_on is not None
    assert began <= of_now.asked_on <= date.today()
    assert of_no_day.asked_on is None


@pytest.mark.parametrize("line", ["", "99", "bridge: no such words", "nowhere: 503"])
def test_add_adds_nothing_that_cannot_be_labelled(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    typed(monkeypatch, line)
    file = tmp_path / "mine.jsonl"
    assert main_gold(["add", "When did it open?", "--gold", str(file), "--index", str(index)]) == 0
    assert "nothing was added" in capsys.readouterr().out
    assert not file.exists()


def test_feedback_becomes_rows_that_a_person_accepts(
    bridge: Article, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    start = bridge.text.index("1932")
    right = Place("bridge", Span(start, start + 4))
    book = FeedbackBook(index)
    for question in ("When did it open?", "Which year?", "When was that?"):
        book.add(Feedback("a", question, "right", "1932", right))
    book.add(Feedback("b", "Who paid?", "wrong"))
    file = tmp_path / "mine.jsonl"
    typed(monkeypatch, "a", "s", "a")
    assert main_gold(["from-feedback", "--gold", str(file), "--index", str(index)]) == 0
    assert [row.question for row in read_gold(file)] == ["When did it open?", "When was that?"]
    out = capsys.readouterr().out
    assert "'Who paid?' (wrong): passed over: it does not say where" in out
    assert "2 added to" in out
    # What is a row already is not asked again.
    assert main_gold(["from-feedback", "--gold", str(file), "--index", str(index), "--accept-all"]) == 0
    assert [row.question for row in read_gold(file)] == ["When did it open?", "When was that?", "Which year?"]


def test_no_index_is_a_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["from-feedback", "--gold", str(tmp_path / "g.jsonl"), "--index", str(tmp_path / "none")]
    assert main_gold(words) == 1
    assert "pullquote: " in capsys.readouterr().err
