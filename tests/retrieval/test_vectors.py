from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from haystack import Document
from numpy.typing import NDArray

from retrieval.hits import Ranking
from retrieval.store import SQLiteDocumentStore
from retrieval.vectors import Snapshot, to_codes, unit


def drawn(count: int, seed: int) -> NDArray[np.float32]:
    return unit(np.random.default_rng(seed).normal(size=(count, 384)))


def test_units_have_length_1_and_zeros_stay_zeros() -> None:
    units = unit(np.array([[3.0, 4.0], [0.0, 0.0], [1e-30, 0.0], [1e300, 1e300]]))
    assert np.linalg.norm(units, axis=1).tolist() == pytest.approx([1, 0, 1, 1])


def test_codes_use_the_whole_range() -> None:
    codes = to_codes(np.array([[0.5, -0.25], [0.0, 0.0], [-1e-9, 0.0]], np.float32))
    assert codes.tolist() == [[127, -64], [0, 0], [-127, 0]]


def test_the_ten_nearest_are_those_of_an_exact_float32_search(tmp_path: Path) -> None:
    vectors = drawn(2000, seed=1)
    # Queries near stored vectors, so that the nearest stand apart as passages do, and queries from anywhere.
    queries = np.concatenate([unit(vectors[:20] + 0.05 * drawn(20, seed=2) * np.sqrt(384)), drawn(20, seed=3)])
    documents = [Document(id=f"{number:04}", embedding=vector.tolist()) for number, vector in enumerate(vectors)]
    with SQLiteDocumentStore(tmp_path / "index.sqlite", ranking=Ranking(depth=10)) as store:
        store.write_documents(documents)
        for query in queries:
            exact = np.argsort(-(vectors @ query), kind="stable")[:10]
            hits = store.search("", query, top_k=10)
            # The last bit of float16 may order two neighbours the other way; none may be lost.
            assert {int(hit.passage.article_id) for hit in hits} == set(exact.tolist())
            cosines = [float(vectors[int(hit.passage.article_id)] @ query) for hit in hits]
            assert [hit.dense_score for hit in hits] == pytest.approx(cosines, abs=5e-4)


def test_a_restricted_search_finds_as_many_as_there_are_among_the_allowed() -> None:
    vectors = drawn(50, seed=4)
    rows = np.arange(1, 101, 2, dtype=np.int64)
    snapshot = Snapshot(1, 99, 0, rows, to_codes(vectors))
    allowed = np.array([2, 3, 4, 5, 99], np.int64)
    assert set(snapshot.nearest(vectors[0], 10, allowed).tolist()) == {3, 5, 99}
    assert snapshot.nearest(vectors[2], 10, allowed)[0] == 5
    assert len(snapshot.nearest(vectors[0], 10, np.empty(0, np.int64))) == 0
    assert snapshot.nearest(vectors[7], 1)[0] == 15


def test_an_older_snapshot_stays_as_it_was_while_newer_ones_grow(tmp_path: Path) -> None:
    vectors = drawn(200, seed=5)
    with SQLiteDocumentStore(tmp_path / "index.sqlite") as store:
        snapshots = []
        for start in range(0, 200, 5):
            documents = [Document(id=f"{n}", embedding=vectors[n].tolist()) for n in range(start, start + 5)]
            store.write_documents(documents)
            if start % 20 == 0 and start:
                store.delete_documents([f"{start - 1}"])
            with store._connections.reading() as connection:
                snapshot = store._vectors.at(connection)
            assert snapshot is not None
            snapshots.append((snapshot, snapshot.rows.copy(), snapshot.codes.copy()))
        for snapshot, rows, codes in snapshots:
            assert np.array_equal(snapshot.rows, rows)
            assert np.array_equal(snapshot.codes, codes)
        assert len(snapshots[-1][1]) == store.count_documents() == 191
