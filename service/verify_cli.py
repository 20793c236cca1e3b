"""``pullquote verify``: citations kept in a file, held against the articles as they are now. It loads no model."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import from_json

from corpus.errors import CitationError
from retrieval.opening import open_index
from retrieval.places import ClusterPlace
from service.lookups import verified
from service.problems import fields_at_fault
from service.schemas import CitationClaim, Verified
from service.terminal import one_line, print_line

STDIN = "-"
# As large as an article may be by HTTP: some ten thousand citations.
_MOST_BYTES = 20_000_000
_STANDS = frozenset({"exact", "moved"})


def verify_file(name: str, index: Path, cluster: ClusterPlace | None = None, *, as_json: bool) -> bool:
    """Say of every citation in the file ``name``, or on the standard input for ``-``, whether it holds.

    Returns:
        Whether every quote stands in its article, at its place or at another.

    Raises:
        CitationError: if the file cannot be read, or holds anything but citations and responses of POST /v1/chat.
        IndexMissing, IndexIncompatible: if the index cannot be read.
    """
    claims = claims_of(_read(name), "standard input" if name == STDIN else name)
    with closing(open_index(index, cluster, create=False)) as store:
        found = [(claim, verified(claim, store)) for claim in claims]
    if as_json:
        print_line(json.dumps({"citations": [_record(*each) for each in found]}), raw=True)
    else:
        for claim, verdict in found:
            print_line(_line(claim, verdict))
        if not found:
            print_line("no citations to verify")
    return all(verdict.status in _STANDS for _, verdict in found)


def claims_of(data: bytes, where: str) -> list[CitationClaim]:
    """The citations in JSON text: one, a response of POST /v1/chat, or a list of either, in their order.

    A response gives the citations of its answer and then those of its alternatives; one that found nothing, none.

    Raises:
        CitationError: that names ``where``, the place in it, and the field.
    """
    try:
        given = from_json(data.removeprefix(b"\xef\xbb\xbf"), allow_inf_nan=False)
    except ValueError as error:
        raise CitationError(f"{where}: {error}; expected JSON, such as `pullquote ask --json` prints") from None
    claims: list[CitationClaim] = []
    for place, item in _cited(given, ""):
        if not isinstance(item, dict):
            raise _no_citation(where, place, "it is no object")
        try:
            claims.append(CitationClaim.model_validate(item))
        except ValidationError as error:
            fault = fields_at_fault(error.errors(include_url=False, include_context=False, include_input=False))
            raise _no_citation(where, place, fault) from None
    return claims


def _no_citation(where: str, place: str, fault: str) -> CitationError:
    of = f"{where}, {place}" if place else where
    return CitationError(f"{of}: {fault}; expected a citation, or a response of POST /v1/chat")


def _cited(given: object, place: str) -> Iterator[tuple[str, object]]:
    """Whatever stands where a citation may stand, with its place in words."""
    if isinstance(given, list) and not place:
        for number, item in enumerate(given, start=1):
            yield from _cited(item, f"item {number}")
    elif isinstance(given, dict) and isinstance(given.get("citations"), list):
        of = place and f"{place}, "
        for number, item in enumerate(given["citations"], start=1):
            yield f"{of}citation {number}", item
        alternatives = given.get("alternatives", [])
        for number, item in enumerate(alternatives if isinstance(alternatives, list) else [], start=1):
            yield from _cited(item, f"{of}alternative {number}")
    else:
        yield place, given


def _read(name: str) -> bytes:
    try:
        if name == STDIN:
            data = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CitationError(f"{name}: {reason}; expected a file of citations, or - for the standard input") from error
    if len(data) > _MOST_BYTES:
        raise CitationError(f"{name}: over {_MOST_BYTES} bytes, the most that is read here; split it")
    return data


def _line(claim: CitationClaim, verdict: Verified) -> str:
    now = f", now {verdict.start} to {verdict.end}" if verdict.status == "moved" else ""
    place = f"{claim.article_id}, characters {claim.start} to {claim.end}"
    return f"{verdict.status:<8} {one_line(place)}{now}"


def _record(claim: CitationClaim, verdict: Verified) -> dict[str, object]:
    cited: dict[str, object] = {"article_id": claim.article_id, "cited": {"start": claim.start, "end": claim.end}}
    return cited | verdict.model_dump()
