"""Where an index is that is no file: settings of a Qdrant cluster. Nothing heavy is imported for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

# In place of an address: the client's own local mode, in a folder beside the file an index would be.
LOCAL: Final = "local"
KEY_VARIABLE: Final = "QDRANT_API_KEY"


@dataclass(frozen=True, slots=True)
class ClusterPlace:
    """Where an index is on a Qdrant cluster, and how its collections are made.

    Attributes:
        url: ``http(s)://…`` of any node; ``:memory:``, or a folder, is the client's own local mode.
        api_key: what the cluster asks for; None for one that asks for none.
        collection: the index's name; its collections are ``…_articles`` and ``…_passages``.
        shards: into how many parts passages are split; None leaves it to the cluster.
        replicas: how many nodes hold each part; None leaves it to the cluster.
        exact: whether every vector is compared, so that a question always finds the same; False searches the graph.
    """

    url: str
    api_key: str | None = field(default=None, repr=False)
    collection: str = "pullquote"
    shards: int | None = None
    replicas: int | None = None
    exact: bool = True

    @property
    def is_local(self) -> bool:
        """Whether this is the client's local mode: no cluster, one process."""
        return not self.url.startswith(("http://", "https://"))

    def within(self, folder: Path) -> ClusterPlace:
        """The same place, ``local`` being the folder ``qdrant`` of ``folder``."""
        return replace(self, url=str(folder / "qdrant")) if self.url == LOCAL else self
