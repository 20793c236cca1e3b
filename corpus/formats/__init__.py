"""One reader for each kind of file: bytes in, a draft of an article out.

A reader raises InvalidArticle, saying why in one clause, for bytes that it cannot read. It fetches
nothing, runs nothing that stands in the file, and holds itself to bounds of size and time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from corpus.formats.docx import read_docx
from corpus.formats.draft import Draft
from corpus.formats.html import read_html
from corpus.formats.markdown import read_markdown
from corpus.formats.pdf import read_pdf
from corpus.formats.plain import read_plain

READERS: Mapping[str, Callable[[bytes], Draft]] = MappingProxyType(
    {
        ".txt": read_plain,
        ".md": read_markdown,
        ".html": read_html,
        ".htm": read_html,
        ".pdf": read_pdf,
        ".docx": read_docx,
    }
)
ROWS_ENDING = ".jsonl"
ENDINGS = frozenset(READERS) | {ROWS_ENDING}

__all__ = ["ENDINGS", "READERS", "ROWS_ENDING", "Draft"]
