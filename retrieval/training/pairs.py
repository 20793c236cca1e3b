"""Pairs of a question and the passage that answers it, with hard negatives, from SQuAD-format files.

A hard negative is a passage that words or vectors take for the answer's and that is none: it does not hold
the answer, it is no neighbour in the same paragraph, and it is not nearer to the question than the right
passage (what is nearer is often right too; Moreira et al. 2024, "NV-Retriever", call this positive-aware
mining).
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from corpus.held_back import is_held_back
from corpus.splitting import split
from corpus.text import normalise
from corpus.types import Article

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
MINED = 30  # how deep in each list a negative is looked for
MARGIN = 0.95  # of the right passage's cosine: what is nearer than this is left out


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the passage that answers it, and its answers in lower case."""

    question: str
    passage: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Passages of about 100 words with their titles (empty where none is known) and paragraphs, and the questions."""

    passages: tuple[str, ...]
    titles: tuple[str, ...]
    paragraphs: tuple[int, ...]
    asked: tuple[Asked, ...]


def load(folder: Path, shares: dict[str, float], *, held_back: bool, seed: int) -> Corpus:
    """Read ``folder``'s files named in ``shares``; of each, that share of the questions, drawn by ``seed``.

    Passages of all paragraphs are kept, of the other part too: they are what a question is searched in.
    """
    rng = random.Random(seed)
    passages: list[str] = []
    titles: list[str] = []
    paragraphs: list[int] = []
    asked: list[Asked] = []
    known: dict[str, list[tuple[int, int, int]]] = {}
    for name, share in shares.items():
        with gzip.open(folder / f"{name}.json.gz", "rt", encoding="utf-8") as file:
            data = json.load(file)["data"]
        for article in data:
            for paragraph in article["paragraphs"]:
                text = paragraph["context"]
                if text not in known:
                    number, known[text] = len(known), []
                    for passage in split(Article("paragraph", "paragraph", normalise(text))):
                        known[text].append((passage.span.start, passage.span.end, len(passages)))
                        passages.append(passage.text)
                        titles.append(article.get("title", "").replace("_", " "))
                        paragraphs.append(number)
                if is_held_back(text) != held_back:
                    continue
                for qa in paragraph["qas"]:
                    if qa["answers"] and rng.random() < share:
                        start = qa["answers"][0]["answer_start"]
                        at = next((index for begin, end, index in known[text] if begin <= start < end), None)
                        if at is not None:
                            answers = tuple({answer["text"].strip().lower() for answer in qa["answers"]})
                            asked.append(Asked(qa["question"].strip(), at, answers))
    return Corpus(tuple(passages), tuple(titles), tuple(paragraphs), tuple(asked))


def holds(passage: str, answers: Sequence[str]) -> bool:
    """Whether a passage has one of the answers in it, as whole words."""
    text = passage.lower()
    there = (answer for answer in answers if answer in text)  # a hundred times as fast to tell as whole words
    return any(re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) for answer in there)


def mine(corpus: Corpus, encode: Encode, encode_passages: Encode, wanted: int) -> list[tuple[int, ...]]:
    """For each question up to ``wanted`` hard negatives, those of words and of vectors in turn, nearest first.

    ``encode`` gives questions, and ``encode_passages`` passages, vectors of length 1, ``(texts, dimensions)``.
    """
    vectors = encode_passages(corpus.passages)  # (passages, dimensions)
    questions = encode([asked.question for asked in corpus.asked])  # (questions, dimensions)
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32, min_df=2)
    terms = words.fit_transform(corpus.passages).T.tocsr()
    found: list[tuple[int, ...]] = []
    for begin in range(0, len(corpus.asked), 500):
        block = corpus.asked[begin : begin + 500]
        near = questions[begin : begin + 500] @ vectors.T  # (block, passages)
        alike = (words.transform([asked.question for asked in block]) @ terms).toarray()
        for row, asked in enumerate(block):
            bar = MARGIN * near[row, asked.passage]
            chosen: list[int] = []
            for pair in zip(_best(alike[row]), _best(near[row]), strict=True):
                for index in pair:
                    if (
                        len(chosen) < wanted
                        and index not in chosen
                        and near[row, index] < bar
                        and corpus.paragraphs[index] != corpus.paragraphs[asked.passage]
                        and not holds(corpus.passages[index], asked.answers)
                    ):
                        chosen.append(index)
            found.append(tuple(chosen))
    return found


def _best(scores: NDArray[np.float32]) -> list[int]:
    top = np.argpartition(-scores, MINED)[:MINED]
    return [int(index) for index in top[np.argsort(-scores[top], kind="stable")]]
