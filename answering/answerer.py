"""The answerer: an index and two models behind one object that is safe to share between threads."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from answering.calibration import SHIPPED, Calibration, read_calibration
from answering.chooser import AnswerChooser
from answering.followups import stand_alone
from answering.indexing import Change, Progress, Report, index_folder
from answering.pipelines import indexing_pipeline, question_pipeline, run
from answering.stages import Found, Listener, Searched, Stage
from answering.timeliness import TimelyFirst, counted_day, to_find
from answering.types import MIN_CONFIDENCE, Ask, NotFound, Outcome, Reason, Timings
from corpus.errors import QuestionError
from corpus.loading import Loaded
from corpus.text import normalise
from corpus.types import Article, Passage, Span
from reader.component import PassageReader
from reader.span_reader import SpanReader
from retrieval.component import HybridRetriever
from retrieval.encoder import TextEncoder, load_encoder
from retrieval.index import Index
from retrieval.opening import open_index
from retrieval.places import ClusterPlace

PUT_ORIGIN = "api"
# From here on passages that do not mention the answer are left unread (docs/decisions/0005).
SURE_CONFIDENCE = 0.45
# What says the same as a passage that is read is not read beside it, but may be cited (docs/decisions/0007).
MAX_COPIES = 8


class Answerer:
    """Asks an index. Use ``Answerer.open``; close it when done, or use it in a ``with``."""

    def __init__(
        self,
        store: Index,
        encoder: TextEncoder,
        reader: SpanReader,
        *,
        top_k: int,
        min_confidence: float,
        calibration: Calibration = SHIPPED,
    ) -> None:
        self.store = store
        self._encoder = encoder
        self._reader = reader
        self._top_k = top_k
        self._models = reader.identity if calibration == SHIPPED else f"{reader.identity}{calibration}"
        self._indexing = indexing_pipeline(store, encoder)
        self._questions = question_pipeline(
            HybridRetriever.around(store, encoder, top_k=top_k, copies=MAX_COPIES),
            TimelyFirst(top_k),
            PassageReader.around(reader, sure_confidence=SURE_CONFIDENCE),
            AnswerChooser(store, min_confidence, calibration),
        )

    @classmethod
    def open(
        cls,
        index: Path,
        *,
        cluster: ClusterPlace | None = None,
        encoder: Path | None = None,
        reader: Path | None = None,
        calibration: Path | None = None,
        threads: int = 2,
        top_k: int = 8,
        min_confidence: float = MIN_CONFIDENCE,
        create: bool = False,
    ) -> Answerer:
        """Open an index and load the models.

        Args:
            index: folder of the index.
            cluster: where the index is instead, if it is on a cluster.
            encoder: folder of another encoder; None is the shipped one.
            reader: folder of another reader; None is the shipped one.
            calibration: file that makes confidences of this index's questions; None is the shipped one.
            threads: processor cores to use for one question.
            top_k: how many passages are read for a question, at least 1.
            min_confidence: the least confidence, 0 to 1, at which an answer is given.
            create: make an empty index where there is none.

        Raises:
            IndexMissing, IndexIncompatible, IndexProblem, ModelError.
        """
        loaded = load_encoder(encoder, threads=threads)
        spans = SpanReader.load(reader, threads)
        made = SHIPPED
        if calibration is not None:
            made = read_calibration(calibration, reader=spans.identity, encoder=loaded.identity)
        store = open_index(index, cluster, encoder=loaded.identity, dimensions=loaded.dimensions, create=create)
        return cls(store, loaded, spans, top_k=top_k, min_confidence=min_confidence, calibration=made)

    @property
    def index_id(self) -> str:
        """Identity of the index's contents, its encoder, the reader and what makes its confidences: the same gives the
        same answers.
        """
        return self._identity(self.store.contents_digest())

    def ask(self, ask: Ask, listener: Listener | None = None) -> Outcome:
        """Answer a question, or say that the articles do not.

        Args:
            ask: the question.
            listener: told each stage as it ends, in this thread. It stops the work by raising; a cancellation comes
                out as itself.

        Raises:
            QuestionError: if the question is blank.
        """

        # A plain function: Haystack copies deeply what goes in, and a bound method with all it is bound to.
        def tell(stage: Stage) -> None:
            if listener is not None:
                listener(stage)

        began = time.perf_counter()
        searched = normalise(ask.question).strip()
        if not searched:
            raise QuestionError("the question is blank; type what you want to know")
        reason = self._unaskable(searched)
        if ask.rewrite and reason is None:
            searched = normalise(stand_alone(searched, ask.history))
        tell(Searched(searched))
        if reason is not None:
            tell(Found(()))
            timings = Timings(0.0, 0.0, _since_ms(began))
            return NotFound(ask.question, searched, reason, (), (), self.index_id, timings)
        day = counted_day(searched, ask.asked_on)
        result = run(
            self._questions,
            {
                "retriever": {
                    "query": searched,
                    "filters": ask.filters.to_haystack(),
                    "top_k": to_find(day, self._top_k),
                },
                "timely": {"day": day},
                "teller": {"listener": listener and tell},
                # What is less sure may be timelier: nothing is left unread.
                "reader": {"query": searched, "read_all": day is not None},
                "chooser": {"ask": ask, "searched": searched},
            },
        )
        outcome: Outcome = result["chooser"]["outcome"]
        return replace(
            outcome,
            index=self._identity(outcome.index),
            timings=replace(outcome.timings, total_ms=_since_ms(began)),
        )

    def _unaskable(self, searched: str) -> Reason | None:
        if self.store.count_documents() == 0:
            return Reason.EMPTY_INDEX
        # Without a letter or a digit there is nothing to look for, yet the reader would still like some span best.
        return None if any(map(str.isalnum, searched)) else Reason.NO_HIT

    def _identity(self, contents: str) -> str:
        return hashlib.sha256(f"{contents}{self._models}".encode()).hexdigest()[:16]

    def put(self, article: Article) -> Change:
        """Add an article, or replace the one with its id; one that is unchanged is left alone."""
        known = self.store.article(article.id)
        if known is not None and known.digest == article.digest:
            return Change.UNCHANGED
        run(self._indexing, {"splitter": {"articles": [Loaded(article, PUT_ORIGIN)]}})
        return Change.ADDED if known is None else Change.CHANGED

    def delete(self, article_id: str) -> bool:
        """Remove an article; False if there is none with this id."""
        return self.store.delete_article(article_id)

    def index_folder(
        self, folder: Path, *, keep: bool = False, on_progress: Callable[[Progress], None] | None = None
    ) -> Report:
        """Make the index agree with a folder (see ``answering.indexing.index_folder``)."""
        return index_folder(folder, self.store, self._indexing, keep=keep, on_progress=on_progress)

    def warm_up(self) -> None:
        """Run both models once and read the vectors, so that the first question need not."""
        self._encoder.encode(["warm"])
        self._reader.read("warm", [Passage("warm", 0, Span(0, 4), "warm", ())])
        self._questions.warm_up()
        self.store.warm_up()

    def close(self) -> None:
        """Close the index."""
        self.store.close()

    def __enter__(self) -> Answerer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _since_ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
