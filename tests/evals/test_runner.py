"""The runner over an answerer whose every outcome is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answering.types import Ask, Outcome, Turn
from corpus.types import Article
from evals.runner import Row, evaluate
from evals.summary import Summary, summarise
from tests.evals.conftest import Scripted, answered, cite, gold, not_found


def run(script: Scripted, article: Article, *names: tuple[str, str | None]) -> tuple[list[Row], Summary]:
    questions = [gold(name, answer, article) for name, answer in names]
    rows = list(evaluate(script, questions, {article.id: article}))
    return rows, summarise(rows)


def test_every_figure_of_a_mixed_run_is_the_one_worked_out_by_hand(bridge: Article) -> None:
    opened = "The bridge 🌉 opened in 1932."
    script = Scripted(
        {
            "right": answered(cite(bridge, "1932", opened)),
            "partly": answered(cite(bridge, "in 1932", opened)),
            "missed": not_found(),
            "said-no": not_found(),
            "invented": answered(cite(bridge, "503 metres", "It is 503 metres long.")),
        }
    )
    names = [("right", "1932"), ("partly", "1932"), ("missed", "503"), ("said-no", None), ("invented", None)]
    rows, summary = run(script, bridge, *names)
    assert [row.status for row in rows] == ["answered", "answered", "not_found", "not_found", "answered"]
    assert [row.em for row in rows] == [1, 0, 0, 1, 0]
    assert [row.f1 for row in rows] == pytest.approx([1, 2 / 3, 0, 1, 0])
    assert [row.exact for row in rows] == [True, True, None, None, True]
    assert [row.hit for row in rows] == [True, True, False, None, None]
    assert (summary.questions, summary.answerable, summary.failures) == (5, 3, 0)
    assert summary.em == pytest.approx(2 / 5)
    assert summary.f1 == pytest.approx((1 + 2 / 3 + 1) / 5)
    assert summary.answerable_em == pytest.approx(1 / 3)
    assert summary.answerable_f1 == pytest.approx((1 + 2 / 3) / 3)
    assert summary.citation_exactness == 1
    assert summary.citation_hit == pytest.approx(2 / 3)
    assert summary.abstention_accuracy == pytest.approx(3 / 5)
    assert summary.abstention_precision == pytest.approx(1 / 2)
    assert summary.abstention_recall == pytest.approx(1 / 2)


def test_a_failure_is_the_worst_of_everything_and_is_counted_apart(bridge: Article) -> None:
    boom = RuntimeError("the pipeline broke")
    right = answered(cite(bridge, "1932", "The bridge 🌉 opened in 1932."))
    script = Scripted({"right": right, "broken": boom, "broken-too": boom})
    rows, summary = run(script, bridge, ("right", "1932"), ("broken", "503"), ("broken-too", None))
    assert [row.status for row in rows] == ["answered", "failed", "failed"]
    assert rows[1].reason == "RuntimeError: the pipeline broke"
    assert summary.failures == 2
    assert summary.em == summary.f1 == pytest.approx(1 / 3)
    assert summary.citation_exactness == pytest.approx(1 / 3)
    assert summary.citation_hit == pytest.approx(1 / 2)
    assert summary.abstention_accuracy == pytest.approx(1 / 3)
    assert summary.abstention_recall == 0


def test_a_failure_takes_as_long_as_the_slowest_question(bridge: Article) -> None:
    script = Scripted({"slow": not_found(), "broken": RuntimeError()})
    rows, _ = run(script, bridge, ("slow", "1932"), ("broken", "503"))
    timed = [replace(rows[0], ms=40.0), replace(rows[1], ms=1.0)]
    assert summarise(timed).p50_ms == 40.0


def test_an_interruption_is_not_swallowed_as_a_failure(bridge: Article) -> None:
    script = Scripted({"any": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        run(script, bridge, ("any", "1932"))


@pytest.mark.parametrize("field", ["quote", "before", "after", "article_sha256", "span"])
def test_one_citation_that_does_not_hold_makes_the_answer_inexact(bridge: Article, field: str) -> None:
    good = answered(cite(bridge, "1932", "The bridge 🌉 opened in 1932."))
    (first,) = good.answer.citations
    changed = {"span": first.span.shifted(1)} if field == "span" else {field: "not what stands there"}
    bad = replace(first, number=2, **changed)
    script = Scripted({"when": replace(good, answer=replace(good.answer, citations=(first, bad)))})
    rows, summary = run(script, bridge, ("when", "1932"))
    assert rows[0].exact is False
    assert summary.citation_exactness == 0


def test_an_answer_without_a_citation_is_inexact(bridge: Article) -> None:
    good = answered(cite(bridge, "1932", "The bridge 🌉 opened in 1932."))
    script = Scripted({"when": replace(good, answer=replace(good.answer, citations=()))})
    assert run(script, bridge, ("when", "1932"))[1].citation_exactness == 0


def test_a_citation_of_an_article_that_is_not_in_the_corpus_is_inexact(bridge: Article) -> None:
    script = Scripted({"when": answered(cite(bridge, "1932", "The bridge 🌉 opened in 1932."))})
    (row,) = evaluate(script, [gold("when", "1932", bridge)], {})
    assert row.exact is False


def test_a_follow_up_is_asked_after_its_history(bridge: Article) -> None:
    heard: list[Ask] = []

    class Listening:
        def ask(self, ask: Ask) -> Outcome:
            heard.append(ask)
            return not_found()

    history = (Turn("user", "Who built the bridge?"), Turn("assistant", "Dorman Long"))
    questions = [gold("When?", "1932", bridge), replace(gold("And when?", "1932", bridge), history=history)]
    assert len(list(evaluate(Listening(), questions, {bridge.id: bridge}))) == 2
    assert heard == [Ask("When?"), Ask("And when?", history)]


def test_no_question_gives_no_figure() -> None:
    summary = summarise([])
    assert (summary.questions, summary.failures, summary.f1, summary.p95_ms) == (0, 0, None, None)
