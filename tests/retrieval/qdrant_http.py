"""Qdrant's HTTP interface, as much of it as is used here, in front of the client's local mode.

It says nothing about a server's behaviour. It is there for what only happens over HTTP: how requests are written, what
is asked for that local mode does not know, how refusals come out.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import BaseModel
from qdrant_client import QdrantClient, models


@dataclass
class Node:
    """What was asked of it (``METHOD`` and path, with the body), and whether it refuses everything from now on."""

    url: str = ""
    asked: list[tuple[str, Any]] = field(default_factory=list)
    refusal: int | None = None
    client: QdrantClient = field(default_factory=lambda: QdrantClient(":memory:"))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, path: str, body: Any) -> Any:
        """The result of one request."""
        self.asked.append((f"{method} {path}", body))
        name, _, rest = path.removeprefix("/collections/").partition("/")
        return _ANSWERS[f"{method} {rest}"](self.client, name, body)


def _make(client: QdrantClient, name: str, body: Any) -> bool:
    made = models.CreateCollection.model_validate(body)
    return client.create_collection(name, made.vectors or {}, made.sparse_vectors)


def _scroll(client: QdrantClient, name: str, body: Any) -> dict[str, Any]:
    asked = models.ScrollRequest.model_validate(body)
    found, at = client.scroll(name, asked.filter, asked.limit or 10, None, asked.offset, asked.with_payload or False)
    return {"points": found, "next_page_offset": at}


def _query(client: QdrantClient, name: str, body: Any) -> Any:
    searches = models.QueryRequestBatch.model_validate(body).searches
    return client.query_batch_points(name, [search.model_copy(update={"params": None}) for search in searches])


def _delete(client: QdrantClient, name: str, body: Any) -> Any:
    return client.delete(name, models.Filter.model_validate(body["filter"]) if "filter" in body else body["points"])


_ANSWERS: dict[str, Callable[[QdrantClient, str, Any], Any]] = {
    "GET exists": lambda client, name, _: {"exists": client.collection_exists(name)},
    "GET ": lambda client, name, _: client.get_collection(name),
    "PUT ": _make,
    "DELETE ": lambda client, name, _: client.delete_collection(name),
    "PUT index": lambda *_: models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED),
    "PUT points": lambda client, name, body: client.upsert(
        name, [models.PointStruct.model_validate(point) for point in body["points"]]
    ),
    "POST points": lambda client, name, body: client.retrieve(name, body["ids"], body["with_payload"]),
    "POST points/scroll": _scroll,
    "POST points/count": lambda client, name, body: client.count(name, models.CountRequest.model_validate(body).filter),
    "POST points/query/batch": _query,
    "POST points/payload": lambda client, name, body: client.set_payload(name, body["payload"], body["points"]),
    "POST points/delete": _delete,
}


@contextmanager
def serving() -> Iterator[Node]:
    """A node on a loopback port, in a thread; it is stopped at the end."""
    node = Node()

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status = node.refusal or 200
            told: dict[str, Any] = {"status": {"error": "told to"}}
            if node.refusal is None:
                with node.lock:
                    result = node.answer(self.command, self.path.partition("?")[0], body)
                told = {"result": _plain(result), "status": "ok", "time": 0.0}
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_DELETE = reply  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        node.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield node
        finally:
            server.shutdown()
            thread.join()
            node.client.close()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
