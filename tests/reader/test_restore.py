"""The shipped form back as a transformers model."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the models extra is not installed")
pytest.importorskip("transformers", reason="the models extra is not installed")

from transformers import AutoModelForQuestionAnswering, BertConfig

from corpus.errors import ModelError
from corpus.types import Passage, Span
from reader.span_reader import ONNX_FILE, SpanReader
from reader.training.restore import restored
from tests.reader.conftest import SmallModel, write_tokenizer


def test_the_restored_network_reads_as_the_trained_one(small_model: SmallModel, tmp_path: Path) -> None:
    trained = AutoModelForQuestionAnswering.from_pretrained(small_model.transformers)
    network = restored(small_model.int8 / ONNX_FILE, BertConfig.from_pretrained(small_model.transformers))
    theirs, ours = trained.state_dict(), network.state_dict()
    assert theirs.keys() == ours.keys()
    for name, weight in theirs.items():
        # Seven bits: at most half of a 126th of the largest weight.
        assert (weight - ours[name]).abs().max() <= weight.abs().max() / 120, name
    write_tokenizer(tmp_path)
    network.save_pretrained(tmp_path)
    text = "the treaty lasts 20 years and was signed in moscow"
    passage = Passage("a", 0, Span(0, len(text)), text, ())
    folders = (small_model.int8, tmp_path)
    margins = [SpanReader.load(folder).read("how long ?", [passage])[0][0].margin for folder in folders]
    assert margins[0] == pytest.approx(margins[1], abs=0.5)


def test_a_file_of_another_kind_is_a_model_error(small_model: SmallModel) -> None:
    config = BertConfig.from_pretrained(small_model.transformers)
    with pytest.raises(ModelError, match="no reader of this recipe"):
        restored(small_model.fp32 / ONNX_FILE, config)
    config.num_hidden_layers = 3
    with pytest.raises(ModelError, match="does not fit"):
        restored(small_model.int8 / ONNX_FILE, config)
