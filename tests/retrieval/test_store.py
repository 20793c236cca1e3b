from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from haystack import Document
from haystack.dataclasses import ByteStream, SparseEmbedding
from haystack.document_stores.types import DuplicatePolicy

from corpus.errors import IndexBusy, IndexIncompatible, IndexMissing, IndexProblem, InvalidArticle
from corpus.types import Article
from retrieval import connections
from retrieval.search import Ranking
from retrieval.store import SQLiteDocumentStore
from tests.retrieval.samples import DIMENSIONS, article, passages, put, vectors

TREATY = article(
    "news/treaty",
    "The treaty lasts twenty years.",
    "It was signed in Moscow.",
    source="Gazette",
    published=date(2025, 1, 17),
)
WEATHER = article("weather", "Rain in the north.", "Sun in the south.")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "index.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteDocumentStore]:
    with SQLiteDocumentStore(path) as opened:
        yield opened


def found(store: SQLiteDocumentStore, text: str) -> list[str]:
    return [hit.passage.id for hit in store.search(text, vectors([text])[0])]


def test_an_article_comes_back_as_it_was_put(store: SQLiteDocumentStore) -> None:
    put(store, TREATY, WEATHER, origin="/folder")
    assert store.article("news/treaty") == TREATY
    assert store.article("no such") is None
    assert store.digests() == {"news/treaty": TREATY.digest, "weather": WEATHER.digest}
    assert store.origins() == {"news/treaty": "/folder", "weather": "/folder"}
    treaty, weather = store.articles()
    assert (treaty.id, treaty.title, treaty.source, treaty.url) == (TREATY.id, TREATY.title, "Gazette", None)
    assert (treaty.published, treaty.chars, treaty.passages) == (date(2025, 1, 17), len(TREATY.text), 2)
    assert (weather.published, weather.digest, weather.origin) == (None, WEATHER.digest, "/folder")


def test_a_hit_carries_its_passage_and_its_place_in_both_lists(store: SQLiteDocumentStore) -> None:
    put(store, TREATY, WEATHER)
    text = "It was signed in Moscow."
    best = store.search(text, vectors([text])[0])[0]
    assert best.passage == passages(TREATY)[1]
    assert (best.rank, best.score, best.bm25_rank, best.dense_rank) == (1, 1.0, 1, 1)
    assert best.dense_score == pytest.approx(1.0, abs=1e-3)
    assert best.bm25_score is not None
    assert best.bm25_score > 0


def test_a_replaced_article_is_found_by_its_new_text_only(store: SQLiteDocumentStore) -> None:
    put(store, TREATY, WEATHER)
    put(store, article("news/treaty", "Nothing was agreed."))
    assert found(store, "treaty Moscow signed") == found(store, "treaty Moscow signed")
    assert all("Moscow" not in hit.passage.text for hit in store.search("Moscow", vectors(["Moscow"])[0]))
    assert found(store, "Nothing was agreed.")[0] == "news/treaty#0"
    assert store.count_documents() == 3


def test_a_deleted_article_is_gone_from_everywhere(store: SQLiteDocumentStore) -> None:
    put(store, TREATY, WEATHER)
    assert store.delete_article("news/treaty")
    assert not store.delete_article("news/treaty")
    assert [row.id for row in store.articles()] == ["weather"]
    assert all(key.startswith("weather") for key in found(store, "treaty Moscow"))


def test_a_word_of_the_title_finds_a_passage_without_it(store: SQLiteDocumentStore) -> None:
    put(store, replace(WEATHER, title="Forecast for Reykjavik"))
    assert {hit.passage.id for hit in store.search("Reykjavik", None)} == {"weather#0", "weather#1"}


def test_an_article_without_passages_is_listed_and_not_found(store: SQLiteDocumentStore) -> None:
    store.put_article(WEATHER, [], np.empty((0, DIMENSIONS), np.float32))
    assert store.articles()[0].passages == 0
    assert (store.count_articles(), store.count_documents()) == (1, 0)
    assert found(store, "Rain") == []


def test_the_contents_digest_follows_the_contents_not_the_way_there(store: SQLiteDocumentStore, tmp_path: Path) -> None:
    empty = store.contents_digest()
    put(store, TREATY)
    one = store.contents_digest()
    put(store, WEATHER)
    assert len({empty, one, store.contents_digest()}) == 3
    with SQLiteDocumentStore(tmp_path / "other.sqlite") as other:
        put(other, WEATHER, TREATY)
        assert other.contents_digest() == store.contents_digest()
        other.write_documents([Document(id="loose", content="loose")])
        assert other.contents_digest() != store.contents_digest()
    store.delete_article("weather")
    assert store.contents_digest() == one
    with SQLiteDocumentStore(tmp_path / "third.sqlite", encoder="another") as third:
        assert third.contents_digest() != empty


def test_an_article_changed_through_haystack_is_known_as_changed(store: SQLiteDocumentStore) -> None:
    put(store, TREATY, WEATHER)
    before = store.contents_digest()
    store.delete_documents(["news/treaty#0"])
    assert store.digests()["news/treaty"] != TREATY.digest
    assert store.contents_digest() != before
    store.delete_documents(["news/treaty#1", "no such"])
    assert store.digests() == {"weather": WEATHER.digest}
    store.update_by_filter({"field": "meta.article_id", "operator": "==", "value": "weather"}, {"source": "Radio"})
    assert store.digests()["weather"] != WEATHER.digest


def test_passages_of_another_article_and_passages_without_vectors_are_refused(store: SQLiteDocumentStore) -> None:
    put(store, WEATHER)
    two = vectors(["a", "b"])
    with pytest.raises(InvalidArticle, match="its own"):
        store.put_article(WEATHER, passages(TREATY), two)
    with pytest.raises(InvalidArticle, match="its own"):
        store.put_article(WEATHER, [passages(WEATHER)[0]] * 2, two)
    with pytest.raises(ValueError, match="one vector for each"):
        store.put_article(WEATHER, passages(WEATHER), two[:1])
    with pytest.raises(InvalidArticle, match="surrogate"):
        store.put_article(Article("weather", "\ud800", WEATHER.text), passages(WEATHER), two)
    assert store.article("weather") == WEATHER
    assert store.count_documents() == 2


def test_vectors_of_another_length_are_refused_and_nothing_is_written(store: SQLiteDocumentStore) -> None:
    put(store, WEATHER)
    with pytest.raises(IndexIncompatible, match="dimensions"):
        store.put_article(TREATY, passages(TREATY), np.ones((2, 3), np.float32))
    with pytest.raises(IndexIncompatible, match="dimensions"):
        store.write_documents([Document(content="x", embedding=[1.0, 2.0])])
    with pytest.raises(IndexIncompatible, match="dimensions"):
        store.search("rain", np.ones(3, np.float32))
    assert [row.id for row in store.articles()] == ["weather"]
    assert store.count_documents() == 2


def test_a_document_comes_back_exactly_with_all_its_fields(store: SQLiteDocumentStore) -> None:
    documents = [
        Document(id="a", content=None, blob=ByteStream(b"\x00\xff", {"n": 1}, "image/png"), score=0.5),
        Document(id="b", content="é🙂", meta={"é": [1, {"x": None}]}, embedding=[0.1, 1e300, -3.0]),
        Document(id="c", content="", embedding=[0.5, 0.25, 0.0], sparse_embedding=SparseEmbedding([1, 5], [0.5, 2.0])),
        Document(id="d", content="zeros", embedding=[0.0, 0.0, 0.0]),
    ]
    store.write_documents(documents)
    assert store.filter_documents() == documents
    hits = store.search("", np.array([0, 1, 0], np.float32))
    assert [hit.passage.article_id for hit in hits] == ["b", "c", "d"]


def test_overwriting_changes_what_is_found(store: SQLiteDocumentStore) -> None:
    store.write_documents([Document(id="a", content="old words", embedding=[1.0, 0.0])])
    assert store.search("", np.array([1, 0], np.float32))[0].dense_score == pytest.approx(1)
    store.write_documents([Document(id="a", content="new words", embedding=[0.0, 1.0])], DuplicatePolicy.OVERWRITE)
    assert store.search("", np.array([1, 0], np.float32))[0].dense_score == pytest.approx(0)
    assert store.search("old", None) == []


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_an_embedding_that_is_not_finite_is_refused(store: SQLiteDocumentStore, number: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        store.write_documents([Document(content="x", embedding=[1.0, number])])
    assert store.count_documents() == 0


@pytest.mark.parametrize("meta", [{"at": date(2025, 1, 17)}, {"x": float("nan")}, {"x": "\ud800"}])
def test_meta_that_is_no_json_is_refused_and_nothing_is_written(
    store: SQLiteDocumentStore, meta: dict[str, object]
) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the last one's text is Python's own)
        store.write_documents([Document(id="good", content="x"), Document(id="bad", content="x", meta=meta)])
    assert store.count_documents() == 0


@pytest.mark.parametrize("top_k", [0, -1])
def test_fewer_than_one_hit_cannot_be_asked_for(store: SQLiteDocumentStore, top_k: int) -> None:
    with pytest.raises(ValueError, match="top_k"):
        store.search("rain", None, top_k=top_k)


def test_equal_passages_stand_in_the_order_of_their_ids(store: SQLiteDocumentStore) -> None:
    for key in ("c", "a", "b"):
        put(store, replace(article(key, "The same words."), title="Same"))
    assert found(store, "same words") == ["a#0", "b#0", "c#0"]


def test_weights_decide_which_list_counts(path: Path) -> None:
    by_words = Ranking(bm25_weight=1, dense_weight=0)
    with SQLiteDocumentStore(path, ranking=by_words) as store:
        put(store, TREATY, WEATHER)
        assert store.search("Moscow", vectors(["Rain in the north."])[0])[0].passage.id == "news/treaty#1"
        assert SQLiteDocumentStore.from_dict(store.to_dict())._ranking == by_words


def test_the_index_is_there_after_it_was_closed(path: Path) -> None:
    with SQLiteDocumentStore(path, encoder="0123") as store:
        put(store, TREATY)
        before = found(store, "Moscow"), store.contents_digest()
    with pytest.raises(IndexProblem, match="closed"):
        store.count_documents()
    with SQLiteDocumentStore(path, create=False) as again:
        assert again.encoder == "0123"
        assert (found(again, "Moscow"), again.contents_digest()) == before


def test_settings_survive_serialisation(path: Path) -> None:
    with SQLiteDocumentStore(path, encoder="0123", busy_timeout_s=1.5) as store:
        data = store.to_dict()
    with SQLiteDocumentStore.from_dict(data) as again:
        assert again.to_dict() == data


def test_a_missing_index_is_named_and_not_made(path: Path) -> None:
    with pytest.raises(IndexMissing, match="pullquote index"):
        SQLiteDocumentStore(path, create=False)
    assert not path.parent.exists()


def test_an_index_of_another_encoder_is_refused(path: Path) -> None:
    with SQLiteDocumentStore(path, encoder="0123") as store:
        put(store, TREATY)
    with pytest.raises(IndexIncompatible, match="0123"):
        SQLiteDocumentStore(path, encoder="4567")
    with SQLiteDocumentStore(path, encoder="0123") as store:
        store.delete_all_documents()
    with SQLiteDocumentStore(path, encoder="4567") as store:
        assert store.encoder == "4567"


def test_vectors_of_an_unknown_encoder_are_not_taken_for_ours(path: Path) -> None:
    with SQLiteDocumentStore(path) as store:
        put(store, TREATY)
    with pytest.raises(IndexIncompatible, match="none recorded"):
        SQLiteDocumentStore(path, encoder="0123")


def test_an_index_of_another_version_is_refused(path: Path) -> None:
    SQLiteDocumentStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE about SET value = 99 WHERE name = 'schema'")
    connection.close()
    with pytest.raises(IndexIncompatible, match="schema 99"):
        SQLiteDocumentStore(path)


def test_a_file_that_is_no_index_is_refused_and_left_alone(tmp_path: Path) -> None:
    text, database = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("not a database, but long enough to be looked at" * 100)
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    before = text.read_bytes()
    with pytest.raises(IndexIncompatible, match=r"notes\.txt"):
        SQLiteDocumentStore(text)
    with pytest.raises(IndexIncompatible, match="no Pullquote index"):
        SQLiteDocumentStore(database)
    assert text.read_bytes() == before
    with pytest.raises(IndexProblem, match="cannot be used"):
        SQLiteDocumentStore(tmp_path)


def test_an_index_replaced_under_an_open_store_is_an_error_and_no_endless_loop(path: Path) -> None:
    with SQLiteDocumentStore(path) as store:
        for _ in range(3):
            put(store, TREATY)
        assert found(store, "Moscow")
        for file in path.parent.iterdir():
            file.unlink()
        SQLiteDocumentStore(path).close()
        store._connections._idle.pop().close()
        with pytest.raises(IndexProblem, match="replaced"):
            found(store, "Moscow")


def test_a_lock_held_too_long_is_busy_and_readers_go_on(path: Path) -> None:
    with SQLiteDocumentStore(path, busy_timeout_s=0.05) as store:
        put(store, TREATY)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(IndexBusy, match="try again"):
            put(store, WEATHER)
        assert found(store, "Moscow")[0] == "news/treaty#1"
        other.execute("ROLLBACK")
        other.close()
        put(store, WEATHER)
        assert store.count_documents() == 4


def test_readers_see_whole_articles_while_threads_write(store: SQLiteDocumentStore) -> None:
    versions = [article("a", *(f"version{number} line{line}" for line in range(3))) for number in range(8)]
    put(store, versions[0])
    stop, seen, failures = threading.Event(), [0], []

    def read() -> None:
        try:
            while not stop.is_set():
                hits = store.search("version0 version1 version2 version3 version4 line0 line1", vectors(["line0"])[0])
                assert len({hit.passage.text.split()[0] for hit in hits}) == 1
                assert {hit.passage.number for hit in hits if hit.dense_rank} == {0, 1, 2}
                seen[0] += 1
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(40):
        put(store, versions[number % len(versions)])
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert seen[0] > 0


def test_two_stores_on_one_file_see_each_others_writes(store: SQLiteDocumentStore, path: Path) -> None:
    with SQLiteDocumentStore(path) as other:
        put(store, TREATY)
        assert found(other, "Rain in the north.") == ["news/treaty#0", "news/treaty#1"] or found(other, "Moscow")
        put(other, WEATHER)
        assert found(store, "Rain in the north.")[0] == "weather#0"
        store.delete_article("weather")
        assert all(key.startswith("news/") for key in found(other, "Rain in the north."))


def test_a_store_that_missed_more_removals_than_are_kept_reads_all_again(
    store: SQLiteDocumentStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "KEPT_REMOVALS", 3)
    with SQLiteDocumentStore(path) as other:
        put(other, TREATY, WEATHER)
        assert found(store, "Moscow")
        for number in range(5):
            put(other, article("weather", f"Storm {number} in the west.", "Fog."))
        put(other, article("last", "A late word."))
        expected = found(other, "Storm 4 in the west.")
        assert found(store, "Storm 4 in the west.") == expected
        assert expected[0] == "weather#0"
        with store._connections.reading() as connection:
            snapshot = store._vectors.at(connection)
        assert snapshot is not None
        assert len(snapshot.rows) == store.count_documents()
