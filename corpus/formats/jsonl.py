"""Rows of articles: one JSON object a line, ``id,title,text,date,source,url``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO

from corpus.errors import InvalidArticle
from corpus.formats.draft import Draft
from corpus.heads import parse_date

_MOST_BAD_ROWS = 100


def read_rows(file: BinaryIO, *, most_bytes: int) -> Iterator[tuple[int, Draft | InvalidArticle]]:
    """Each row with its line's number, from 1; a row that breaks the form comes as its error.

    ``id`` and ``text`` are required and, like ``title``, ``source`` and ``url``, text; ``date`` is a
    full day. Unknown fields are ignored, blank lines passed over. The file is read line by line, a
    line of more than ``most_bytes`` ends it, and so do 100 bad rows: then it is no file of articles.
    """
    bad = 0
    number = 0
    while line := file.readline(most_bytes + 1):
        number += 1
        if len(line) > most_bytes:
            yield number, InvalidArticle(f"the row has over {most_bytes:,} bytes; the file is not read from here on")
            return
        if not line.strip():
            continue
        try:
            yield number, _draft(line, first=number == 1)
        except InvalidArticle as problem:
            yield number, problem
            bad += 1
        if bad == _MOST_BAD_ROWS:
            yield number, InvalidArticle(f"{bad} rows are bad; the file is not read from here on")
            return


def _draft(line: bytes, *, first: bool) -> Draft:
    try:
        row = json.loads(line.decode("utf-8-sig" if first else "utf-8"))
    except UnicodeDecodeError as problem:
        raise InvalidArticle("wrong encoding: not UTF-8") from problem
    except (ValueError, RecursionError) as problem:
        raise InvalidArticle(f"not JSON: {str(problem)[:100]}") from problem
    if not isinstance(row, dict):
        raise InvalidArticle(f"expected an object with id and text, got {type(row).__name__}")
    return Draft(
        text=_required(row, "text"),
        id=_required(row, "id"),
        title=_optional(row, "title"),
        source=_optional(row, "source"),
        url=_optional(row, "url"),
        published=_date(_optional(row, "date")),
    )


def _required(row: dict[str, Any], field: str) -> str:
    value = _optional(row, field)
    if value is None:
        raise InvalidArticle(f"{field} is missing")
    return value


def _optional(row: dict[str, Any], field: str) -> str | None:
    value = row.get(field)
    if value is not None and not isinstance(value, str):
        raise InvalidArticle(f"{field} must be text, got {type(value).__name__}")
    return value


def _date(written: str | None) -> date | None:
    if not written:
        return None
    day = parse_date(written)
    if day is None:
        raise InvalidArticle(f"date {written[:40]!a} is no full day; write it as 2025-01-17")
    return day
