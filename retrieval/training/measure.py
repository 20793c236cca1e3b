"""How often an encoder, alone, finds the passage that answers a held-back question.

    python -m retrieval.training.measure --data DATA/train --encoder retrieval/weights --encoder build/encoder/int8

The questions of the paragraphs that training never sees are searched in passages of all paragraphs: their own
and ``--among`` others, drawn by ``--seed``. A passage is right if it is the one that answers.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.encoder import load_encoder
from retrieval.training.pairs import Corpus, load
from retrieval.training.train import Plan

DEPTHS = (1, 5, 20)


def drawn(corpus: Corpus, among: int, seed: int) -> list[int]:
    """The passages searched: those that answer, and ``among`` others; ascending."""
    right = {asked.passage for asked in corpus.asked}
    others = [index for index in range(len(corpus.passages)) if index not in right]
    return sorted(right | set(random.Random(seed).sample(others, min(among, len(others)))))


def recall(
    questions: NDArray[np.float32], passages: NDArray[np.float32], right: Sequence[int], depths: Sequence[int] = DEPTHS
) -> list[float]:
    """Share of questions whose passage is among the first of each depth.

    Args:
        questions: ``(questions, dimensions)``, of length 1.
        passages: ``(passages, dimensions)``, of length 1.
        right: the row of each question's passage.
        depths: how many passages are looked at.
    """
    scores = questions @ passages.T  # (questions, passages)
    own = scores[np.arange(len(right)), list(right)]  # (questions,)
    ranks = 1 + (scores > own[:, None]).sum(axis=1)
    return [float((ranks <= depth).mean()) for depth in depths]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of SQuAD-format *.json.gz files")
    parser.add_argument("--encoder", type=Path, action="append", required=True, help="folder; may be given again")
    parser.add_argument("--among", type=int, default=4000, help="how many other passages are searched (default: 4000)")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    arguments = parser.parse_args()
    corpus = load(arguments.data, dict(Plan.shares), held_back=True, seed=arguments.seed)
    searched = drawn(corpus, arguments.among, arguments.seed)
    rows = {index: row for row, index in enumerate(searched)}
    print(f"{len(corpus.asked)} held-back questions, {len(searched):,} passages; found among the first {DEPTHS}")
    for folder in arguments.encoder:
        encoder = load_encoder(folder)
        found = recall(
            encoder.encode([asked.question for asked in corpus.asked]),
            encoder.encode_passages([corpus.passages[index] for index in searched]),
            [rows[asked.passage] for asked in corpus.asked],
        )
        print(f"{folder}: " + " / ".join(f"{share:.1%}" for share in found), flush=True)


if __name__ == "__main__":
    main()
