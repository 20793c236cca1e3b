"""What is Qdrant's alone: editions, the forms of words, and other programs that read the same collections."""

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from haystack import Pipeline
from haystack.errors import FilterError
from haystack_integrations.components.retrievers.qdrant import QdrantEmbeddingRetriever
from haystack_integrations.document_stores.qdrant import QdrantDocumentStore
from hypothesis import given
from hypothesis import strategies as st
from qdrant_client import QdrantClient
from qdrant_client.models import PointStruct, QueryRequest, ScoredPoint

from corpus.errors import IndexIncompatible, IndexMissing, IndexProblem
from corpus.loading import Loaded, load_folder
from corpus.splitting import split
from evals.gold import read_gold
from evals.terminal import SEED_GOLD, SEEDS
from retrieval.component import HybridRetriever
from retrieval.encoder import Encoder
from retrieval.places import ClusterPlace
from retrieval.qdrant.cluster import Cluster
from retrieval.qdrant.lexical import AVERAGE_WORDS, idf_of, passage_vector, question_vector, words
from retrieval.qdrant.listing import ABOUT
from retrieval.qdrant.store import QdrantIndex
from retrieval.store import SQLiteDocumentStore
from retrieval.types import Filters
from tests.retrieval.qdrant_http import Node, serving
from tests.retrieval.samples import DIMENSIONS, TREATY, WEATHER, article, passages, put, vectors
from tests.service.serving import until


@pytest.fixture
def index() -> Iterator[QdrantIndex]:
    with QdrantIndex(ClusterPlace(":memory:"), dimensions=DIMENSIONS) as opened:
        yield opened


def found(index: QdrantIndex, text: str) -> set[str]:
    return {hit.passage.text for hit in index.search(text, vectors([text])[0])}


class Killed(Exception):
    """The process ends here."""


def kill(monkeypatch: pytest.MonkeyPatch, step: str, collection: str) -> None:
    """The next call of a cluster's ``step`` on the articles, or the passages, does not happen."""
    real = getattr(Cluster, step)

    def killed(self: Cluster, name: str, *rest: object) -> None:
        if name.endswith(collection):
            raise Killed
        real(self, name, *rest)

    monkeypatch.setattr(Cluster, step, killed)


NEW = article("news/treaty", "Nothing was agreed.")


def test_an_article_that_was_written_by_half_is_not_found_and_the_old_one_is(
    index: QdrantIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(index, TREATY, WEATHER)
    with monkeypatch.context() as patch:
        kill(patch, "put", "_articles")
        with pytest.raises(Killed):
            put(index, NEW)
    assert found(index, "Nothing was agreed. Moscow") == set(TREATY.text.split("\n")) | set(WEATHER.text.split("\n"))
    assert index.digests()["news/treaty"] == TREATY.digest
    put(index, NEW)
    assert found(index, "Nothing was agreed. Moscow") == {NEW.text, *WEATHER.text.split("\n")}
    assert index.count_documents() == 3


def test_passages_that_a_kill_left_behind_are_never_found(index: QdrantIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    put(index, TREATY, WEATHER)
    with monkeypatch.context() as patch:
        kill(patch, "delete", "_passages")
        with pytest.raises(Killed):
            put(index, NEW)
    assert found(index, "Nothing was agreed. Moscow") == {NEW.text, *WEATHER.text.split("\n")}
    assert {document.content for document in index.filter_documents()} == {NEW.text, *WEATHER.text.split("\n")}
    assert index.digests()["news/treaty"] == NEW.digest
    index.delete_article("news/treaty")
    assert index.count_documents() == 2


def test_writing_an_article_again_changes_nothing(index: QdrantIndex) -> None:
    put(index, TREATY)
    before = index.contents_digest(), index.count_documents(), index.search("treaty", None)
    put(index, TREATY)
    assert (index.contents_digest(), index.count_documents(), index.search("treaty", None)) == before


def test_readers_see_whole_articles_while_threads_write(index: QdrantIndex) -> None:
    versions = [article("a", *(f"version{number} line{line}" for line in range(3))) for number in range(4)]
    put(index, versions[0])
    stop, seen, failures = threading.Event(), [0], []

    def read() -> None:
        try:
            while not stop.is_set():
                hits = index.search("version0 version1 version2 version3 line0", vectors(["line0"])[0])
                assert len({hit.passage.text.split()[0] for hit in hits}) == 1
                assert {hit.passage.number for hit in hits if hit.dense_rank} == {0, 1, 2}
                seen[0] += 1
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(20):
        put(index, versions[number % len(versions)])
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert seen[0] > 0


def test_an_article_that_is_replaced_between_search_and_answer_is_not_missed(
    index: QdrantIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(index, TREATY)
    real, searches = Cluster.search, [0]

    def then_replaced(self: Cluster, requests: Sequence[QueryRequest]) -> list[list[ScoredPoint]]:
        hits = real(self, requests)
        searches[0] += 1
        if searches[0] == 1:
            put(index, NEW)
        return hits

    monkeypatch.setattr(Cluster, "search", then_replaced)
    assert found(index, "Nothing was agreed.") == {NEW.text}
    assert searches == [2]


def test_a_haystack_pipeline_over_it_is_serialised_and_runs(tmp_path: Path) -> None:
    encoder = Encoder.load()
    place = ClusterPlace(str(tmp_path / "q"))
    with QdrantIndex(place, encoder=encoder.identity) as index:
        for one in (TREATY, WEATHER):
            parts = passages(one)
            index.put_article(one, parts, encoder.encode([part.text for part in parts]))
        pipeline = Pipeline()
        pipeline.add_component("retriever", HybridRetriever(index, top_k=3))
        dumped = pipeline.dumps()
    again = Pipeline.loads(dumped, allowed_modules=["retrieval.component"])
    filters = Filters(articles=("news/treaty",)).to_haystack()
    result = again.run({"retriever": {"query": "Where was it signed?", "filters": filters}})["retriever"]
    assert [document.id for document in result["documents"]] == ["news/treaty#1", "news/treaty#0"]
    assert all("edition" not in document.meta for document in result["documents"])
    retriever = again.get_component("retriever")
    assert isinstance(retriever, HybridRetriever)
    retriever.document_store.close()


def test_an_article_of_many_passages_is_written_in_parts_and_found_whole(index: QdrantIndex) -> None:
    long = article("long", *(f"line number {number}" for number in range(450)))
    put(index, long)
    assert index.count_documents() == 450
    assert index.articles()[0].passages == 450
    assert len(index.search("line", None, top_k=450)) == 450
    assert index.search("449", None)[0].passage == passages(long)[449]


def test_another_process_knows_at_once_that_the_contents_changed_and_soon_what_they_are(index: QdrantIndex) -> None:
    other = QdrantIndex.__new__(QdrantIndex)  # local mode lets one client in: a second index over the same one
    other.__dict__ |= index.__dict__
    other._shelf = type(index._shelf)(index._cluster)
    before = other.contents_digest()
    for change in (TREATY, WEATHER, NEW):
        put(index, change)
        # It may not have read the list yet, but it knows that this is another state.
        assert other.contents_digest() != before
        until(lambda: other.contents_digest() == index.contents_digest())
        assert other.digests() == index.digests()
        before = other.contents_digest()
    assert before == index.contents_digest()


def test_words_have_the_forms_that_the_full_text_module_of_sqlite_gives_them() -> None:
    texts = [
        text
        for loaded in load_folder(SEEDS)
        if isinstance(loaded, Loaded)
        for text in (loaded.article.title, *(passage.text for passage in split(loaded.article)))
    ]
    texts.append("Éric naïve café 20-year O'Brien's U.S. running flies a as is s 3.5% ÅNGSTRÖM Владимир")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE w USING fts5 (t, tokenize='porter unicode61 remove_diacritics 2')")
        connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(w, row)")
        connection.executemany("INSERT INTO w VALUES (?)", [(text,) for text in texts])
        theirs = Counter(dict(connection.execute("SELECT term, cnt FROM v")))
    ours = Counter(word for text in texts for word in words(text))
    # Porter's own program, and SQLite with it, does one thing more than his paper: "logi" becomes "log".
    differing = {word for word in ours.keys() | theirs.keys() if ours[word] != theirs[word]}
    assert differing == {"technologi", "technolog"}
    assert len(ours) > 900


def test_a_vectors_product_is_bm25_but_for_the_rarity_of_the_words() -> None:
    text = "treaty " * 3 + "word " * (AVERAGE_WORDS - 5)
    passage, question = passage_vector(text, "Treaty signed", 0.5), question_vector(["treaties"])
    (index,) = question.indices
    # f = 3 + 0.5, length = average: f * 2.2 / (f + 1.2)
    assert passage.values[passage.indices.index(index)] == pytest.approx(3.5 * 2.2 / 4.7)
    assert question.values == (1.0,)
    assert list(passage.indices) == sorted(set(passage.indices))


@given(st.floats(1e-6, 1e6))
def test_the_rarity_of_a_word_is_turned_into_what_sqlite_takes_it_for(odds: float) -> None:
    # odds are (N - n + 0.5) / (n + 0.5): the cluster says ln(1 + odds), SQLite ln(odds) and never less than 1e-6.
    expected = math.log(odds) if odds > 1 else 0
    assert idf_of(math.log1p(odds)) == pytest.approx(max(expected, 1e-6), rel=1e-4, abs=1e-5)


def test_a_passage_has_the_score_that_the_file_gives_it(index: QdrantIndex, tmp_path: Path) -> None:
    loaded = [found.article for found in load_folder(SEEDS) if isinstance(found, Loaded)]
    questions = [gold.question for gold in read_gold(SEED_GOLD) if not gold.history][:40]
    with SQLiteDocumentStore(tmp_path / "index.sqlite") as file:
        for one in loaded:
            parts = list(split(one))
            for store in (index, file):
                store.put_article(one, parts, vectors([part.text for part in parts]))
        for question in questions:
            theirs, ours = (
                {hit.passage.id: hit.bm25_score for hit in store.search(question, None, top_k=50)}
                for store in (file, index)
            )
            assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-4), question
            assert list(ours)[:8] == list(theirs)[:8], question


@pytest.mark.parametrize("asked", ["US", "1,000", "cooperation"])
def test_a_phrase_is_found_where_its_words_stand_side_by_side(index: QdrantIndex, tmp_path: Path, asked: str) -> None:
    whole = article("whole", "The U.S. agreed.", "They have 1 000 ships.", "Their co-operation lasts.")
    torn = article("torn", "Plan U is that s thing.", "In 000 cases 1 was found.", "An operation of a co owner.")
    others = [article(f"other{number}", "Rain in the north.", "Sun.", "Wind.") for number in range(4)]
    with SQLiteDocumentStore(tmp_path / "index.sqlite") as file:
        for store in (index, file):
            put(store, whole, torn, *others)
        (theirs,), (ours,) = file.search(asked, None), index.search(asked, None)
    assert ours.passage == theirs.passage
    assert ours.passage.article_id == "whole"
    assert ours.bm25_score == pytest.approx(theirs.bm25_score, rel=0.5)  # a phrase is rarer than its rarest word


def test_a_word_whose_stem_has_a_stem_of_its_own_is_found_by_words(index: QdrantIndex) -> None:
    assert words("agreed") == ["agre"]
    assert words("agre") != ["agre"]
    put(index, article("a", "Nothing was agreed."), WEATHER)
    assert [hit.passage.id for hit in index.search("Who agreed?", None)] == ["a#0"]


def test_an_article_whose_words_stand_in_few_passages_comes_before_one_of_common_words(index: QdrantIndex) -> None:
    put(index, *(article(f"common{number}", "The harbour opened.") for number in range(8)), article("rare", "A tarn."))
    assert index.search("harbour tarn", None)[0].passage.article_id == "rare"


def test_haystacks_own_store_reads_the_collection(tmp_path: Path) -> None:
    with QdrantIndex(ClusterPlace(str(tmp_path / "q")), dimensions=DIMENSIONS) as index:
        put(index, TREATY, WEATHER)
    store = QdrantDocumentStore(
        path=str(tmp_path / "q"),
        index="pullquote_passages",
        embedding_dim=DIMENSIONS,
        use_sparse_embeddings=True,
        sparse_idf=True,
        force_disable_check_same_thread=True,
    )
    assert store.count_documents() == 4
    vector = vectors(["Rain in the north."])[0].tolist()
    best = QdrantEmbeddingRetriever(store, top_k=1).run(vector)["documents"][0]
    assert (best.id, best.content, best.meta["article_id"]) == ("weather#0", "Rain in the north.", "weather")
    store.close()


def test_a_filter_that_the_cluster_cannot_say_is_refused(index: QdrantIndex) -> None:
    put(index, TREATY)
    for filters in (
        {"field": "meta.source", "operator": "==", "value": {"a": 1}},
        {"field": "meta.source", "operator": ">", "value": "b"},
        {"field": "meta.source", "operator": "~", "value": 1},
    ):
        with pytest.raises(FilterError):
            index.search("treaty", None, filters)


def test_a_collection_of_another_program_and_one_of_another_version_are_refused(tmp_path: Path) -> None:
    place = ClusterPlace(str(tmp_path / "q"), collection="mine")
    with closing(QdrantClient(path=place.url)) as client:
        client.create_collection("mine_articles", vectors_config={})
        client.create_collection("mine_passages", vectors_config={})
        client.upsert("mine_articles", [PointStruct(id=1, vector={}, payload={"x": 1})])
    with pytest.raises(IndexIncompatible, match="no Pullquote index"):
        QdrantIndex(place)
    QdrantIndex(ClusterPlace(place.url)).close()
    with closing(Cluster(ClusterPlace(place.url))) as cluster:
        cluster.set(cluster.articles, ABOUT, {"schema": 99})
    with pytest.raises(IndexIncompatible, match="schema 99"):
        QdrantIndex(ClusterPlace(place.url))


def test_a_cluster_that_gives_no_answer_is_named_and_its_key_is_not() -> None:
    place = ClusterPlace("http://127.0.0.1:9", None)
    with pytest.raises(IndexProblem, match=r"http://127\.0\.0\.1:9 gives no answer that.*QDRANT_URL"):
        QdrantIndex(place)
    assert "secret" not in repr(ClusterPlace("https://cluster.example", "secret"))


@pytest.fixture
def node() -> Iterator[Node]:
    with serving() as started:
        yield started


def test_over_http_an_index_is_made_filled_searched_changed_and_removed(node: Node) -> None:
    place = ClusterPlace(node.url, collection="news", shards=6, replicas=2)
    with QdrantIndex(place, encoder="0123", dimensions=DIMENSIONS) as index:
        put(index, TREATY, WEATHER)
        filters = Filters(sources=("Gazette",), published_from=TREATY.published)
        hits = index.search("Moscow", vectors(["It was signed in Moscow."])[0], filters)
        assert [(hit.passage.id, hit.bm25_rank, hit.dense_rank) for hit in hits[:1]] == [("news/treaty#1", 1, 1)]
        assert {hit.passage.article_id for hit in hits} == {"news/treaty"}
        put(index, NEW)
        assert found(index, "Nothing was agreed. Moscow") == {NEW.text, *WEATHER.text.split("\n")}
        assert index.article("news/treaty") == NEW
        assert index.unknown_words("Moscow agreed") == ["Moscow"]
        assert index.delete_article("weather")
        assert (index.count_articles(), index.count_documents()) == (1, 1)
        assert [row.id for row in index.articles()] == ["news/treaty"]
    with pytest.raises(IndexIncompatible, match="0123"):
        QdrantIndex(place, encoder="4567")
    QdrantIndex.removed(place)
    with pytest.raises(IndexMissing, match="news at http"):
        QdrantIndex(place, create=False)


def test_a_cluster_is_asked_for_shards_replicas_payload_indexes_and_every_vector(node: Node) -> None:
    for exact in (True, False):
        place = ClusterPlace(node.url, collection=f"exact_{exact}", shards=6, replicas=2, exact=exact)
        with QdrantIndex(place, dimensions=DIMENSIONS) as index:
            put(index, TREATY)
            index.search("Moscow", vectors(["Moscow"])[0])
    asked = dict(node.asked)
    assert asked["PUT /collections/exact_True_passages"]["shard_number"] == 6
    assert asked["PUT /collections/exact_True_passages"]["replication_factor"] == 2
    indexed = {body["field_name"] for path, body in node.asked if path == "PUT /collections/exact_True_passages/index"}
    assert indexed == {"id", "meta.article_id", "meta.edition", "meta.source", "meta.published"}
    assert asked["PUT /collections/exact_True_articles/index"]["field_name"] == "fingerprints"
    dense = [
        asked[f"POST /collections/exact_{exact}_passages/points/query/batch"]["searches"][1] for exact in (True, False)
    ]
    assert [search.get("params") for search in dense] == [{"exact": True}, None]


@pytest.mark.parametrize(
    ("status", "said"), [(403, "refuses the key: set QDRANT_API_KEY"), (500, "answered 500: .*told to")]
)
def test_a_clusters_refusal_is_an_error_that_says_what_to_do(node: Node, status: int, said: str) -> None:
    with QdrantIndex(ClusterPlace(node.url), dimensions=DIMENSIONS) as index:
        node.refusal = status
        with pytest.raises(IndexProblem, match=f"{node.url} {said}"):
            index.count_documents()
        with pytest.raises(IndexProblem, match=said):
            put(index, TREATY)


def test_over_http_a_text_without_a_utf8_form_is_equal_to_nothing(node: Node) -> None:
    with QdrantIndex(ClusterPlace(node.url), dimensions=DIMENSIONS) as index:
        put(index, TREATY)
        assert index.search("treaty", None, Filters(sources=("\ud800",))) == []
        assert index.search("treaty", None, Filters(sources=("\ud800", "Gazette"))) != []
        assert index.search("treaty \ud800", None) != []
        assert index.unknown_words("treaty \ud800") == []
        assert not index.delete_article("\ud800")


def test_the_key_is_not_serialised(index: QdrantIndex) -> None:
    index.place = ClusterPlace(":memory:", "secret")
    assert "secret" not in str(index.to_dict())


def test_a_removed_index_is_gone(tmp_path: Path) -> None:
    place = ClusterPlace(str(tmp_path / "q"), collection="gone")
    with QdrantIndex(place, dimensions=DIMENSIONS) as index:
        put(index, TREATY)
    QdrantIndex.removed(place)
    QdrantIndex.removed(place)
    with QdrantIndex(place, dimensions=DIMENSIONS) as index:
        assert (index.count_articles(), index.count_documents()) == (0, 0)


WITHOUT_QDRANT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"qdrant_client", "snowballstemmer"} or name.endswith("document_stores.qdrant"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from pathlib import Path
from corpus.errors import IndexProblem
from retrieval.opening import open_index
from retrieval.component import HybridRetriever
from retrieval.encoder import Encoder
from retrieval.places import ClusterPlace

open_index(Path(sys.argv[1])).close()
try:
    open_index(Path(sys.argv[1]), ClusterPlace(":memory:"))
except IndexProblem as error:
    print(error)
"""


def test_without_the_extra_a_file_works_and_a_cluster_says_what_to_install(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_QDRANT, str(tmp_path / "index")]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=SEEDS.parent)
    assert "pip install 'pullquote[qdrant]'" in result.stdout
