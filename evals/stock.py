"""The peer: Haystack's own components, put together as its documentation does. Needs the ``models`` extra.

BM25 and embedding retrievers over the in-memory store, joined by reciprocal rank fusion, read by
the extractive reader. Every component keeps its own defaults but for the number of documents and
the models, which are the torch form of those it is compared with.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.dataclasses import ExtractedAnswer
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from haystack_integrations.components.readers.transformers import TransformersExtractiveReader

from corpus.errors import ModelError
from evals.contest import Said


class StockPipeline:
    """Haystack's stock question answering over documents held in memory.

    Args:
        encoder: folder of a sentence-transformers model.
        reader: folder of a transformers question-answering model.
        top_k: documents each retriever finds, and documents read.
        threads: torch's, as many as the compared pipeline has.

    Raises:
        ModelError: if ``reader`` holds no transformers model.
    """

    def __init__(self, encoder: Path, reader: Path, top_k: int = 20, threads: int = 2) -> None:
        if not (reader / "config.json").is_file():
            raise ModelError(
                f"{reader} holds no transformers model; make it with 'python -m reader.training.restore', or name one "
                "with --torch-reader"
            )

        torch.set_num_threads(threads)
        store = InMemoryDocumentStore()
        self._indexing = Pipeline()
        self._indexing.add_component(
            "embedder",
            SentenceTransformersDocumentEmbedder(model=str(encoder), local_files_only=True, progress_bar=False),
        )
        self._indexing.add_component("writer", DocumentWriter(store))
        self._indexing.connect("embedder", "writer")
        self._asking = Pipeline()
        self._asking.add_component("bm25", InMemoryBM25Retriever(store, top_k=top_k))
        self._asking.add_component(
            "embedder", SentenceTransformersTextEmbedder(model=str(encoder), local_files_only=True, progress_bar=False)
        )
        self._asking.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=top_k))
        # Concatenating, the joiner's own default, compares BM25 scores with cosines; ranks compare.
        self._asking.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=top_k))
        self._asking.add_component("reader", TransformersExtractiveReader(model=reader))
        self._asking.connect("embedder.embedding", "dense.query_embedding")
        self._asking.connect("bm25", "joiner")
        self._asking.connect("dense", "joiner")
        self._asking.connect("joiner.documents", "reader.documents")

    def warm_up(self) -> None:
        """Load the models."""
        self._indexing.warm_up()
        self._asking.warm_up()

    def embed(self, texts: Iterable[str]) -> list[list[float]]:
        """The vectors that ``index`` would store."""
        documents = [Document(content=text) for text in texts]
        embedded: list[Document] = self._indexing.get_component("embedder").run(documents=documents)["documents"]
        return [list(document.embedding or ()) for document in embedded]

    def store(self, documents: Iterable[tuple[str, str, list[float]]]) -> None:
        """Store documents that are embedded already, given as ``(id, text, vector)``."""
        self._indexing.get_component("writer").run(
            documents=[Document(id=name, content=text, embedding=vector) for name, text, vector in documents]
        )

    def index(self, texts: Iterable[tuple[str, str]]) -> None:
        """Embed and store documents, given as ``(id, text)``."""
        documents = [Document(id=name, content=text) for name, text in texts]
        self._indexing.run({"embedder": {"documents": documents}})

    def ask(self, question: str) -> Said:
        """The reader's first answer, which may be its "no answer"; insisting takes the first with text."""
        texts = [answer.data or "" for answer in self.answers(question)]
        return Said(texts[0] if texts else "", lambda: next(filter(None, texts), ""))

    def retrieve(self, question: str, top_k: int) -> list[Document]:
        """The documents found, best first, to any depth; ``ask`` reads the first of them."""
        parts = {name: self._asking.get_component(name) for name in ("bm25", "embedder", "dense", "joiner")}
        vector = parts["embedder"].run(text=question)["embedding"]
        lists = [
            parts["bm25"].run(query=question, top_k=top_k)["documents"],
            parts["dense"].run(query_embedding=vector, top_k=top_k)["documents"],
        ]
        joined: list[Document] = parts["joiner"].run(documents=lists, top_k=top_k)["documents"]
        return joined

    def answers(self, question: str) -> list[ExtractedAnswer]:
        """What the reader gives, best first; the document's id is the one it was indexed with."""
        result = self._asking.run(
            {"bm25": {"query": question}, "embedder": {"text": question}, "reader": {"query": question}}
        )
        answers: list[ExtractedAnswer] = result["reader"]["answers"]
        return answers
