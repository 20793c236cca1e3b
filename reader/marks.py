"""A quote's edges: a quotation mark or a bracket that has its partner outside is left outside too."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.types import Span

# An apostrophe closes no quotation: "the nations\u2019" keeps it.
_CLOSED_BY = {'"': '"', "“": "”", "„": "“", "«": "»", "(": ")", "[": "]", "{": "}", "「": "」", "『": "』"}
_OPENED_BY = {'"': '"', "”": "“", "»": "«", ")": "(", "]": "[", "}": "{", "」": "「", "』": "『"}


def without_lone_marks(text: str, span: Span) -> Span:
    """``span`` of ``text`` without the marks at its edges that pair with none inside it, and blanks beside those.

    A straight mark behind a figure stays, because it may stand for inches. A span of such marks alone is left as it is.
    """
    start, end = span.start, span.end
    while start < end:
        first, last = text[start], text[end - 1]
        if first.isspace() or (first in _CLOSED_BY and not _pairs(first, _CLOSED_BY[first], text[start + 1 : end])):
            start += 1
        elif last.isspace() or (
            last in _OPENED_BY
            and not (last == '"' and text[end - 2 : end - 1].isdigit())
            and not _pairs(last, _OPENED_BY[last], reversed(text[start : end - 1]))
        ):
            end -= 1
        else:
            return Span(start, end)
    return span


def _pairs(mark: str, partner: str, others: Iterable[str]) -> bool:
    """Whether ``mark`` meets its partner among the characters from it on inwards."""
    depth = 1
    for other in others:
        depth += (other == mark != partner) - (other == partner)
        if depth == 0:
            return True
    return False
