"""The reader as a Haystack component: take it into any pipeline of documents."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from haystack import Document, ExtractedAnswer, component, default_from_dict, default_to_dict

from corpus.passages import passage_from
from reader.span_reader import SpanReader
from reader.turns import Copy, Turns, read_in_turns
from reader.types import Candidate, log_odds_of


@component
class PassageReader:
    """Reads documents and gives the spans that answer the query.

    Documents of this project's store carry their place in the article (see ``corpus.passages``); any
    other document is taken as an article of its own. A document whose ``meta`` names in ``copy_of`` the one
    it is a copy of is read only if that one gives the best answer of all, or says it too.

    Args:
        model: folder of a reader (see ``SpanReader.load``); None is the shipped one.
        threads: how many windows are read at once.
        per_document: candidates per document, at least 1.
        read_first: how many documents are read first.
        sure_confidence: where a candidate of those reaches it, the others are read only if they mention its
            answer; None reads all. Documents must then come the likeliest to answer first.
    """

    def __init__(
        self,
        model: str | None = None,
        threads: int = 2,
        per_document: int = 6,
        read_first: int = 4,
        sure_confidence: float | None = None,
    ) -> None:
        self.model = model
        self.threads = threads
        self.per_document = per_document
        self.read_first = read_first
        self.sure_confidence = sure_confidence
        self._turns = Turns(read_first) if sure_confidence is None else Turns(read_first, log_odds_of(sure_confidence))
        self._reader: SpanReader | None = None

    @classmethod
    def around(cls, reader: SpanReader, sure_confidence: float | None = None) -> PassageReader:
        """The component around a reader that is loaded already."""
        made = cls(sure_confidence=sure_confidence)
        made._reader = reader
        return made

    def warm_up(self) -> None:
        """Load the weights, once."""
        self._loaded()

    @component.output_types(answers=list[ExtractedAnswer], candidates=list[Candidate], took_ms=float)
    def run(self, query: str, documents: list[Document], read_all: bool = False) -> dict[str, Any]:
        """Read the documents.

        Args:
            query: the question.
            documents: what is read.
            read_all: whether none is left unread, however sure a candidate is.

        Returns:
            ``candidates``: of all documents, by log-odds, best first. ``answers``: the same in Haystack's
            terms; ``score`` is the calibrated confidence, ``document_offset`` refers to the document's
            content. ``took_ms``: wall time.
        """
        reader = self._loaded()
        began = time.perf_counter()
        new = [document for document in documents if "copy_of" not in document.meta]
        copies = [document for document in documents if "copy_of" in document.meta]
        documents = [*new, *copies]
        passages = [passage_from(document.id, document.content or "", document.meta) for document in documents]
        read = read_in_turns(
            reader,
            query,
            passages[: len(new)],
            per_passage=self.per_document,
            turns=Turns(self.read_first) if read_all else self._turns,
            copies=[Copy(passage, d.meta["copy_of"]) for passage, d in zip(passages[len(new) :], copies, strict=True)],
        )
        pairs = [(c, d) for d, found in zip(documents, read, strict=True) for c in found]
        pairs.sort(key=lambda pair: (-pair[0].log_odds, pair[0].passage.id, pair[0].span))
        return {
            "answers": [_answer(query, candidate, document) for candidate, document in pairs],
            "candidates": [candidate for candidate, _ in pairs],
            "took_ms": (time.perf_counter() - began) * 1000,
        }

    def _loaded(self) -> SpanReader:
        if self._reader is None:
            self._reader = SpanReader.load(Path(self.model) if self.model is not None else None, self.threads)
        return self._reader

    def to_dict(self) -> dict[str, Any]:
        """The component as plain data."""
        return default_to_dict(
            self,
            model=self.model,
            threads=self.threads,
            per_document=self.per_document,
            read_first=self.read_first,
            sure_confidence=self.sure_confidence,
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PassageReader:
        """The component of plain data."""
        made: PassageReader = default_from_dict(cls, data)
        return made


def _answer(query: str, candidate: Candidate, document: Document) -> ExtractedAnswer:
    inside = candidate.span.start - candidate.passage.span.start
    return ExtractedAnswer(
        query=query,
        score=candidate.confidence,
        data=candidate.text,
        document=document,
        document_offset=ExtractedAnswer.Span(inside, inside + len(candidate.text)),
        meta={"margin": candidate.margin},
    )
