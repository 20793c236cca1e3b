"""The day of asking, as a filter and as a tie-break."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from answering.answerer import Answerer
from corpus.types import Passage, Span
from evals.gold import GoldQuestion
from evals.open_dates import by_nearness, main, ranks
from evals.open_sets import read_news
from retrieval.types import Filters, Hit
from tests.evals.open_samples import write_news

DAYS = {"old": date(2018, 1, 1), "new": date(2022, 6, 9)}
ASKED = date(2022, 6, 10)


def found(article: str, rank: int, score: float, text: str = "spring") -> Hit:
    return Hit(Passage(article, 0, Span(0, len(text)), text, ()), rank, score)


HITS = (found("old", 1, 0.6), found("undated", 2, 0.58), found("new", 3, 0.55, "in 1932"))


@pytest.mark.parametrize(
    ("near", "order"),
    [(0.0, ["old", "undated", "new"]), (0.02, ["old", "undated", "new"]), (0.1, ["new", "old", "undated"])],
)
def test_an_article_near_the_asking_gains_what_it_is_given(near: float, order: list[str]) -> None:
    assert [hit.passage.article_id for hit in by_nearness(HITS, ASKED, DAYS.get, near, 14)] == order


def test_without_a_day_of_asking_nothing_changes() -> None:
    assert by_nearness(HITS, None, DAYS.get, 1.0, 14) == list(HITS)


def test_a_window_searches_the_days_before_the_asking() -> None:
    asked_for: list[Filters] = []

    def search(filters: Filters | None) -> Sequence[Hit]:
        if filters is None:
            return HITS
        asked_for.append(filters)
        return HITS[2:]

    told = ranks(GoldQuestion("q", "?", ("1932",), None, None, "when", asked_on=ASKED), search, DAYS.get, 14)
    assert (told["all dates"], told["nearness 0.2"], told["7 days before the asking"]) == (3, 1, 1)
    assert asked_for[0] == Filters(published_from=date(2022, 6, 3), published_to=date(2022, 6, 11))


def test_the_command_prints_recalls_by_way_of_searching(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    news = write_news(tmp_path)
    with Answerer.open(tmp_path / "index", threads=1, create=True) as answerer:
        for article in read_news(news).articles:
            answerer.put(article)
    command = ["--news", str(news), "--index", str(tmp_path / "index")]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["all dates"]["20"] == 1.0
    assert told["7 days before the asking"]["20"] == 0.5
    assert main(command) == 0
    assert "nearness 0.05" in capsys.readouterr().out
