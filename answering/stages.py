"""The stages of a question, told while it is worked on, to whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from haystack import Document, component

from answering.citing import Lookup, nearest
from answering.types import Nearest
from retrieval.types import Hit


@dataclass(frozen=True, slots=True)
class Searched:
    """It is settled what is searched: the stand-alone question."""

    question: str


@dataclass(frozen=True, slots=True)
class Found:
    """The passages are found, best first; now they are read."""

    passages: tuple[Nearest, ...]


Stage = Searched | Found
# Called in the thread that works, as each stage ends. It stops the work by raising.
Listener = Callable[[Stage], None]


@component
class FoundTeller:
    """Stands between retriever and reader: tells what was found before it is read.

    Args:
        lookup: where the articles' titles are looked up.
    """

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup

    @component.output_types(documents=list[Document])
    def run(self, documents: list[Document], hits: list[Hit], listener: Listener | None = None) -> dict[str, Any]:
        """Tell ``listener``, if there is one, and pass the documents on.

        Raises:
            Exception: whatever the listener raises; nothing is read then.
        """
        if listener is not None:
            listener(Found(nearest(hits, cache(self.lookup), limit=len(hits))))
        return {"documents": documents}
