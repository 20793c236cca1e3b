"""Every kind of index, opened in a folder of a test; a real cluster where ``QDRANT_URL`` names one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from retrieval.hits import Ranking
from retrieval.index import Index
from retrieval.places import ClusterPlace
from retrieval.qdrant.store import QdrantIndex
from retrieval.store import SQLiteDocumentStore
from tests.retrieval.samples import DIMENSIONS

# Read before a test takes the person's settings away.
CLUSTER = os.environ.get("QDRANT_URL", "")
KEY = os.environ.get("QDRANT_API_KEY")
KINDS = [
    "sqlite",
    "qdrant",
    pytest.param("cluster", marks=pytest.mark.skipif(not CLUSTER, reason="QDRANT_URL names no cluster to run it on")),
]


class Opening(Protocol):
    """Opens the index of a name, the same one for the same name."""

    def __call__(
        self,
        name: str = "index",
        encoder: str | None = None,
        create: bool = True,
        ranking: Ranking | None = None,
        dimensions: int = DIMENSIONS,
    ) -> Index: ...


@contextmanager
def opening_in(folder: Path, kind: str) -> Iterator[Opening]:
    """Opens indexes of one kind; those that are still open at the end are closed, those on a cluster removed."""
    run, opened = uuid4().hex[:8], list[Index]()
    folder.mkdir(parents=True, exist_ok=True)

    def place(name: str) -> ClusterPlace:
        if kind == "qdrant":
            return ClusterPlace(str(folder / name))
        return ClusterPlace(CLUSTER, KEY, f"test_{run}_{name}")

    def opening(
        name: str = "index",
        encoder: str | None = None,
        create: bool = True,
        ranking: Ranking | None = None,
        dimensions: int = DIMENSIONS,
    ) -> Index:
        index: Index
        if kind == "sqlite":
            index = SQLiteDocumentStore(folder / f"{name}.sqlite", encoder, create, ranking=ranking)
        else:
            index = QdrantIndex(place(name), encoder, dimensions, create, ranking)
        opened.append(index)
        return index

    yield opening
    for index in opened:
        index.close()
        if kind == "cluster" and isinstance(index, QdrantIndex):
            QdrantIndex.removed(index.place)
