"""What the encoder is taught with: questions, passages, and pieces and mixtures of passages, tokenised.

    python -m retrieval.training.texts --data DATA/train reader/training --written reader/training/written.jsonl.gz \
        --output build/texts.npz

A lesson needs no labels: the teacher knows the vector of any text. So passages are also cut at other places, taken
sentence by sentence and mixed, which shows the network more than the index will hold. ``--glosses`` adds the
definitions of WordNet (its ``data.*`` files, as Debian's package ``wordnet-base`` installs them): short texts, and
every word of the dictionary in one of them.

Paragraphs whose digest says so are held back (``corpus.held_back``).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus.held_back import is_held_back
from corpus.splitting import split
from corpus.text import normalise
from corpus.types import Article, Passage
from retrieval.encoder import TOKENIZER_FILE, WEIGHTS
from retrieval.shortening import WORDS, shortening

MAX_TOKENS = 200
_FEWEST_WORDS = 4  # a shorter sentence says too little


@dataclass(frozen=True, slots=True)
class Texts:
    """Tokenised texts; text ``i`` is ``tokens[bounds[i]:bounds[i + 1]]``.

    ``tokens`` (all tokens,) uint16, of a vocabulary below 65,536; ``bounds`` (texts + 1,) int64; ``kept`` (all tokens,)
    bool, whether the encoder sees a token: all of a question, a passage shortened; ``passages`` (passages,) int64, the
    texts that are passages as an index holds them; ``pairs`` (pairs, 2) int64, a question and the passage that
    answers it.
    """

    tokens: NDArray[np.uint16]
    bounds: NDArray[np.int64]
    kept: NDArray[np.bool_]
    passages: NDArray[np.int64]
    pairs: NDArray[np.int64]

    def save(self, path: Path) -> None:
        """Write them to ``path``."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})


def read_texts(path: Path) -> Texts:
    """Those that ``Texts.save`` wrote."""
    with np.load(path) as arrays:
        return Texts(**{field.name: arrays[field.name] for field in fields(Texts)})


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, its passages, and its questions, each with the place of its answer, -1 where there is none."""

    passages: tuple[Passage, ...]
    questions: tuple[tuple[str, int], ...]


def paragraphs(folders: Sequence[Path], written: Path | None) -> list[Paragraph]:
    """Those of all ``*.json.gz`` in SQuAD's form below ``folders`` that are not held back, each text once.

    ``written`` names more questions for them, by the digest of their text (``reader/training/written.jsonl.gz``).
    """
    asked: dict[str, list[tuple[str, int]]] = {}
    for path in chain.from_iterable(sorted(folder.glob("*.json.gz")) for folder in folders):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            data = json.load(file)["data"]
        for paragraph in chain.from_iterable(article["paragraphs"] for article in data):
            if is_held_back(paragraph["context"]):
                continue
            questions = asked.setdefault(paragraph["context"], [])
            for qa in paragraph["qas"]:
                questions.append((qa["question"], qa["answers"][0]["answer_start"] if qa["answers"] else -1))
    if written is not None:
        by_digest = {hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]: text for text in asked}
        with gzip.open(written, "rt", encoding="utf-8") as file:
            for record in map(json.loads, file):
                if (text := by_digest.get(record["paragraph"])) is not None:
                    asked[text] += [(question, start) for question, start, _ in record["answered"]]
                    asked[text] += [(question, -1) for question in record["unanswered"]]
    return [
        Paragraph(tuple(split(Article("paragraph", "paragraph", normalise(text)))), tuple(questions))
        for text, questions in asked.items()
    ]


def pieces(passage: Passage, rng: random.Random) -> Iterator[str]:
    """Each sentence of a passage, and two runs of its sentences."""
    text, at = passage.text, passage.span.start
    spans = [span.shifted(-at) for span in passage.sentences]
    if len(spans) > 1:
        yield from (found for span in spans if len((found := span.slice(text)).split()) >= _FEWEST_WORDS)
    for _ in range(2 if len(spans) > 2 else 0):
        first, last = sorted(rng.sample(range(len(spans)), 2))
        yield text[spans[first].start : spans[last].end]


def glosses(folder: Path) -> Iterator[str]:
    """Every word of WordNet with its definition and examples; ``folder`` has its ``data.*`` files."""
    for path in sorted(folder.glob("data.*")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line[:1].isdigit() and " | " in line:
                head, told = line.split(" | ", 1)
                yield f"{head.split()[4].replace('_', ' ')}: {told.strip()}"


def draw(found: Sequence[Paragraph], more: Sequence[str], mixed: int, seed: int, tokenizer: Tokenizer) -> Texts:
    """All texts: questions, passages, their pieces, ``mixed`` mixtures of two passages' halves, and ``more``."""
    rng = random.Random(seed)
    texts: list[str] = []
    questions: dict[str, int] = {}
    passages: list[int] = []
    pairs: list[tuple[int, int]] = []
    for paragraph in found:
        first = len(texts)
        texts += [passage.text for passage in paragraph.passages]
        passages += range(first, len(texts))
        for question, start in paragraph.questions:
            text = normalise(question).strip()
            if text not in questions:
                questions[text] = len(texts)
                texts.append(text)
            right = (at for at, one in enumerate(paragraph.passages) if one.span.start <= start < one.span.end)
            if (at := next(right, None)) is not None:
                pairs.append((questions[text], first + at))
        texts += chain.from_iterable(pieces(passage, rng) for passage in paragraph.passages)
    for _ in range(mixed):
        one, other = (texts[rng.choice(passages)].split() for _ in range(2))
        texts.append(" ".join([*one[: len(one) // 2], *other[len(other) // 2 :]]))
    texts += more
    ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    cut, asks = shortening(tokenizer, WORDS), set(questions.values())
    kept = [
        np.ones(len(one), np.bool_) if at in asks else cut.kept(np.array(one, np.int64)) for at, one in enumerate(ids)
    ]
    return Texts(
        np.concatenate([np.array(one, np.uint16) for one in ids]),
        np.cumsum([0, *map(len, ids)]),
        np.concatenate(kept),
        np.array(passages, np.int64),
        np.array(sorted(set(pairs)), np.int64).reshape(-1, 2),
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of SQuAD-format *.json.gz files")
    parser.add_argument("--written", type=Path, help="more questions for their paragraphs")
    parser.add_argument("--glosses", type=Path, help="folder of WordNet's data.* files")
    parser.add_argument("--mixed", type=int, default=40_000, help="mixtures of passages (default: 40000)")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--output", type=Path, required=True, help="file to write")
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(WEIGHTS / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    found = paragraphs(arguments.data, arguments.written)
    more = [] if arguments.glosses is None else list(glosses(arguments.glosses))
    texts = draw(found, more, arguments.mixed, arguments.seed, tokenizer)
    texts.save(arguments.output)
    print(
        f"{arguments.output}: {len(texts.bounds) - 1:,} texts, {len(texts.passages):,} of them passages, "
        f"{len(texts.pairs):,} pairs, {len(texts.tokens):,} tokens, {texts.kept.mean():.0%} of them kept"
    )


if __name__ == "__main__":
    main()
