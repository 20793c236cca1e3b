"""Stock Haystack as a contestant for open questions; its vectors are kept, so that a second run encodes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from haystack import ExtractedAnswer

from corpus.types import Passage
from evals.open_contest import Seen, Trace
from evals.stock import StockPipeline
from retrieval.store import SQLiteDocumentStore

_CHUNK = 512


class Stock:
    """Stock Haystack as a contestant; its score is taken as its confidence.

    Args:
        pipeline: has indexed the passages, under their ids.
        depth: hits a trace holds. Found with deeper lists than those that were read from: their first ranks
            may differ where a passage stands low in one list and high in the other.
    """

    name = "stock"

    def __init__(self, pipeline: StockPipeline, depth: int) -> None:
        self._pipeline = pipeline
        self._depth = depth
        self._answers: list[ExtractedAnswer] = []

    def ask(self, question: str) -> str:
        """The reader's first answer, which may be its "no answer"."""
        self._answers = self._pipeline.answers(question)
        return (self._answers[0].data or "") if self._answers else ""

    def trace(self, question: str) -> Trace:
        """The first answer with text, and the documents found."""
        best = next((answer for answer in self._answers if answer.data), None)
        found = self._pipeline.retrieve(question, self._depth)
        return Trace(
            insisted=(best.data or "") if best else "",
            confidence=min(max(best.score, 0.0), 1.0) if best else None,
            passage=best.document.id if best and best.document else None,
            hits=tuple(Seen(document.id, document.content or "", document.score or 0.0) for document in found),
        )


def index_with_cache(pipeline: StockPipeline, passages: Iterable[Passage], folder: Path) -> None:
    """Embed and store the passages; vectors that lie in ``folder`` are not made again.

    They are kept in files of ``_CHUNK`` passages named by the texts: a run that is stopped goes on at the next.

    Args:
        pipeline: warmed up; nothing is indexed in it yet.
        passages: what is indexed.
        folder: one for each encoder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for chunk in _chunks(passages):
        texts = [passage.text for passage in chunk]
        path = folder / f"{_digest(texts)}.npy"
        if not path.is_file():
            # Written beside and moved, so that a kill leaves no half a file under the name.
            half = path.with_suffix(".part.npy")
            np.save(half, np.asarray(pipeline.embed(texts), np.float32))
            half.replace(path)
        vectors = np.load(path)  # (chunk, dimensions)
        pipeline.store((p.id, p.text, vector.tolist()) for p, vector in zip(chunk, vectors, strict=True))


def index_from_ours(pipeline: StockPipeline, store: SQLiteDocumentStore, articles: Iterable[str]) -> None:
    """Store the passages of these articles with the vectors of our index.

    They are the same network's in int8 (cosine to its own about 0.994): stock is spared the encoding, its first
    ranks differ a little.
    """
    for article in articles:
        of_it = {"field": "meta.article_id", "operator": "==", "value": article}
        documents = store.filter_documents(of_it)
        pipeline.store((d.id, d.content or "", list(d.embedding or ())) for d in documents)


def _chunks(passages: Iterable[Passage]) -> Iterator[Sequence[Passage]]:
    left = iter(passages)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


def _digest(texts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()[:24]
