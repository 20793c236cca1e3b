"""What the search by words is worth."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from evals.gold import GoldQuestion
from evals.words import Found, Searches, analyses, by_both, by_rank, by_sum, by_words, figures, main, recalls
from retrieval.analysis import PLAIN, SHIPPED
from retrieval.store import SQLiteDocumentStore
from tests.retrieval.samples import article, put, vectors

FOUND = [Found((("a", 4.0), ("b", 1.0)), (("c", 0.9), ("b", 0.5)), frozenset({"b"}), 1.0)]


def test_rankings_by_hand() -> None:
    assert by_words(FOUND) == [["a", "b"]]
    assert by_both(FOUND, 0.6)[0][0] == "a"
    assert by_both(FOUND, 0.0)[0][0] == "c"
    assert by_sum(FOUND, 0.5) == [["a", "b", "c"]]  # 2, 0.5 + 0.5, 0.9
    assert by_rank(FOUND) == [["b", "a", "c"]]  # in both lists; then equal ones by id


def test_recall_counts_questions_answered_so_early() -> None:
    assert recalls(by_words(FOUND), FOUND) == [0.0, 100.0, 100.0]
    assert recalls([[]], FOUND) == [0.0, 0.0, 0.0]


def test_every_part_of_what_is_shipped_is_left_out_once() -> None:
    found = dict(analyses())
    assert (found["plain"], found["shipped"]) == (PLAIN, SHIPPED)
    assert len(set(found.values())) == len(SHIPPED.rules) + 3


def test_a_rule_shows_in_the_figures(tmp_path: Path) -> None:
    with SQLiteDocumentStore(tmp_path / "index.sqlite") as store:
        put(store, article("a", "The US agreed in May."), article("b", "Rain fell in May."))
    asked = [GoldQuestion("1", "What did the U.S. do?", ("agreed",), None, None, "fact")]
    searches = Searches(tmp_path / "index.sqlite", asked, np.array(vectors(["asked"])))
    try:
        rows = {row["row"]: row["recall"] for row in figures(searches)}
    finally:
        searches.close()
    assert rows["words: shipped"] == [100.0, 100.0, 100.0]
    assert rows["words: plain"] == rows["words: no initialisms"] == [0.0, 0.0, 0.0]


def test_the_command_prints_a_line_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"text": "twenty years", "answer_start": 17}
    qas = [{"id": "q", "question": "How long does the treaty last?", "answers": [answer]}]
    paragraphs = [{"context": "The treaty lasts twenty years.", "qas": qas}]
    (tmp_path / "squad.json").write_text(json.dumps({"data": [{"title": "Treaty", "paragraphs": paragraphs}]}))
    arguments = ["--index", str(tmp_path / "index"), "--squad", str(tmp_path / "squad.json"), "--limit", "5"]
    monkeypatch.setattr(sys, "argv", ["words", *arguments])
    assert main() == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["row"]: row["recall"] for row in rows}["fused: shipped"] == [100.0, 100.0, 100.0]
