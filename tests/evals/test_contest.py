"""Asking contestants in turns, and their figures."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from corpus.types import Article
from evals.contest import Said, Turn, figures, in_turns
from tests.evals.conftest import gold


@dataclass
class Contestant:
    """Says the same to every question, and notes when it was asked."""

    name: str
    says: str | Exception
    log: list[str] = field(default_factory=list)

    def ask(self, question: str) -> Said:
        self.log.append(f"{self.name} {question}")
        if isinstance(self.says, Exception):
            raise self.says
        said = self.says
        return Said(said, lambda: said or "1932")


def test_who_goes_first_changes_with_every_question(bridge: Article) -> None:
    log: list[str] = []
    one, other = Contestant("one", "1932", log), Contestant("other", "", log)
    rounds = list(in_turns([one, other], [gold(name, "1932", bridge) for name in "abc"]))
    assert log == ["one a", "other a", "other b", "one b", "one c", "other c"]
    assert [[turn.said for turn in turns] for turns in rounds] == [["1932", ""]] * 3


def test_withholding_costs_as_shipped_but_not_when_insisted_upon(bridge: Article) -> None:
    questions = [gold("when", "1932", bridge), gold("who", None, bridge)]
    turns = [turn for (turn,) in in_turns([Contestant("shy", "")], questions)]
    found = figures(turns)
    assert (found.questions, found.failures) == (2, 0)
    assert (found.em, found.f1) == (0.5, 0.5)
    assert (found.insisted_em, found.insisted_f1) == (1, 1)


def test_a_failure_counts_as_worst_even_where_silence_is_right(bridge: Article) -> None:
    absent = gold("who", None, bridge)
    (turn,) = next(iter(in_turns([Contestant("broken", RuntimeError())], [absent])))
    assert turn.failed
    assert figures([turn]).f1 == 0
    slow = Turn(absent, "", "", 50.0, failed=False)
    assert figures([slow, Turn(absent, "", "", 1.0, failed=True)]).p50_ms == pytest.approx(50.0)
