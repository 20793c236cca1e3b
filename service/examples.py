"""Example questions: tried on the index they are shown for, one at a time between the questions people ask."""

from __future__ import annotations

from collections.abc import Iterable

import anyio
from anyio import to_thread

from answering.examples import Example, examples_of, in_turns, is_answered
from answering.types import Ask
from service.limits import Gate
from service.types import Answerer

WANTED = 6
_MOST_ARTICLES = 60
_MOST_TRIES = 24


class ExampleBook:
    """The questions of one state of the index; made at the first call, and again when the index has changed."""

    def __init__(self) -> None:
        self._kept: tuple[str, list[str]] | None = None
        self._making = anyio.Lock()

    async def questions(self, answerer: Answerer, gate: Gate) -> list[str]:
        """At most six questions that ``answerer`` is known to answer; each is tried in a place of ``gate`` of its own.

        Raises:
            Overloaded: if every place is taken.
        """
        async with self._making:
            index = await to_thread.run_sync(lambda: answerer.index_id)
            if self._kept is not None and self._kept[0] == index:
                return self._kept[1]
            found: list[str] = []
            for number, example in enumerate(await to_thread.run_sync(_made, answerer)):
                if len(found) == WANTED or number == _MOST_TRIES:
                    break
                with gate.place() as turn:
                    async with turn:
                        outcome = await to_thread.run_sync(answerer.ask, Ask(example.question))
                if is_answered(example, outcome):
                    found.append(example.question)
            self._kept = (index, found)
            return found


def _made(answerer: Answerer) -> list[Example]:
    rows = answerer.store.articles()
    # Spread over the index, so that a large one is not known by its first articles alone.
    chosen = rows[:: max(1, -(-len(rows) // _MOST_ARTICLES))]
    return in_turns(_examples(answerer, [row.id for row in chosen]))


def _examples(answerer: Answerer, ids: Iterable[str]) -> Iterable[list[Example]]:
    return [examples_of(article) for key in ids if (article := answerer.store.article(key)) is not None]
