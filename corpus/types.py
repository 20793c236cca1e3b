"""What an article is: the frozen values every other package speaks in.

All offsets are Unicode code points into an article's normalised text, half-open.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

from corpus.text import normalise


class Value:
    """What never changes is its own copy: Haystack copies deeply all that its components hand on."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self


@dataclass(frozen=True, slots=True, order=True)
class Span(Value):
    """A half-open stretch ``[start, end)`` of an article's text, in code points.

    Raises:
        ValueError: if ``start`` is negative or ``end`` lies before ``start``.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, got [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def slice(self, text: str) -> str:
        """The characters of ``text`` under this span."""
        return text[self.start : self.end]

    def shifted(self, by: int) -> Span:
        """The same span moved ``by`` code points to the right."""
        return Span(self.start + by, self.end + by)

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one character."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Article(Value):
    """One article: its normalised text and what is known about it.

    Attributes:
        id: path below the corpus folder without the ending, or a ``.jsonl`` row's ``id``.
        title: the headline; never empty (the file's name where no headline is known).
        text: normalised text (NFC, LF, no BOM); every offset in the project refers to it.
        source: who published it, where known.
        url: where it was published, where known.
        published: date of publication, where known; never guessed from the clock.

    Raises:
        ValueError: if ``id`` is empty or ``text`` is not in normalised form.
    """

    id: str
    title: str
    text: str
    source: str | None = None
    url: str | None = None
    published: date | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("an article needs an id")
        if normalise(self.text) != self.text:
            raise ValueError(f"the text of article {self.id!r} is not normalised; use corpus.text.normalise")

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the UTF-8 text, in hexadecimal: what a citation carries."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every field, in hexadecimal: an article is unchanged when this is."""
        fields = [self.id, self.title, self.text, self.source, self.url, self.published and self.published.isoformat()]
        return hashlib.sha256(json.dumps(fields, ensure_ascii=True).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage(Value):
    """About 100 words of an article: what the index finds and the reader reads.

    Attributes:
        article_id: the article it stands in.
        number: its place among the article's passages, from 0.
        span: where it stands in the article's text.
        text: exactly ``article.text[span.start:span.end]``.
        sentences: the article's sentences it is made of, in order, in article coordinates.
    """

    article_id: str
    number: int
    span: Span
    text: str
    sentences: tuple[Span, ...]

    @property
    def id(self) -> str:
        """A stable id: the article's id and the passage's number."""
        return f"{self.article_id}#{self.number}"
