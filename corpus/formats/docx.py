"""Word documents: paragraphs and tables in the order they stand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from corpus.errors import InvalidArticle
from corpus.formats.draft import Draft

_MOST_UNPACKED_BYTES = 100_000_000
_MOST_NESTED_TABLES = 8
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What python-docx's own template says of every file that is made with it.
_TEMPLATE_MADE = date(2013, 12, 23)


def read_docx(data: bytes) -> Draft:
    """Read a ``.docx`` file; cells of a table's row are parted by `` | ``.

    Title and day of making come from its core properties.

    Raises:
        InvalidArticle: if the file is broken, locked, too large unpacked, or holds no text.
    """
    if data.startswith(_OLE_MARK):
        raise InvalidArticle("it is locked by a password, or an old .doc: save it as .docx without one")
    _check_archive(data)
    import docx  # noqa: PLC0415 - slow to import, and only Word documents need it

    try:
        document = docx.Document(io.BytesIO(data))
    except (KeyError, ValueError, zipfile.BadZipFile) as problem:
        raise InvalidArticle(f"no Word document: {' '.join(str(problem).split())[:150]}") from problem
    text = "\n".join(_lines(document))
    if not text.strip():
        raise InvalidArticle("it holds no text")
    about = document.core_properties
    return Draft(text, title=(about.title or "")[:300], made=_made(about.created))


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as problem:
        raise InvalidArticle("no Word document: not a zip archive, or a broken one") from problem
    if unpacked > _MOST_UNPACKED_BYTES:
        raise InvalidArticle(f"unpacked it has {unpacked:,} bytes; the most is {_MOST_UNPACKED_BYTES:,}")


def _lines(container: Any, depth: int = 0) -> Iterator[str]:
    """One line for each paragraph and each row of a table, in document order."""
    for block in container.iter_inner_content():
        if not hasattr(block, "rows"):
            yield block.text
        elif depth < _MOST_NESTED_TABLES:
            seen: set[Any] = set()
            for row in block.rows:
                # A merged cell comes again for each column and row it spans.
                cells = {cell._tc: cell for cell in row.cells if cell._tc not in seen}
                seen.update(cells)
                yield " | ".join(" ".join(_lines(cell, depth + 1)).strip() for cell in cells.values())


def _made(created: datetime | None) -> date | None:
    return created.date() if created and created.date() != _TEMPLATE_MADE else None
