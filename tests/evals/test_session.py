"""Runs of every system over real parts: stopped and gone on with, side by side, and beside each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import GoldError, ModelError
from evals.records import Record
from evals.runner import Row
from evals.session import Asking, Options, gold_asking, run, squad_asking
from retrieval.places import ClusterPlace
from tests.retrieval.qdrant_http import serving

TEXT = "The bridge over the river opened in 1932. It is 503 metres long. The mayor praised Ada Holt, who built it."
OTHER = "The tunnel under the hill opened in 1954. It cost two million pounds."
PARTS = ("articles", "passages")
ASKED = [
    ("When did the bridge open?", TEXT, "1932"),
    ("How long is the bridge?", TEXT, "503 metres"),
    ("Who built the bridge?", TEXT, "Ada Holt"),
    ("When did the tunnel open?", OTHER, "1954"),
    ("What did the tunnel cost?", OTHER, "two million pounds"),
]


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    def qas(text: str) -> list[dict[str, object]]:
        rows = [(q, a) for q, t, a in ASKED if t == text]
        return [{"id": q, "question": q, "answers": [{"text": a, "answer_start": text.index(a)}]} for q, a in rows]

    paragraphs = [{"context": text, "qas": qas(text)} for text in (TEXT, OTHER)]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "Works", "paragraphs": paragraphs}]}), encoding="utf-8")
    return squad_asking(path, None)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options("pullquote", None, None, tmp_path / "no-torch-reader", 2, None, 8, 0.0, tmp_path / "work")


def straight(rows: Iterator[Row], label: str, total: int) -> Iterator[Row]:
    del label, total
    return rows


def stopping_after(count: int) -> object:
    def progressing(rows: Iterator[Row], label: str, total: int) -> Iterator[Row]:
        del label, total
        for at, row in enumerate(rows):
            if at == count:
                raise KeyboardInterrupt
            yield row

    return progressing


def timeless(record: Record) -> Record:
    return replace(record, rows=tuple(replace(row, ms=0.0) for row in record.rows))


def test_a_stopped_run_goes_on_to_the_record_of_one_that_was_not(
    asking: Asking, options: Options, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = run(asking, options, straight)
    with pytest.raises(KeyboardInterrupt):
        run(asking, options, stopping_after(2))  # type: ignore[arg-type]
    assert "2 of 5 questions are done and kept; the same command goes on" in capsys.readouterr().err
    (kept,) = options.work.iterdir()
    with (kept / "rows.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "torn')  # as a kill in the middle of a line leaves it
    asked: list[str] = []

    def noting(rows: Iterator[Row], label: str, total: int) -> Iterator[Row]:
        assert (label, total) == ("asking pullquote", 3)
        for row in rows:
            asked.append(row.id)
            yield row

    resumed = run(asking, options, noting)
    assert asked == [question for question, _, _ in ASKED[2:]]
    assert timeless(resumed) == timeless(whole)
    assert list(options.work.iterdir()) == []


def test_a_run_on_a_cluster_has_an_index_of_its_own_there_and_leaves_none(asking: Asking, options: Options) -> None:
    with serving() as node:
        chosen = replace(options, cluster=ClusterPlace(node.url))
        with pytest.raises(KeyboardInterrupt):
            run(asking, chosen, stopping_after(2))  # type: ignore[arg-type]
        made = {collection.name for collection in node.client.get_collections().collections}
        assert made == {f"pullquote_eval_{kept.name}_{part}" for kept in options.work.iterdir() for part in PARTS}
        record = run(asking, chosen, straight)
        assert node.client.get_collections().collections == []
    assert record.settings["store"] == "qdrant"
    assert record.summary.failures == 0
    assert [row.answer for row in record.rows] == [row.answer for row in run(asking, options, straight).rows]


def test_another_setting_never_picks_up_what_was_done(asking: Asking, options: Options) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(asking, options, stopping_after(2))  # type: ignore[arg-type]
    other = run(asking, replace(options, min_confidence=0.99), straight)
    assert len(other.rows) == 5


def test_questions_side_by_side_get_the_same_answers_in_the_same_order(asking: Asking, options: Options) -> None:
    alone, beside = run(asking, options, straight), run(asking, replace(options, workers=2), straight)
    assert timeless(beside).rows == timeless(alone).rows
    assert beside.summary.failures == 0


def test_what_is_kept_of_other_questions_is_refused(asking: Asking, options: Options) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(asking, options, stopping_after(2))  # type: ignore[arg-type]
    (kept,) = options.work.iterdir()
    lines = (kept / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    (kept / "rows.jsonl").write_text("\n".join(reversed(lines)) + "\n", encoding="utf-8")
    with pytest.raises(GoldError, match="holds other questions"):
        run(asking, options, straight)


@pytest.mark.parametrize("system", ["pullquote", "reader-only", "bm25-first-sentence"])
def test_every_system_is_judged_alike(asking: Asking, options: Options, system: str) -> None:
    made = run(asking, replace(options, system=system), straight)
    assert (made.system, made.summary.questions, made.summary.failures) == (system, 5, 0)
    assert made.summary.citation_exactness == 1
    ranking = made.summary.ranking
    assert ranking is not None
    assert ranking.article_mrr == 1
    assert {row.cited[0].article for row in made.rows if row.cited} == {"squad/0000", "squad/0001"}


def test_retrieval_alone_is_ranked_and_answers_nothing(asking: Asking, options: Options) -> None:
    made = run(asking, replace(options, system="retrieval-only"), straight)
    assert {row.status for row in made.rows} == {"not_found"}
    assert made.settings["depth"] == 20
    assert made.summary.ranking is not None
    assert dict(made.summary.ranking.answer_recall)[20] == 1


def test_the_first_sentence_is_no_heading(tmp_path: Path, options: Options) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bridge.md").write_text("# The bridge\n\n" + TEXT, encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text(
        json.dumps(
            {"id": "a", "question": "Who won the bridge cup?", "answers": [], "kind": "absent", "answerable": False}
        ),
        encoding="utf-8",
    )
    asking = gold_asking(gold, tmp_path / "corpus", None)
    (row,) = run(asking, replace(options, system="bm25-first-sentence"), straight).rows
    assert row.answer == "The bridge over the river opened in 1932."


def test_stock_haystack_without_its_reader_says_what_is_missing(asking: Asking, options: Options) -> None:
    with pytest.raises(ModelError, match=r"no-torch-reader|models"):
        run(asking, replace(options, system="stock-haystack"), straight)
