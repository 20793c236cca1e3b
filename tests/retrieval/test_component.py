from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from haystack import Pipeline

from corpus.errors import IndexIncompatible
from retrieval.component import HybridRetriever
from retrieval.encoder import Encoder
from retrieval.store import SQLiteDocumentStore
from retrieval.types import Filters
from tests.retrieval.samples import article, passages

ARTICLES = [
    article("treaty", "The pact binds both sides for two decades.", "It was signed in Moscow.", source="Gazette"),
    article("weather", "Rain is expected in the north.", source="Radio"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLiteDocumentStore]:
    encoder = Encoder.load()
    path = tmp_path_factory.mktemp("component") / "index.sqlite"
    with SQLiteDocumentStore(path, encoder=encoder.identity) as opened:
        for one in ARTICLES:
            parts = passages(one)
            opened.put_article(one, parts, encoder.encode([part.text for part in parts]))
        yield opened


def test_it_finds_by_meaning_where_no_word_is_shared(store: SQLiteDocumentStore) -> None:
    result = HybridRetriever(store).run("How long does the agreement last?")
    assert (result["hits"][0].passage.id, result["hits"][0].bm25_rank) == ("treaty#0", None)


def test_documents_carry_score_and_trace_and_no_embedding(store: SQLiteDocumentStore) -> None:
    result = HybridRetriever(store, top_k=2).run("Moscow")
    assert len(result["documents"]) == len(result["hits"]) == 2
    for document, hit in zip(result["documents"], result["hits"], strict=True):
        assert (document.id, document.content, document.score) == (hit.passage.id, hit.passage.text, hit.score)
        assert document.embedding is None
        assert document.meta["trace"] == {
            "rank": hit.rank,
            "score": hit.score,
            "bm25_rank": hit.bm25_rank,
            "bm25_score": hit.bm25_score,
            "dense_rank": hit.dense_rank,
            "dense_score": hit.dense_score,
        }


def test_it_runs_in_a_pipeline_that_was_serialised(store: SQLiteDocumentStore) -> None:
    pipeline = Pipeline()
    pipeline.add_component("retriever", HybridRetriever(store, top_k=3))
    again = Pipeline.loads(pipeline.dumps(), allowed_modules=["retrieval.component"])
    again.warm_up()
    again.warm_up()
    filters = Filters(sources=("Radio",)).to_haystack()
    result = again.run({"retriever": {"query": "Moscow", "filters": filters, "top_k": 1}})
    assert [hit.passage.id for hit in result["retriever"]["hits"]] == ["weather#0"]
    retriever = again.get_component("retriever")
    assert isinstance(retriever, HybridRetriever)
    assert retriever.to_dict() == HybridRetriever(store, top_k=3).to_dict()
    retriever.document_store.close()


def test_copies_follow_the_hits_and_their_documents_name_the_original(tmp_path: Path) -> None:
    encoder = Encoder.load()
    line = "The pact binds both sides for two decades."
    with SQLiteDocumentStore(tmp_path / "index.sqlite", encoder=encoder.identity) as store:
        for one in (article("a", line), article("b", line)):
            store.put_article(one, passages(one), encoder.encode([line]))
        found = HybridRetriever.around(store, encoder, top_k=1, copies=1).run("How long is the pact?")["documents"]
        assert [(one.id, one.meta.get("copy_of")) for one in found] == [("a#0", None), ("b#0", "a#0")]
        assert len(HybridRetriever.around(store, encoder, top_k=1).run("How long is the pact?")["documents"]) == 1


def test_a_top_k_of_0_is_an_error_and_none_means_the_components_own(store: SQLiteDocumentStore) -> None:
    retriever = HybridRetriever(store, top_k=1)
    assert len(retriever.run("Moscow", top_k=None)["hits"]) == 1
    with pytest.raises(ValueError, match="top_k"):
        retriever.run("Moscow", top_k=0)
    with pytest.raises(ValueError, match="top_k"):
        HybridRetriever(store, top_k=0)


def test_an_index_of_another_encoder_is_refused(tmp_path: Path) -> None:
    with (
        SQLiteDocumentStore(tmp_path / "index.sqlite", encoder="another") as store,
        pytest.raises(IndexIncompatible, match="another"),
    ):
        HybridRetriever(store).warm_up()
