"""Open questions put to each side in turns: what it says within its time, and afterwards what it found and read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer

from answering.answerer import Answerer
from answering.nearness import nearness
from answering.types import MIN_CONFIDENCE, Answered, Ask, Outcome
from corpus.types import Passage
from evals.gold import GoldQuestion
from evals.open_rows import FoundPassage, OpenRow, ReadSpan
from evals.ranking import holds_answer
from reader.scoring import SpanScorer
from reader.span_reader import ReaderSettings, SpanReader
from reader.types import Candidate
from retrieval.component import HybridRetriever
from retrieval.encoder import load_encoder
from retrieval.store import SQLiteDocumentStore

_PER_PASSAGE = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """A hit before it is judged: the passage's id, its text, and the scores (see ``FoundPassage``)."""

    id: str
    text: str
    score: float
    bm25: float | None = None
    dense: float | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """What stands behind an answer; the fields are those of ``OpenRow``."""

    insisted: str
    confidence: float | None
    passage: str | None
    hits: tuple[Seen, ...]
    spans: tuple[ReadSpan, ...] = ()


class Contestant(Protocol):
    """A pipeline that has indexed the articles."""

    name: str

    def ask(self, question: str) -> str:
        """The answer as shipped, empty where it withholds one. This is what is timed."""

    def trace(self, question: str) -> Trace:
        """What stands behind the answer to the question that was asked last."""


class Remembering(SpanReader):
    """A reader that reads no passage twice until it is told to forget: what follows a timed question costs little."""

    def __init__(self, tokenizer: Tokenizer, scorer: SpanScorer, settings: ReaderSettings) -> None:
        super().__init__(tokenizer, scorer, settings)
        self._found: dict[tuple[str, str, int], list[Candidate]] = {}

    def forget(self) -> None:
        """Read anew from here on."""
        self._found.clear()

    def read(self, question: str, passages: Sequence[Passage], *, per_passage: int = 3) -> list[list[Candidate]]:
        """As ``SpanReader.read``."""
        keys = [(question, passage.id, per_passage) for passage in passages]
        new = [passage for key, passage in zip(keys, passages, strict=True) if key not in self._found]
        found = super().read(question, new, per_passage=per_passage)
        self._found.update(zip([(question, p.id, per_passage) for p in new], found, strict=True))
        return [self._found[key] for key in keys]


class Ours:
    """Pullquote as a contestant.

    Args:
        index: its folder; made where there is none.
        reader: folder of another reader; None is the shipped one.
        threads: cores for a question.
        top_k: passages read for an answer.
        depth: hits a trace holds.
        read: passages a trace holds the spans of.
    """

    name = "ours"

    def __init__(self, index: Path, reader: Path | None, *, threads: int, top_k: int, depth: int, read: int) -> None:
        encoder = load_encoder(None, threads=threads)
        self._reader = Remembering.load(reader, threads)
        self.store = SQLiteDocumentStore(index / "index.sqlite", encoder=encoder.identity, create=True)
        self.answerer = Answerer(self.store, encoder, self._reader, top_k=top_k, min_confidence=MIN_CONFIDENCE)
        self._deep = HybridRetriever.around(self.store, encoder, top_k=depth)
        self._read = read
        self._outcome: Outcome | None = None

    def ask(self, question: str) -> str:
        """The answer as shipped."""
        self._reader.forget()
        self._outcome = self.answerer.ask(Ask(question))
        return self._outcome.answer.text if isinstance(self._outcome, Answered) else ""

    def trace(self, question: str) -> Trace:
        """Insists where nothing was answered, looks deeper, and keeps the spans."""
        outcome = self._outcome
        if not isinstance(outcome, Answered):
            outcome = self.answerer.ask(Ask(question, min_confidence=0.0))
        found = self._deep.run(outcome.searched)["hits"]
        passages = [hit.passage for hit in found]
        read = self._reader.read(outcome.searched, passages[: self._read], per_passage=_PER_PASSAGE)
        candidates = [candidate for each in read for candidate in each]
        near = nearness(outcome.searched, candidates, passages[: self._read])
        answer = outcome.answer if isinstance(outcome, Answered) else None
        place = answer.citations[0] if answer else None
        return Trace(
            insisted=answer.text if answer else "",
            confidence=answer.confidence if answer else None,
            passage=next(
                (p.id for p in passages if place and p.article_id == place.article_id and p.span.contains(place.span)),
                None,
            ),
            hits=tuple(Seen(h.passage.id, h.passage.text, h.score, h.bm25_score, h.dense_score) for h in found),
            spans=tuple(map(_span, candidates, near)),
        )


def _span(one: Candidate, near: float) -> ReadSpan:
    return ReadSpan(one.passage.id, one.span.start, one.span.end, one.text, one.margin, one.log_odds, near)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and who has yet to be asked it."""

    question: GoldQuestion
    contestants: tuple[Contestant, ...]


def in_turns(wanted: Sequence[Wanted], published: Callable[[str], date | None]) -> Iterator[OpenRow]:
    """Put each question to everyone who has yet to be asked; who goes first changes with every question.

    Args:
        wanted: asked from first to last.
        published: when the article of this id was published.
    """
    for number, one in enumerate(wanted):
        shift = number % max(len(one.contestants), 1)
        for contestant in (*one.contestants[shift:], *one.contestants[:shift]):
            yield _asked(contestant, one.question, published)


def _asked(contestant: Contestant, gold: GoldQuestion, published: Callable[[str], date | None]) -> OpenRow:
    said, trace, failed = "", Trace("", None, None, ()), False
    begun = time.perf_counter()
    ms = 0.0
    try:
        said = contestant.ask(gold.question)
        ms = (time.perf_counter() - begun) * 1000
        trace = contestant.trace(gold.question)
    except Exception:  # whatever it was, the run goes on and the question counts as failed
        said, failed = "", True
        ms = ms or (time.perf_counter() - begun) * 1000
    return OpenRow(
        side=contestant.name,
        id=gold.id,
        kind=gold.kind,
        asked=gold.asked_on.isoformat() if gold.asked_on else None,
        question=gold.question,
        gold=gold.answers,
        said=said,
        insisted=trace.insisted,
        confidence=trace.confidence,
        passage=trace.passage,
        hits=tuple(
            FoundPassage(
                id=hit.id,
                published=day.isoformat() if (day := published(hit.id.rpartition("#")[0])) else None,
                score=hit.score,
                bm25=hit.bm25,
                dense=hit.dense,
                holds=holds_answer(hit.text, gold.answers),
            )
            for hit in trace.hits
        ),
        spans=trace.spans,
        ms=ms,
        failed=failed,
    )


def yet_to_ask(
    questions: Sequence[GoldQuestion], rows: Sequence[OpenRow], limits: Mapping[Contestant, int | None]
) -> list[Wanted]:
    """Who has yet to be asked what: each contestant the first of the questions, as many as ``limits`` says."""
    done = {(row.side, row.id) for row in rows}
    wanted = [
        Wanted(
            question,
            tuple(
                contestant
                for contestant, limit in limits.items()
                if (limit is None or at < limit) and (contestant.name, question.id) not in done
            ),
        )
        for at, question in enumerate(questions)
    ]
    return [one for one in wanted if one.contestants]
