"""Whether a citation still holds: its quote against its article as it is now. Pure functions.

Everywhere else a span is carried and sliced. Here alone a quote is searched for: the article may have changed since
it was cited, and then its offsets say nothing any more (docs/decisions/0006).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from corpus.types import Article, Span


@dataclass(frozen=True, slots=True)
class Claim:
    """What a citation says.

    Attributes:
        article_id: the article.
        span: where the quote stood in its text.
        quote: what stood there; not empty.
        article_sha256: digest of the text that ``span`` refers to.
        before, after: what stood around the quote, as far as it is known.
    """

    article_id: str
    span: Span
    quote: str
    article_sha256: str
    before: str = ""
    after: str = ""


class Status(StrEnum):
    """What became of a citation."""

    EXACT = "exact"
    MOVED = "moved"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a citation, and where its quote stands now; None where it does not."""

    status: Status
    span: Span | None = None


def verify(claim: Claim, article: Article | None) -> Verdict:
    """Hold ``claim`` against the article as it is now; None: there is none with its id.

    ``EXACT``: the text is the one that was cited, and the quote stands at its place. ``MOVED``: the text is another,
    or the place is wrong, but the quote stands there. ``CHANGED``: it does not. The place of a quote that moved is
    the one that shares most of what was around it (both sides, the longer side, the other, none), and of these the
    nearest to where it was.
    """
    if article is None:
        return Verdict(Status.MISSING)
    if claim.article_sha256.lower() == article.sha256 and claim.span.slice(article.text) == claim.quote:
        return Verdict(Status.EXACT, claim.span)
    sides = sorted([(claim.before, ""), ("", claim.after)], key=lambda side: -len(side[0] + side[1]))
    for before, after in ((claim.before, claim.after), *sides, ("", "")):
        at = _nearest(article.text, before + claim.quote + after, claim.span.start - len(before))
        if at is not None:
            start = at + len(before)
            return Verdict(Status.MOVED, Span(start, start + len(claim.quote)))
    return Verdict(Status.CHANGED)


def _nearest(text: str, wanted: str, place: int) -> int | None:
    """Where ``wanted`` stands in ``text``, nearest to ``place``; of two as near, the earlier one."""
    place = min(max(place, 0), len(text))
    found = (text.rfind(wanted, 0, place + len(wanted)), text.find(wanted, place))
    return min((at for at in found if at >= 0), key=lambda at: abs(at - place), default=None)
