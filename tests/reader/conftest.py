"""A small real model, made on the spot: the reader's own network with two layers, trained on nothing."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

SETTINGS = {"window_tokens": 64, "stride_tokens": 16, "question_tokens": 16}
_WORDS = "the treaty lasts 20 years was signed in moscow by putin and a - , . ? how long does it last who where".split()  # noqa: SIM905 - a line of words reads better than a list of strings


@dataclass(frozen=True)
class SmallModel:
    """The same weights three ways: ONNX fp32, ONNX int8, and a transformers folder."""

    fp32: Path
    int8: Path
    transformers: Path


def write_tokenizer(folder: Path) -> Path:
    """A WordPiece tokenizer with BERT's special tokens, a few words, and every ASCII character."""
    characters = [chr(c) for c in range(33, 127)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *_WORDS, *characters, *(f"##{c}" for c in characters)]
    tokenizer = Tokenizer(
        models.WordPiece({t: i for i, t in enumerate(dict.fromkeys(vocabulary))}, unk_token="[UNK]")  # noqa: S106 - no password
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def write_squad(path: Path, paragraphs: list[dict[str, Any]]) -> None:
    """A SQuAD file of one article."""
    with gzip.open(path, "wt", encoding="utf-8") as file:
        json.dump({"data": [{"title": path.name, "paragraphs": paragraphs}]}, file)


@pytest.fixture(scope="session")
def small_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    """The small model's tokenizer."""
    return Tokenizer.from_file(str(write_tokenizer(tmp_path_factory.mktemp("tokenizer")) / "tokenizer.json"))


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> SmallModel:
    """Needs the ``models`` extra; a test that asks for it is skipped where that is absent."""
    torch = pytest.importorskip("torch", reason="the models extra is not installed")
    from transformers import BertConfig, BertModel

    from reader.span_reader import ONNX_FILE
    from reader.training.export import export, to_transformers
    from reader.training.network import SpanNetwork

    torch.manual_seed(7)
    folders = [tmp_path_factory.mktemp(name) for name in ("fp32", "int8", "transformers")]
    size = len(Tokenizer.from_file(str(write_tokenizer(folders[0]) / "tokenizer.json")).get_vocab())
    shape: dict[str, Any] = {
        "vocab_size": size, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 64, "attn_implementation": "eager", "initializer_range": 0.6,
    }  # fmt: skip
    config = BertConfig(**shape)
    network = SpanNetwork(BertModel(config, add_pooling_layer=False))
    torch.nn.init.normal_(network.head.weight, std=0.6)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim == 1:  # no two biases alike, as after training: the exporter would keep one of them
                parameter.add_(torch.randn_like(parameter) * 0.05)
    for folder in folders[1:]:
        write_tokenizer(folder)
    export(network, folders[0] / ONNX_FILE, int8=False)
    export(network, folders[1] / ONNX_FILE)
    to_transformers(network).save_pretrained(folders[2])
    for folder in folders:
        (folder / "reader.json").write_text(json.dumps(SETTINGS))
    return SmallModel(*folders)
