"""Two collections of a Qdrant cluster and the few things that are asked of them; every failure is an error of ours."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

from haystack_integrations.document_stores.qdrant.converters import DENSE_VECTORS_NAME, SPARSE_VECTORS_NAME
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from corpus.errors import IndexProblem
from retrieval.places import ClusterPlace

# Of 384 dimensions, with text and words: some 2 MB of JSON, far below the 32 MB that a node takes by default.
POINTS_AT_ONCE: Final = 200
READ_AT_ONCE: Final = 1_000
_TIMEOUT_S: Final = 30
# What passages are filtered by; without an index a node would read every payload.
_FILTERED: Final = {
    "id": models.PayloadSchemaType.KEYWORD,
    "meta.article_id": models.PayloadSchemaType.KEYWORD,
    "meta.edition": models.PayloadSchemaType.KEYWORD,
    "meta.source": models.PayloadSchemaType.KEYWORD,
    "meta.published": models.PayloadSchemaType.DATETIME,
}
# What articles that may tell one story are looked up by.
FINGERPRINTS: Final = "fingerprints"


class Cluster:
    """An open client. Safe for threads.

    Raises:
        IndexProblem: if a local folder is in use by another process.
    """

    def __init__(self, place: ClusterPlace) -> None:
        self.place = place
        self.articles = f"{place.collection}_articles"
        self.passages = f"{place.collection}_passages"
        # Local mode is not made for threads.
        self._lock = threading.RLock() if place.is_local else None
        self._closed = False
        try:
            self._client = _client(place)
        except (OSError, RuntimeError, ValueError) as error:
            raise IndexProblem(f"the index at {place.url} cannot be used: {error}") from error

    def close(self) -> None:
        """Close the client. May be called twice."""
        if not self._closed:
            self._closed = True
            self._client.close()

    def exists(self, collection: str) -> bool:
        """Whether there is a collection of this name."""
        with self._asking() as client:
            return client.collection_exists(collection)

    def make(self, dimensions: int) -> None:
        """Make what is missing of the two collections; vectors have ``dimensions`` components."""
        dense = {DENSE_VECTORS_NAME: models.VectorParams(size=dimensions, distance=models.Distance.COSINE)}
        sparse = {SPARSE_VECTORS_NAME: models.SparseVectorParams(modifier=models.Modifier.IDF)}
        self._make(self.passages, dense, sparse)
        self._make(self.articles, {}, None)
        if not self.place.is_local:  # which has no payload indexes, and warns
            with self._asking() as client:
                for name, kind in _FILTERED.items():
                    client.create_payload_index(self.passages, name, kind)
                client.create_payload_index(self.articles, FINGERPRINTS, models.PayloadSchemaType.INTEGER)

    def remove(self, collection: str) -> None:
        """Remove a collection, if it is there."""
        with self._asking() as client:
            client.delete_collection(collection)

    def dimensions(self) -> int:
        """How many components the passages' vectors have.

        Raises:
            IndexProblem: also if the collection was not made for passages.
        """
        with self._asking() as client:
            vectors = client.get_collection(self.passages).config.params.vectors
        if isinstance(vectors, dict) and DENSE_VECTORS_NAME in vectors:
            return int(vectors[DENSE_VECTORS_NAME].size)
        raise IndexProblem(f"the collection {self.passages} at {self.place.url} holds no passages: name another one")

    def get(self, collection: str, keys: Sequence[str], payload: Sequence[str] | bool = True) -> list[dict[str, Any]]:
        """Payloads of the points of these keys, those that are there, in any order; ``payload`` names their fields."""
        wanted = payload if isinstance(payload, bool) else list(payload)
        with self._asking() as client:
            found = client.retrieve(collection, list(keys), with_payload=wanted) if keys else []
        return [record.payload or {} for record in found]

    def scroll(
        self,
        collection: str,
        condition: models.Filter | None = None,
        payload: bool | models.PayloadSelector = True,
        vectors: list[str] | bool = False,
    ) -> Iterator[models.Record]:
        """Every point that ``condition`` lets through."""
        at: Any = None
        while True:
            with self._asking() as client:
                found, at = client.scroll(
                    collection, condition, limit=READ_AT_ONCE, offset=at, with_payload=payload, with_vectors=vectors
                )
            yield from found
            if at is None:
                return

    def count(self, collection: str, condition: models.Filter | None = None) -> int:
        """How many points ``condition`` lets through."""
        with self._asking() as client:
            return client.count(collection, condition, exact=True).count

    def search(self, requests: Sequence[models.QueryRequest]) -> list[list[models.ScoredPoint]]:
        """The passages each request finds, all in one round trip."""
        if not requests:
            return []
        with self._asking() as client:
            return [response.points for response in client.query_batch_points(self.passages, list(requests))]

    def put(self, collection: str, points: Iterable[models.PointStruct]) -> None:
        """Write points, a bounded number at once; on return every one of them is found."""
        rest = iter(points)
        while batch := list(islice(rest, POINTS_AT_ONCE)):
            with self._asking() as client:
                client.upsert(collection, batch, wait=True)

    def set(self, collection: str, key: str, payload: dict[str, Any]) -> None:
        """Set fields of a point's payload, and leave its others."""
        with self._asking() as client:
            client.set_payload(collection, payload, points=[key], wait=True)

    def delete(self, collection: str, what: Sequence[str] | models.Filter) -> None:
        """Remove points, by their keys or by a condition."""
        if what:
            with self._asking() as client:
                client.delete(collection, what if isinstance(what, models.Filter) else list(what), wait=True)

    def _make(self, name: str, dense: Any, sparse: Any) -> None:
        try:
            with self._asking() as client:
                if not client.collection_exists(name):
                    client.create_collection(
                        name,
                        dense,
                        sparse,
                        shard_number=self.place.shards,
                        replication_factor=self.place.replicas,
                    )
        except IndexProblem:
            if not self.exists(name):  # another process was quicker
                raise

    @contextmanager
    def _asking(self) -> Iterator[QdrantClient]:
        if self._closed:
            raise IndexProblem(f"the index at {self.place.url} was closed")
        if self._lock is not None:
            self._lock.acquire()
        try:
            yield self._client
        except UnexpectedResponse as error:
            raise IndexProblem(_refusal(self.place.url, error)) from error
        except ResponseHandlingException as error:
            raise IndexProblem(
                f"the Qdrant cluster at {self.place.url} gives no answer that can be read ({error.source}): see that "
                "it runs, and that QDRANT_URL is the address of one of its nodes"
            ) from error
        except ApiException as error:
            raise IndexProblem(f"the Qdrant cluster at {self.place.url} cannot be asked: {error!r}") from error
        finally:
            if self._lock is not None:
                self._lock.release()


def _client(place: ClusterPlace) -> QdrantClient:
    if place.url == ":memory:":
        return QdrantClient(":memory:")
    if place.is_local:
        return QdrantClient(path=place.url, force_disable_check_same_thread=True)
    return QdrantClient(url=place.url, api_key=place.api_key, timeout=_TIMEOUT_S, check_compatibility=False)


def _refusal(url: str, error: UnexpectedResponse) -> str:
    if error.status_code in {401, 403}:
        return f"the Qdrant cluster at {url} refuses the key: set QDRANT_API_KEY to one that may read and write"
    said = error.content[:300].decode("utf-8", "replace")
    return f"the Qdrant cluster at {url} answered {error.status_code}: {said}"
