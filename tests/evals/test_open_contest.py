"""Open questions put to contestants, and the whole command over a tiny set."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from corpus.types import Passage, Span
from evals import open_bench
from evals.open_contest import Remembering, Seen, Trace, Wanted, in_turns, yet_to_ask
from evals.open_rows import read
from evals.open_sets import OpenSet, read_news
from reader.types import Candidate
from tests.evals.open_samples import TOWNS, write_news


@dataclass(eq=False)
class Says:
    """Says the year of the first town, or raises, and notes what it was asked."""

    name: str
    breaks: bool = False
    log: list[str] = field(default_factory=list)

    def ask(self, question: str) -> str:
        self.log.append(question)
        if self.breaks:
            raise RuntimeError
        return ""

    def trace(self, _: str) -> Trace:
        return Trace("1930", 0.4, "aldra#0", (Seen("aldra#0", "opened in 1930", 0.9), Seen("borun#0", "in 1931", 0.1)))


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_news(tmp_path_factory.mktemp("news"))


@pytest.fixture(scope="module")
def towns(news: Path) -> OpenSet:
    return read_news(news)


def test_a_row_says_which_hits_hold_an_answer_and_when_they_were_published(towns: OpenSet) -> None:
    days = {article.id: article.published for article in towns.articles}
    (found,) = in_turns([Wanted(towns.questions[0], (Says("ours"),))], days.get)
    assert (found.side, found.said, found.insisted, found.answer_rank) == ("ours", "", "1930", 1)
    assert [hit.published for hit in found.hits] == ["2022-06-01", "2022-06-02"]
    assert [hit.holds for hit in found.hits] == [True, False]


def test_a_contestant_that_raises_has_failed_and_the_run_goes_on(towns: OpenSet) -> None:
    wanted = [Wanted(question, (Says("broken", breaks=True),)) for question in towns.questions[:2]]
    rows = list(in_turns(wanted, lambda _: None))
    assert [(row.failed, row.insisted, row.hits) for row in rows] == [(True, "", ())] * 2


def test_who_was_asked_is_not_asked_again_and_a_limit_holds(towns: OpenSet) -> None:
    ours, stock = Says("ours"), Says("stock")
    first = list(in_turns([Wanted(towns.questions[0], (ours, stock))], lambda _: None))
    wanted = yet_to_ask(towns.questions, first, {ours: None, stock: 2})
    assert [[c.name for c in one.contestants] for one in wanted] == [["ours", "stock"], ["ours"], ["ours"]]


def test_a_passage_is_read_once_until_all_is_forgotten() -> None:
    reader = Remembering.load(threads=1)
    passage = Passage("a", 0, Span(0, 26), "The bridge opened in 1932.", ())
    (once,) = reader.read("When did it open?", [passage], per_passage=2)
    (again,) = reader.read("When did it open?", [passage], per_passage=2)
    assert once is again
    reader.forget()
    (anew,) = reader.read("When did it open?", [passage], per_passage=2)
    assert anew is not once
    assert anew == once
    assert all(isinstance(candidate, Candidate) for candidate in anew)


def test_the_command_measures_keeps_and_goes_on(news: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--news", str(news), "--no-stock", "--threads", "1", "--cache", str(tmp_path), "--json"]
    assert open_bench.main([*command, "--limit", "2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ours"]["questions"], told["ours"]["failures"]) == (2, 0)
    rows = tmp_path / "news" / "rows.jsonl"
    kept = rows.read_bytes()
    assert open_bench.main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ours"]["questions"] == len(TOWNS)
    assert dict(told["ours"]["answer_recall"])[8] == 1.0
    assert told["ours"]["insisted_em"] == 1.0
    assert rows.read_bytes().startswith(kept)
    _, found = read(rows)
    assert len(found) == len(TOWNS)
    assert all(any(span.text == row.gold[0] for span in row.spans) for row in found)
    assert all(row.passage is not None for row in found)


def test_rows_made_with_other_settings_are_refused(
    news: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--news", str(news), "--no-stock", "--threads", "1", "--cache", str(tmp_path), "--limit", "1"]
    assert open_bench.main(command) == 0
    assert "answer-recall@8" in capsys.readouterr().out
    assert open_bench.main([*command, "--top-k", "3"]) == 1
    assert "top_k" in capsys.readouterr().err


def test_the_peers_questions_are_compared_apart(towns: OpenSet) -> None:
    wanted = [Wanted(towns.questions[0], (Says("ours"), Says("stock"))), Wanted(towns.questions[1], (Says("ours"),))]
    found = open_bench.compared(list(in_turns(wanted, lambda _: None)), depth=20)
    assert {name: side.questions for name, side in found.items()} == {
        "ours": 2,
        "ours, stock's questions": 1,
        "stock": 1,
    }
