from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from haystack import Document
from haystack.dataclasses import ByteStream, SparseEmbedding

from corpus.errors import IndexBusy, IndexIncompatible, IndexMissing, IndexProblem, InvalidArticle
from corpus.types import Article
from retrieval import connections
from retrieval.articles import Entry
from retrieval.hits import Ranking
from retrieval.store import SQLiteDocumentStore
from retrieval.types import Filters
from tests.retrieval.samples import TREATY, WEATHER, article, passages, put, vectors


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "index.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteDocumentStore]:
    with SQLiteDocumentStore(path) as opened:
        yield opened


def found(store: SQLiteDocumentStore, text: str) -> list[str]:
    return [hit.passage.id for hit in store.search(text, vectors([text])[0])]


def test_an_article_changed_by_a_filter_is_known_as_changed(store: SQLiteDocumentStore) -> None:
    put(store, TREATY, WEATHER)
    store.update_by_filter({"field": "meta.article_id", "operator": "==", "value": "weather"}, {"source": "Radio"})
    assert store.digests()["weather"] != WEATHER.digest
    assert store.digests()["news/treaty"] == TREATY.digest


def test_settings_survive_serialisation(path: Path) -> None:
    with SQLiteDocumentStore(path, busy_timeout_s=1.5, ranking=Ranking(bm25_weight=1)) as store:
        data = store.to_dict()
    with SQLiteDocumentStore.from_dict(data) as again:
        assert again.to_dict() == data
        assert again._ranking == Ranking(bm25_weight=1)


def test_no_folder_is_made_for_an_index_that_is_missing(path: Path) -> None:
    with pytest.raises(IndexMissing, match="pullquote index"):
        SQLiteDocumentStore(path, create=False)
    assert not path.parent.exists()


def test_several_articles_are_written_together_or_not_at_all(store: SQLiteDocumentStore) -> None:
    treaty, weather = (Entry(one, passages(one), vectors([p.text for p in passages(one)])) for one in (TREATY, WEATHER))
    with pytest.raises(ValueError, match="one vector for each"):
        store.put_articles([treaty, replace(weather, vectors=weather.vectors[:1])])
    with pytest.raises(InvalidArticle, match="its own"):
        store.put_articles([treaty, replace(weather, passages=treaty.passages)])
    assert store.count_articles() == 0
    store.put_articles([treaty, weather])
    assert store.article(TREATY.id) == TREATY
    assert found(store, "Rain")


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


LINE = "The bridge over the Orre was opened by the mayor of Ostwick on Monday."


def wire(number: int) -> Article:
    return article(f"wire{number}", LINE)


def test_copies_come_after_every_hit_that_says_something_new(store: SQLiteDocumentStore) -> None:
    put(
        store,
        wire(1),
        wire(2),
        wire(3),
        WEATHER,
        article("toll", "The bridge takes no toll, the council of Ostwick said."),
    )
    hits = store.search(LINE, vectors([LINE])[0])
    assert [hit.passage.article_id for hit in hits[:1] + hits[-2:]] == ["wire1", "wire2", "wire3"]
    assert {hit.passage.article_id for hit in hits[1:-2]} == {"toll", "weather"}
    assert [hit.copy_of for hit in hits] == [None, None, None, None, "wire1#0", "wire1#0"]
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5, 6]


def test_copies_beyond_top_k_are_given_only_if_asked_for(store: SQLiteDocumentStore) -> None:
    put(store, *map(wire, range(4)), WEATHER)
    vector = vectors([LINE])[0]
    assert [hit.copy_of for hit in store.search("bridge", vector, top_k=2)] == [None, None]
    found = [hit for hit, _ in store.search_documents("bridge", vector, top_k=2, copies=2)]
    assert [hit.copy_of for hit in found] == [None, None, "wire0#0", "wire0#0"]
    assert [hit.rank for hit in found] == [1, 2, 3, 4]


def test_what_is_new_is_found_behind_more_copies_than_the_lists_hold(path: Path) -> None:
    with SQLiteDocumentStore(path, ranking=Ranking(depth=4)) as store:
        put(store, *map(wire, range(40)), article("toll", "A bridge without a toll is what the council wants."))
        hits = store.search(LINE, vectors([LINE])[0], top_k=2)
        assert [(hit.passage.article_id, hit.copy_of) for hit in hits] == [("wire0", None), ("toll", None)]


def test_a_copy_that_a_filter_leaves_alone_is_no_copy(store: SQLiteDocumentStore) -> None:
    put(store, wire(1), wire(2))
    hits = store.search("bridge", vectors([LINE])[0], Filters(articles=("wire2",)))
    assert [(hit.passage.article_id, hit.copy_of) for hit in hits] == [("wire2", None)]


def test_spreading_can_be_switched_off(path: Path) -> None:
    ranking = Ranking(spread=False)
    with SQLiteDocumentStore(path, ranking=ranking) as store:
        put(store, wire(1), wire(2), WEATHER)
        hits = store.search("bridge", vectors([LINE])[0], top_k=2)
        assert [(hit.passage.article_id, hit.copy_of) for hit in hits] == [("wire1", None), ("wire2", None)]
        assert SQLiteDocumentStore.from_dict(store.to_dict())._ranking == ranking


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
