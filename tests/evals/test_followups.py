from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from corpus.errors import GoldError
from evals.followups import ask_all, closed, main, overlap, read_follow_ups, wording

ROWS = [
    ("d1", [], "When was the Holm ferry launched?", "When was the Holm ferry launched?"),
    ("d1", ["When was the Holm ferry launched?", "in 1904"], "Who built it?", "Who built the Holm ferry?"),
    ("d1", ["…", "in 1904", "Who built it?", "Ada Brell"], "What is rain?", "What is rain?"),
    ("d2", [], "Where is Ostwick?", "Where is Ostwick?"),
    ("d2", ["Where is Ostwick?", "I don't know."], "Who leads the parish?", "Who leads the parish of Ostwick?"),
]


def write(path: Path, *, with_answers: bool = True) -> Path:
    rows = [
        {
            "id": f"{dialog}#{number}",
            "dialog": dialog,
            "title": {"d1": "Holm ferry", "d2": "Ostwick"}[dialog],
            "history": history if with_answers else history[::2],
            "question": question,
            "rewrite": rewrite,
        }
        for number, (dialog, history, question, rewrite) in enumerate(ROWS)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(lzma.compress(text.encode()) if path.suffix == ".xz" else text.encode())
    return path


def test_answers_are_told_from_questions(tmp_path: Path) -> None:
    turns = read_follow_ups(write(tmp_path / "followups_a.jsonl.xz"))
    assert [turn.role for turn in turns[2].history] == ["user", "assistant"] * 2
    assert [turn.answer for turn in turns] == ["in 1904", "Ada Brell", None, None, None]
    bare = read_follow_ups(write(tmp_path / "followups_b.jsonl", with_answers=False))
    assert [turn.role for turn in bare[2].history] == ["user", "user"]
    assert {turn.answer for turn in bare} == {None}


def test_a_conversation_is_in_one_half_and_each_is_in_one(tmp_path: Path) -> None:
    path = write(tmp_path / "followups_a.jsonl")
    first, second = ({turn.dialog for turn in read_follow_ups(path, half)} for half in ("first", "second"))
    assert first | second == {"d1", "d2"}
    assert not first & second


def test_the_words_are_counted_by_hand(tmp_path: Path) -> None:
    figures = wording(read_follow_ups(write(tmp_path / "followups_a.jsonl")))
    assert (figures.first, figures.stand_alone, figures.follow_ups) == (2, 1, 2)
    assert (figures.first_alone, figures.stand_alone_alone, figures.rewrites_alone) == (1.0, 1.0, 1.0)
    assert figures.changed == 0.5
    # "built" of "built, holm, ferry"; "leads, parish" of "leads, parish, ostwick".
    assert figures.raw == pytest.approx((1.0, (1 / 3 + 2 / 3) / 2, (0.5 + 0.8) / 2))
    assert figures.ours == pytest.approx((1.0, (1 + 2 / 3) / 2, (1 + 0.8) / 2))
    assert figures.reachable == 1.0


def test_overlap_is_of_words_with_content() -> None:
    assert overlap("Who built it?", "Who built the ferry?") == pytest.approx((1.0, 0.5, 2 / 3))
    assert overlap("What rains?", "Who built it?") == (0.0, 0.0, 0.0)


def test_a_gap_that_is_not_there_is_not_closed() -> None:
    assert closed(0.5, 0.75, 1.0) == 0.5
    assert closed(0.5, 0.5, 0.5) == 0.0


def test_three_wordings_are_asked_of_the_conversations_answers(tmp_path: Path) -> None:
    turns = read_follow_ups(write(tmp_path / "followups_a.jsonl"))
    asked = ask_all(turns, turns, threads=1)
    assert list(asked) == ["as typed", "by rule", "by a person"]
    assert {each.questions for each in asked.values()} == {1}
    assert asked["by rule"] == asked["by a person"]
    assert asked["by rule"].mrr == 1.0


def test_the_command_prints_json_and_names_what_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "followups_a.jsonl")
    assert main(["--data", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["followups_a.jsonl"]["words"]["follow_ups"] == 2
    assert main(["--data", str(tmp_path)]) == 0
    assert "gap in F1" in capsys.readouterr().out
    (tmp_path / "followups_b.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    assert main(["--data", str(tmp_path)]) == 1
    assert "followups_b.jsonl, line 1" in capsys.readouterr().err
    with pytest.raises(GoldError):
        read_follow_ups(tmp_path / "followups_b.jsonl")
    assert main(["--data", str(tmp_path / "none")]) == 1
