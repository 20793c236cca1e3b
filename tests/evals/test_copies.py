"""What copies cost and what spreading them is worth, measured on articles where that is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.splitting import split
from corpus.types import Article
from evals.copies import main, measured_copies, repeats
from evals.copying import Way, copied, original
from retrieval.types import Hit
from tests.evals.test_copying import ARTICLE

SIGHTS = Article("sights", "Sights", "The castle of Brell is open at weekends. A tram goes up to it from the harbour.")


def test_hits_that_repeat_an_original_are_counted_whatever_article_they_stand_in() -> None:
    made = {one.article.id: one for one in (original(ARTICLE), copied(ARTICLE, Way.SPUN, 1), original(SIGHTS))}
    passages = [split(one.article) for one in made.values()]
    bridge, spun, sights = ([Hit(passage, 1, 1.0) for passage in each] for each in passages)
    assert repeats([*bridge, *sights], made) == 0
    assert repeats([*bridge, *sights, *spun], made) == len(spun)
    assert repeats([bridge[0], *spun], made) == 1


def test_copies_are_found_and_nothing_besides() -> None:
    report = measured_copies([ARTICLE, SIGHTS], 1, 3)
    assert report["pairs"] == []
    assert report["articles"] == 2
    assert set(report["copies"]) == {way.value for way in Way}
    assert all(each["found_besides"] == 0 for each in report["copies"].values())


def test_the_command_compares_both_ways_on_planted_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    hours = {"castle": "weekends", "museum": "Mondays", "library": "noon", "market": "dawn", "tower": "nightfall"}
    rows = []
    for place, hour in hours.items():
        lines = [
            f"The {place} of Brell is open at {hour}.",
            f"A {place} like this one stands nowhere else, they say.",
        ]
        (folder / f"{place}.txt").write_text("\n\n".join(lines), encoding="utf-8")
        rows.append({"question": f"When is the {place} of Brell open?", "answers": [hour], "article_id": place})
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    command = ["copies", "--articles", str(folder), "--questions", str(questions), "--plant", "2", "--ask", "1"]
    monkeypatch.setattr("sys.argv", command)
    assert main() == 0
    asked = json.loads(capsys.readouterr().out)["asked"]
    before, after = asked["as found"], asked["copies last"]
    assert before["repeated_of_8"] > after["repeated_of_8"]
    assert before["called_copies_of_8"] > 0
    assert before["answer_recall"]["20"] == after["answer_recall"]["20"] == 1.0
    assert (before["questions_asked"], after["questions_asked"]) == (1, 1)


def test_a_file_of_questions_that_is_none_is_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["copies", "--questions", str(tmp_path / "none.jsonl")])
    assert main() == 1
    assert "none.jsonl" in capsys.readouterr().err
