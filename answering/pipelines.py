"""The two Haystack pipelines: articles into the index, a question to its outcome."""

from __future__ import annotations

from typing import Any

import numpy as np
from haystack import Pipeline, component
from haystack.core.errors import PipelineRuntimeError
from numpy.typing import NDArray

from answering.chooser import AnswerChooser
from answering.stages import FoundTeller
from answering.timeliness import TimelyFirst
from corpus.errors import PullquoteError
from corpus.loading import Loaded
from corpus.splitting import split
from corpus.types import Passage
from reader.component import PassageReader
from retrieval.articles import Entry
from retrieval.component import HybridRetriever
from retrieval.encoder import TextEncoder
from retrieval.index import Index


@component
class PassageSplitter:
    """Articles in, their passages out."""

    @component.output_types(articles=list[Loaded], passages=list[list[Passage]])
    def run(self, articles: list[Loaded]) -> dict[str, Any]:
        """Split each article; ``passages[i]`` are those of ``articles[i]``."""
        return {"articles": articles, "passages": [list(split(loaded.article)) for loaded in articles]}


@component
class PassageEncoder:
    """Passages in, one vector each out."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.encoder = encoder

    @component.output_types(vectors=list[NDArray[np.float32]])
    def run(self, passages: list[list[Passage]]) -> dict[str, Any]:
        """Encode all passages together; ``vectors[i]`` has the shape ``(len(passages[i]), dimensions)``."""
        vectors = self.encoder.encode_passages([passage.text for group in passages for passage in group])
        ends = np.cumsum([len(group) for group in passages])
        return {"vectors": np.split(vectors, ends[:-1])}


@component
class ArticleWriter:
    """Articles, passages and vectors in; each article is stored whole."""

    def __init__(self, store: Index) -> None:
        self.store = store

    @component.output_types(passages=int)
    def run(
        self, articles: list[Loaded], passages: list[list[Passage]], vectors: list[NDArray[np.float32]]
    ) -> dict[str, Any]:
        """Replace the articles in the index; ``passages`` counts what was written."""
        written = zip(articles, passages, vectors, strict=True)
        self.store.put_articles([Entry(loaded.article, own, of_it, loaded.origin) for loaded, own, of_it in written])
        return {"passages": sum(len(own) for own in passages)}


def indexing_pipeline(store: Index, encoder: TextEncoder) -> Pipeline:
    """``articles`` go in at ``splitter``; the number of ``passages`` comes out of ``writer``."""
    pipeline = Pipeline()
    pipeline.add_component("splitter", PassageSplitter())
    pipeline.add_component("encoder", PassageEncoder(encoder))
    pipeline.add_component("writer", ArticleWriter(store))
    pipeline.connect("splitter.passages", "encoder.passages")
    pipeline.connect("splitter.articles", "writer.articles")
    pipeline.connect("splitter.passages", "writer.passages")
    pipeline.connect("encoder.vectors", "writer.vectors")
    return pipeline


def question_pipeline(
    retriever: HybridRetriever, timely: TimelyFirst, reader: PassageReader, chooser: AnswerChooser
) -> Pipeline:
    """The query goes in at ``retriever`` and ``reader``, the day that counts at ``timely``, the ``ask`` at ``chooser``.

    The ``outcome`` comes out of ``chooser``. A ``listener`` may go in at ``teller``; it is told what is read before it
    is read.
    """
    pipeline = Pipeline()
    pipeline.add_component("retriever", retriever)
    pipeline.add_component("timely", timely)
    pipeline.add_component("teller", FoundTeller(chooser.articles.article))
    pipeline.add_component("reader", reader)
    pipeline.add_component("chooser", chooser)
    pipeline.connect("retriever.documents", "timely.documents")
    pipeline.connect("retriever.hits", "timely.hits")
    pipeline.connect("timely.documents", "teller.documents")
    pipeline.connect("timely.hits", "teller.hits")
    pipeline.connect("teller.documents", "reader.documents")
    pipeline.connect("timely.hits", "chooser.hits")
    pipeline.connect("retriever.took_ms", "chooser.retrieve_ms")
    pipeline.connect("reader.candidates", "chooser.candidates")
    pipeline.connect("reader.took_ms", "chooser.read_ms")
    return pipeline


def run(pipeline: Pipeline, given: dict[str, Any]) -> dict[str, Any]:
    """Run a pipeline; an error of ours comes as itself, not as the one Haystack wraps it in."""
    try:
        return pipeline.run(given)
    except PipelineRuntimeError as error:
        if isinstance(error.__cause__, PullquoteError):
            raise error.__cause__ from error
        raise
