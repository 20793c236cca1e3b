"""The index that is where the settings say: in a file, or on a cluster."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import IndexMissing, IndexProblem
from retrieval.index import Index
from retrieval.places import KEY_VARIABLE, ClusterPlace
from retrieval.store import SQLiteDocumentStore

if TYPE_CHECKING:
    from retrieval.qdrant.store import QdrantIndex


def open_index(
    folder: Path,
    cluster: ClusterPlace | None = None,
    *,
    encoder: str | None = None,
    dimensions: int = 384,
    create: bool = True,
) -> Index:
    """The index in ``folder``, or on ``cluster`` if one is given.

    Args:
        folder: of the index.
        cluster: where it is instead.
        encoder: identity of the encoder whose vectors are written and searched; None takes vectors as they come.
        dimensions: length of that encoder's vectors.
        create: whether a missing index may be made.

    Raises:
        IndexMissing: if there is none and ``create`` is false.
        IndexIncompatible: if it is of another version, or of another encoder.
        IndexProblem: if it cannot be reached, or a package for it is missing.
    """
    if cluster is None:
        return SQLiteDocumentStore(folder / "index.sqlite", encoder=encoder, create=create)
    place = cluster.within(folder)
    if place.url != cluster.url and not create and not Path(place.url).exists():
        raise IndexMissing(f"there is no index at {place.url}: make one with 'pullquote index FOLDER'")
    return _qdrant_index()(place, encoder, dimensions, create)


def remove_index(folder: Path, cluster: ClusterPlace) -> None:
    """Remove the index that ``open_index`` made on a cluster, if there is one.

    Raises:
        IndexProblem: if the cluster cannot be reached.
    """
    _qdrant_index().removed(cluster.within(folder))


def index_from_dict(data: dict[str, Any]) -> Index:
    """The index of ``Index.to_dict``'s settings; a cluster's key is that of ``QDRANT_API_KEY``.

    Raises:
        IndexProblem: if it cannot be opened.
    """
    if data["type"].endswith("QdrantIndex"):
        return _qdrant_index().from_dict(data, os.environ.get(KEY_VARIABLE))
    return SQLiteDocumentStore.from_dict(data)


def _qdrant_index() -> type[QdrantIndex]:
    try:
        from retrieval.qdrant.store import QdrantIndex  # noqa: PLC0415 - of the qdrant extra, and slow to load
    except ImportError as error:
        raise IndexProblem(
            f"an index on Qdrant needs packages that are not here ({error}): pip install 'pullquote[qdrant]'"
        ) from error
    return QdrantIndex
