"""Markdown, with YAML front matter where there is any; the body is kept as it stands."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from corpus.errors import InvalidArticle
from corpus.formats.draft import Draft
from corpus.formats.plain import decode
from corpus.heads import parse_date
from corpus.text import normalise

_MOST_FRONT_MATTER_CHARS = 16_384
_DEEPEST_NESTING = 8
_OPENING = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$\n?", re.MULTILINE)
_KEY = re.compile(r"\s*[\w-]+[ \t]*:")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_HEADING = re.compile(r" {0,3}#[ \t]+(.+?)[ \t]*#*[ \t]*$")


def read_markdown(data: bytes) -> Draft:
    """Read a ``.md`` file; ``title``, ``date``, ``source`` and ``url`` of its front matter are kept.

    Without a title there, the first ``# `` heading is one. All other keys are ignored.

    Raises:
        InvalidArticle: if the bytes are no text, or the front matter is broken.
    """
    # Front matter is found by lines, so the line ends are made one first.
    text = normalise(decode(data))
    matter, body = _parted(text)
    fields = _fields(matter) if matter is not None else {}
    return Draft(
        text=body,
        title=_string(fields, "title") or _first_heading(body),
        source=_string(fields, "source"),
        url=_string(fields, "url"),
        published=_date(fields.get("date")),
    )


def _parted(text: str) -> tuple[str | None, str]:
    """Front matter, or None, and body."""
    opening = _OPENING.match(text)
    if opening is None:
        return None, text
    closing = _CLOSING.search(text, opening.end(), opening.end() + _MOST_FRONT_MATTER_CHARS)
    if closing is not None:
        return text[opening.end() : closing.start()], text[closing.end() :]
    if _KEY.match(text, opening.end()):
        raise InvalidArticle(
            f"broken front matter: no line of --- closes it within {_MOST_FRONT_MATTER_CHARS:,} characters"
        )
    return None, text  # a rule across the page, not front matter


def _fields(matter: str) -> dict[Any, Any]:
    import yaml  # noqa: PLC0415 - only markdown with front matter needs it

    # The C parser where PyYAML has it: the other one takes seconds over hostile front matter.
    loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        for event in yaml.parse(matter, Loader=loader):
            # Aliases and nesting are what small YAML grows large or slow by; front matter needs neither.
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST_NESTING:
                raise InvalidArticle("broken front matter: YAML aliases and deep nesting are not taken")
        fields = yaml.load(matter, Loader=loader)  # noqa: S506 - a safe loader, in C or in Python
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        clause = " ".join(str(problem).split())[:200]
        raise InvalidArticle(f"broken front matter: {clause or type(problem).__name__}") from problem
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise InvalidArticle("broken front matter: expected lines of 'key: value'")
    return fields


def _string(fields: dict[Any, Any], key: str) -> str | None:
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        raise InvalidArticle(f"broken front matter: {key} must be text, got {type(value).__name__}")
    return str(value)


def _date(value: object) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    day = parse_date(value) if isinstance(value, str) else None
    if day is None:
        raise InvalidArticle(f"broken front matter: date {str(value)[:40]!a} is no full day; write it as 2025-01-17")
    return day


def _first_heading(body: str) -> str | None:
    fenced = False
    for line in body.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (found := _HEADING.match(line[:1000])):
            return found[1][:200]
    return None
