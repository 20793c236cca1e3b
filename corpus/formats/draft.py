"""What a file says of an article, before its head is read and its rules are checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of an article and what the file's own metadata says of it.

    Attributes:
        text: as it stands in the file, not normalised yet.
        title, source, url, published: stated by the file; None where it does not.
        made: the day the file was made: stands for the date of publication if nothing better does.
        id: the article's id, where the file gives one (rows of a ``.jsonl`` file do).
    """

    text: str
    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: date | None = None
    made: date | None = None
    id: str | None = None
