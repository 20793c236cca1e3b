"""Retrieval on a collection, held against a library's measures."""

from __future__ import annotations

import json
import random
from pathlib import Path

import ir_measures
import pytest
from ir_measures import RR, R, nDCG

from evals.beir import figures
from evals.cli import main_eval
from tests.evals.test_foreign import write_collection


def test_the_figures_are_those_of_ir_measures() -> None:
    rng = random.Random(3)
    documents = [f"d{number}" for number in range(150)]
    rankings = {f"q{number}": rng.sample(documents, 100) for number in range(20)}
    relevant = {query: frozenset(rng.sample(documents, rng.randint(1, 12))) for query in rankings}
    ours = figures(rankings, relevant)
    qrels = [ir_measures.Qrel(query, each, 1) for query, wanted in relevant.items() for each in wanted]
    run = [
        ir_measures.ScoredDoc(query, each, -rank)
        for query, ranking in rankings.items()
        for rank, each in enumerate(ranking)
    ]
    theirs = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10, R @ 100], qrels, run)
    assert ours.ndcg_10 == pytest.approx(theirs[nDCG @ 10])
    assert ours.mrr_10 == pytest.approx(theirs[RR @ 10])
    assert ours.recall_100 == pytest.approx(theirs[R @ 100])


def test_a_collection_is_asked_by_words_by_meaning_and_fused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_collection(tmp_path, "q1\td1\t1\n")
    assert main_eval(["beir", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {name: {"ndcg_10": 1.0, "mrr_10": 1.0, "recall_100": 1.0} for name in ("bm25", "dense", "fused")}


def test_a_folder_that_is_no_collection_is_a_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main_eval(["beir", str(tmp_path)]) == 1
    assert "expected corpus.jsonl" in capsys.readouterr().err
