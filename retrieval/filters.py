"""Haystack's filter language as SQL over the ``passages`` table.

Only bound parameters carry what a caller wrote. What SQL says exactly as Haystack does (equality and
order of numbers, texts and plain ISO dates, absence, lists of those) is SQL; for any other row or
condition (time zones, nested values, odd dates) SQL asks Haystack's own function, ``by_hand``,
so that a filter means here what it means in every other Haystack store.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from haystack import Document
from haystack.errors import FilterError
from haystack.utils.filters import document_matches_filter

_ORDER: Final = frozenset({">", ">=", "<", "<="})
_OPERATORS: Final = _ORDER | {"==", "!=", "in", "not in"}
_MAX_CONDITIONS: Final = 500
_MAX_DEPTH: Final = 20  # well below where SQLite's parser gives up
_COLUMNS: Final = frozenset({"article_id", "source", "published"})
_NUMBERS: Final = "('integer', 'real', 'true', 'false')"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}([Tt ].*)?", re.ASCII | re.DOTALL)
_DAY_GLOB: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on passages: ``sql`` is 1 or 0 for a row, with its named ``parameters``.

    ``conditions`` are those that SQL hands to Haystack, by their place in this tuple.
    """

    sql: str = "1"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    conditions: tuple[dict[str, Any], ...] = ()

    def select(
        self, connection: sqlite3.Connection, query: str, parameters: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """All rows of ``query``, in which this condition's ``sql`` stands.

        Raises:
            FilterError: if a row's value cannot be compared with the filter's.
        """
        failures: list[Exception] = []

        def by_hand(number: int, row: int) -> bool:
            try:
                found = connection.execute("SELECT id, content, meta FROM passages WHERE row = ?", (row,)).fetchone()
                document = Document(id=found[0], content=found[1], meta=json.loads(found[2]))
                return document_matches_filter(self.conditions[number], document)
            except Exception as error:  # SQLite would replace it by an error without a cause
                failures.append(error)
                raise

        if self.conditions:
            connection.create_function("by_hand", 2, by_hand)
        try:
            return connection.execute(query, {**self.parameters, **(parameters or {})}).fetchall()
        except sqlite3.OperationalError as error:
            if not failures:
                raise
            if isinstance(failures[0], FilterError):
                raise failures[0] from None
            raise FilterError(f"a stored value cannot be compared with the filter's: {failures[0]}") from error


def where(filters: dict[str, Any] | None) -> Where:
    """The condition that ``filters`` say; None and ``{}`` let every passage through.

    Raises:
        FilterError: if they are not in Haystack's filter language.
    """
    if not filters:
        return Where()
    writer = _Writer()
    sql = writer.condition(filters)
    return Where(sql, writer.parameters, tuple(writer.conditions))


@dataclass(frozen=True, slots=True)
class _Value:
    """SQL for a field's value and for its JSON type."""

    sql: str
    kind: str


class _Writer:
    """Writes one filter as SQL, gathering its parameters."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}
        self.conditions: list[dict[str, Any]] = []
        self._written = 0

    def condition(self, node: Any, depth: int = 0) -> str:
        self._written += 1
        if self._written > _MAX_CONDITIONS or depth > _MAX_DEPTH:
            raise FilterError(f"a filter has at most {_MAX_CONDITIONS} conditions, {_MAX_DEPTH} deep")
        if not isinstance(node, dict):
            raise FilterError(f"a filter is a dictionary, got {type(node).__name__}")
        return self._comparison(node) if "field" in node else self._logic(node, depth)

    def _logic(self, node: dict[str, Any], depth: int) -> str:
        for key in ("operator", "conditions"):
            if key not in node:
                raise FilterError(f"{key!r} is missing in the filter {node}")
        operator, conditions = node["operator"], node["conditions"]
        if operator not in {"AND", "OR", "NOT"} or not isinstance(conditions, list):
            raise FilterError(f"a filter's operator is AND, OR or NOT over a list of conditions, got {operator!r}")
        parts = [self.condition(part, depth + 1) for part in conditions]
        if operator == "OR":
            return f"({' OR '.join(parts)})" if parts else "0"
        both = f"({' AND '.join(parts)})" if parts else "1"
        return f"({both} IS NOT TRUE)" if operator == "NOT" else both

    def _comparison(self, node: dict[str, Any]) -> str:
        for key in ("operator", "value"):
            if key not in node:
                raise FilterError(f"{key!r} is missing in the filter {node}")
        operator, target = node["operator"], node["value"]
        if operator not in _OPERATORS:
            raise FilterError(f"unknown operator {operator!r} in a filter; expected one of {sorted(_OPERATORS)}")
        if operator in {"in", "not in"} and not isinstance(target, list):
            raise FilterError(f"{operator!r} needs a list as its value, got {type(target).__name__}")
        if operator in _ORDER and isinstance(target, list):
            raise FilterError(f"{operator!r} cannot compare with a list")
        if operator in _ORDER and target is None:
            return "0"
        value = self._value(node["field"])
        if value is None:
            return self._by_hand(node)
        if operator in _ORDER:
            return self._ordered(value, operator, target, node)
        targets = target if operator in {"in", "not in"} else [target]
        found = self._any_equal(value, targets, node["field"])
        # An absent field makes SQL's comparison unknown; to Haystack it is unequal to any value.
        return f"({found} IS NOT TRUE)" if operator in {"!=", "not in"} else found

    def _value(self, name: Any) -> _Value | None:
        """How to read a field in SQL; None where only Haystack can."""
        if not isinstance(name, str):
            raise FilterError(f"a filter's field is a string, got {type(name).__name__}")
        if name in {"id", "content"}:
            return _Value(name, f"typeof({name})")
        if name in {"blob", "score", "embedding", "sparse_embedding"}:
            raise FilterError(f"documents cannot be filtered by {name!r}; expected 'id', 'content' or 'meta.…'")
        if name == "meta":
            return None
        root, *parts = name.split(".")
        if not parts:
            parts = [name]  # an old-style name, without its "meta."
        elif root != "meta":
            return _Value("NULL", "NULL")
        if len(parts) == 1 and parts[0] in _COLUMNS:
            return _Value(parts[0], f"typeof({parts[0]})")
        path = json_path(parts)
        if path is None:
            return None
        place = self._bind(path)
        return _Value(f"json_extract(meta, {place})", f"json_type(meta, {place})")

    def _any_equal(self, value: _Value, targets: Sequence[Any], name: str) -> str:
        texts = [one for one in targets if isinstance(one, str) and _is_plain(one)]
        numbers = [one for one in targets if _is_number(one)]
        parts = []
        if texts:
            parts.append(f"({value.sql} {self._one_of(texts)} AND {value.kind} = 'text')")
        if numbers:
            parts.append(f"({value.sql} {self._one_of(numbers)} AND {value.kind} IN {_NUMBERS})")
        for one in targets:
            if one is None:
                parts.append(f"{value.sql} IS NULL")
            elif isinstance(one, str) and _looks_like_a_day(one):
                parts.append(self._same_time(value, one, name))
            elif one not in texts and not _is_number(one):
                parts.append(self._by_hand({"field": name, "operator": "==", "value": one}))
        return f"({' OR '.join(parts)})" if parts else "0"

    def _one_of(self, targets: Sequence[Any]) -> str:
        if len(targets) == 1:
            return f"= {self._bind(targets[0])}"
        listed = self._bind(json.dumps(targets, ensure_ascii=False))
        return f"IN (SELECT value FROM json_each({listed}))"  # noqa: S608 (a parameter's name)

    def _same_time(self, value: _Value, target: str, name: str) -> str:
        moment = _plain_moment(target)
        by_hand = self._by_hand({"field": name, "operator": "==", "value": target})
        if moment is None or not storable(target):
            return by_hand
        key, day = self._bind(moment), self._bind(_DAY_GLOB)
        return self._by_form(value, "=", key, f"WHEN {value.sql} GLOB {day} THEN {by_hand} ELSE 0")

    def _ordered(self, value: _Value, operator: str, target: Any, node: dict[str, Any]) -> str:
        by_hand = self._by_hand(node)
        if _is_number(target):
            return (
                f"(CASE WHEN {value.kind} IN {_NUMBERS} THEN {value.sql} {operator} {self._bind(target)} "
                f"WHEN {value.sql} IS NULL THEN 0 ELSE {by_hand} END)"
            )
        moment = _plain_moment(target)
        if moment is None:
            return by_hand
        return self._by_form(value, operator, self._bind(moment), f"ELSE {by_hand}")

    def _by_form(self, value: _Value, operator: str, key: str, otherwise: str) -> str:
        """Compare a date or a time without zone, which sort as texts; ``otherwise`` for other forms."""
        sql = value.sql
        if sql == "published":
            return (
                f"(CASE WHEN moment IS NOT NULL THEN moment {operator} {key} WHEN {sql} IS NULL THEN 0 {otherwise} END)"
            )
        return (
            f"(CASE WHEN {sql} IS NULL THEN 0 WHEN {sql} IS date({sql}) THEN {sql} || 'T00:00:00' {operator} {key} "
            f"WHEN {sql} IS strftime('%Y-%m-%dT%H:%M:%S', {sql}) THEN {sql} {operator} {key} {otherwise} END)"
        )

    def _by_hand(self, node: dict[str, Any]) -> str:
        self.conditions.append(node)
        return f"by_hand({len(self.conditions) - 1}, row)"

    def _bind(self, value: Any) -> str:
        name = f"f{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"


def columns(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What the columns of a passage repeat of its ``meta``, so that a filter need not read it.

    Lists and dictionaries stand as bytes, which equal no text and no number. ``moment`` is
    ``published`` as ``YYYY-MM-DDTHH:MM:SS``, where that is a date, or a time to the second without zone.
    """
    held: dict[str, Any] = {name: _held(meta.get(name)) for name in sorted(_COLUMNS)}
    published = meta.get("published")
    plain = isinstance(published, str) and _looks_like_a_day(published)
    return {**held, "moment": _plain_moment(published) if plain else None}


def _held(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value).encode("ascii")
    return float(value) if isinstance(value, int) and not _is_number(value) else value


def json_path(parts: Sequence[str]) -> str | None:
    """The SQLite JSON path to nested keys; None for a key that such a path cannot name."""
    if any(not part or '"' in part or "\\" in part or not part.isprintable() for part in parts):
        return None
    return "$" + "".join(f'."{part}"' for part in parts)


def storable(text: str) -> bool:
    """Whether ``text`` has a UTF-8 form; a lone surrogate has none, so nothing stored equals it."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _is_number(value: Any) -> bool:
    """Whether SQLite can hold ``value`` as the same number."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, float) and math.isfinite(value)


def _is_plain(text: str) -> bool:
    """Whether SQL compares ``text`` as Haystack does: no date, and nothing that SQLite's JSON cuts or refuses."""
    return not _looks_like_a_day(text) and "\0" not in text and storable(text)


def _looks_like_a_day(text: str) -> bool:
    """Whether Haystack's ``==`` tries to read ``text`` as a date."""
    return _DAY.fullmatch(text) is not None


def _plain_moment(value: Any) -> str | None:
    """A date, or a time to the second without a zone, as ``YYYY-MM-DDTHH:MM:SS``; None for anything else."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is not None or moment.microsecond:
        return None
    return moment.isoformat()
