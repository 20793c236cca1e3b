"""The index as a Haystack retriever: a component for any pipeline."""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path
from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict

from corpus.errors import IndexIncompatible
from retrieval.encoder import TextEncoder, load_encoder
from retrieval.index import Index
from retrieval.opening import index_from_dict
from retrieval.types import Hit

_TRACED = tuple(field.name for field in fields(Hit) if field.name not in {"passage", "copy_of", "published"})


@component
class HybridRetriever:
    """Finds passages by words (BM25) and by meaning (vectors), fused.

    Args:
        document_store: the index.
        encoder_path: folder of the encoder; None for the shipped one.
        top_k: how many passages at most, from 1.
        threads: cores the encoder may use.
        copies: how many passages follow, at most, that say what better ones say and were set aside for them;
            ``meta["copy_of"]`` of their documents names the better one's.

    Raises:
        ValueError: if ``top_k`` is below 1.
    """

    def __init__(
        self,
        document_store: Index,
        encoder_path: str | None = None,
        top_k: int = 20,
        threads: int = 2,
        copies: int = 0,
    ) -> None:
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, got {top_k}")
        self.document_store = document_store
        self.encoder_path = encoder_path
        self.top_k = top_k
        self.threads = threads
        self.copies = copies
        self._encoder: TextEncoder | None = None

    @classmethod
    def around(cls, document_store: Index, encoder: TextEncoder, top_k: int = 20, copies: int = 0) -> HybridRetriever:
        """The component around an encoder that is loaded already."""
        made = cls(document_store, top_k=top_k, copies=copies)
        made._encoder = encoder
        return made

    def warm_up(self) -> None:
        """Load the encoder and the vectors; idempotent.

        Raises:
            IndexIncompatible: if the index was made with another encoder.
            ModelError: if the encoder cannot be loaded.
        """
        self._loaded()

    @component.output_types(documents=list[Document], hits=list[Hit], took_ms=float)
    def run(self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None) -> dict[str, Any]:
        """The passages that match ``query`` best, best first; copies of better ones come last.

        Args:
            query: the stand-alone question.
            filters: which passages may be found, in Haystack's language.
            top_k: how many at most, from 1; None for the component's own.

        Returns:
            ``documents``, scored, with each list's rank in ``meta["trace"]`` and no embedding; the same
            as ``hits``; and ``took_ms``, wall time.

        Raises:
            FilterError: if the filters are not in Haystack's language.
            ValueError: if ``top_k`` is below 1.
        """
        encoder = self._loaded()
        began = time.perf_counter()
        vector = encoder.encode([query])[0]
        wanted = self.top_k if top_k is None else top_k
        found = self.document_store.search_documents(query, vector, filters, wanted, self.copies)
        for hit, document in found:
            document.meta["trace"] = {name: getattr(hit, name) for name in _TRACED}
            if hit.copy_of is not None:
                document.meta["copy_of"] = hit.copy_of
        return {
            "documents": [document for _, document in found],
            "hits": [hit for hit, _ in found],
            "took_ms": (time.perf_counter() - began) * 1000,
        }

    def to_dict(self) -> dict[str, Any]:
        """The settings of this component, as Haystack serialises them."""
        return default_to_dict(
            self,
            document_store=self.document_store.to_dict(),
            encoder_path=self.encoder_path,
            top_k=self.top_k,
            threads=self.threads,
            copies=self.copies,
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HybridRetriever:
        """The component of ``to_dict``'s settings."""
        settings = dict(data["init_parameters"])
        if isinstance(settings["document_store"], dict):
            settings["document_store"] = index_from_dict(settings["document_store"])
        return default_from_dict(cls, {**data, "init_parameters": settings})

    def _loaded(self) -> TextEncoder:
        if self._encoder is None:
            self._encoder = self._load()
            self.document_store.warm_up()
        return self._encoder

    def _load(self) -> TextEncoder:
        encoder = load_encoder(None if self.encoder_path is None else Path(self.encoder_path), self.threads)
        recorded = self.document_store.encoder
        if recorded is not None and recorded != encoder.identity:
            raise IndexIncompatible(
                f"the index {self.document_store.name} was made with the encoder {recorded}, the retriever's is "
                f"{encoder.identity}: use that encoder, or index the articles again"
            )
        return encoder
