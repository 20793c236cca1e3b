"""The reader-only measures over a reader whose candidates are known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from corpus.errors import GoldError
from corpus.types import Article, Passage, Span
from evals.gold import GoldQuestion
from evals.reading import NullSummary, read_all, summarise_reading
from reader.types import Candidate
from tests.evals.conftest import gold


@dataclass(frozen=True)
class ScriptedReader:
    """Finds, for each question, the quotes written down for it, each with its confidence."""

    script: Mapping[str, Sequence[tuple[str, float]]]

    def read(self, question: str, passages: Sequence[Passage], *, per_passage: int = 3) -> list[list[Candidate]]:
        return [
            [
                Candidate(
                    passage, Span(start := passage.text.index(quote), start + len(quote)), quote, 0.0, None, log_odds
                )
                for quote, log_odds in self.script[question][:per_passage]
            ]
            for passage in passages
        ]


def unanswerable(name: str, article: Article) -> GoldQuestion:
    return GoldQuestion(name, name, (), article.id, None, "unanswerable")


def test_squad_1_takes_the_best_span_whatever_its_confidence(bridge: Article) -> None:
    reader = ScriptedReader({"when": [("503", -9.0), ("in 1932", -2.0)], "long": []})
    questions = [gold("when", "1932", bridge), gold("long", "503", bridge)]
    readings = list(read_all(reader, questions, {bridge.id: bridge}, 0.5))
    assert [reading.answer for reading in readings] == ["in 1932", ""]
    summary = summarise_reading(readings, 0.5)
    assert summary.em == 0
    assert summary.f1 == pytest.approx(1 / 3)
    assert summary.with_null is None


def test_squad_2_is_measured_with_the_shipped_and_with_the_best_threshold(bridge: Article) -> None:
    reader = ScriptedReader(
        {
            "sure": [("1932", 2.0)],
            "unsure": [("503", -0.5)],
            "trap": [("bridge", -1.0)],
            "bad trap": [("long", 1.0)],
        }
    )
    questions = [
        gold("sure", "1932", bridge),
        gold("unsure", "503", bridge),
        unanswerable("trap", bridge),
        unanswerable("bad trap", bridge),
    ]
    readings = list(read_all(reader, questions, {bridge.id: bridge}, 0.5))
    assert [reading.given for reading in readings] == [True, False, False, True]
    summary = summarise_reading(readings, 0.5)
    assert summary.trusts is not None
    assert summary.trusts.shipped.right == 0.5  # an answer to a question without one is never right
    assert summary.trusts.shipped.coverage_80 == 0.25
    assert summary.f1 == 1
    # From 2.0 up: sure, trap and bad trap are right. From -0.5 up: sure, unsure and trap are; a tie keeps the higher.
    # Best on sure and trap is to answer sure, which withholds unsure and bad trap; best on those two is to answer none.
    assert summary.with_null == NullSummary(
        min_confidence=0.5,
        em=0.5,
        f1=0.5,
        has_answer_f1=0.5,
        no_answer_f1=0.5,
        picked_em=0.5,
        picked_f1=0.5,
        best_f1=0.75,
        best_confidence=1 / (1 + math.exp(-2.0)),
    )


def test_a_reader_that_is_best_silent_has_no_best_threshold(bridge: Article) -> None:
    reader = ScriptedReader({"trap": [("1932", 1.0)]})
    readings = list(read_all(reader, [unanswerable("trap", bridge)], {bridge.id: bridge}, 0.5))
    null = summarise_reading(readings, 0.5).with_null
    assert null is not None
    assert (null.best_f1, null.best_confidence, null.has_answer_f1) == (1, None, None)


def test_a_question_without_an_article_cannot_be_read(bridge: Article) -> None:
    with pytest.raises(GoldError, match="gold question nowhere: article"):
        list(read_all(ScriptedReader({}), [gold("nowhere", None, bridge)], {}, 0.5))
