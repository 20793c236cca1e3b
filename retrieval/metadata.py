"""What Haystack asks of a store about the ``meta`` fields of its documents."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from haystack.errors import FilterError

from retrieval.filters import Where, json_path


def unique_values(connection: sqlite3.Connection, field: str, where: Where) -> list[Any]:
    """The values of a field, each once per type, in the order of their texts; None is no value.

    Raises:
        FilterError: if the field's name has a character that SQLite's JSON paths cannot hold.
    """
    path = json_path(field.removeprefix("meta.").split("."))
    if path is None:
        raise FilterError(f"a field name has no quotes, backslashes or control characters, got {field!r}")
    found = where.select(
        connection,
        # The filter's SQL holds no text of a caller: see retrieval.filters.
        f"SELECT DISTINCT meta -> :path FROM passages WHERE json_extract(meta, :path) IS NOT NULL AND {where.sql}",  # noqa: S608
        {"path": path},
    )
    values = [json.loads(text) for (text,) in found]
    return sorted(values, key=lambda value: (str(value), type(value).__name__))


def fields_info(connection: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """Every field with the type of its values, in Haystack's words."""
    names = {"true": "boolean", "false": "boolean", "integer": "int", "real": "float"}
    found = connection.execute(
        "SELECT DISTINCT entry.key, entry.type FROM passages, json_each(passages.meta) entry"
        " WHERE entry.type <> 'null' ORDER BY 1, 2"
    )
    return {key: {"type": names.get(kind, "keyword")} for key, kind in found}


def min_max(connection: sqlite3.Connection, field: str) -> dict[str, Any]:
    """The least and the greatest value of a field; both None where its values have no common order."""
    values = [value for value in unique_values(connection, field, Where()) if isinstance(value, int | float | str)]
    try:
        return {"min": min(values, default=None), "max": max(values, default=None)}
    except TypeError:
        return {"min": None, "max": None}
