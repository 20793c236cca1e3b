"""PDF: the pages' text, its lines joined into paragraphs again."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterable
from datetime import date

from corpus.articles import MAX_TEXT_CHARS
from corpus.errors import InvalidArticle
from corpus.formats.draft import Draft

_MOST_PAGES = 2_000
_MOST_SECONDS = 60.0
_PAGE_NUMBER = re.compile(r"(?:page\s+)?[-–—]?\s*\d{1,4}\s*[-–—]?", re.IGNORECASE)
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
# Titles that a word processor wrote, not a person.
_NO_TITLE = re.compile(r"untitled|microsoft word\b.*|.*\.(?:docx?|pdf|indd|qxd|rtf|odt|tex)", re.IGNORECASE)


def read_pdf(data: bytes) -> Draft:
    """Read a ``.pdf`` file; title and day of making come from its metadata.

    Raises:
        InvalidArticle: if the file is broken, locked by a password, holds no text (a scan), or more
            than 2,000 pages, or takes longer than a minute.
    """
    import pypdf  # noqa: PLC0415 - slow to import, and only PDFs need it
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InvalidArticle("it is encrypted: save it without a password")
        if len(reader.pages) > _MOST_PAGES:
            raise InvalidArticle(f"it has {len(reader.pages):,} pages; the most is {_MOST_PAGES:,}")
        text = joined(_page_lines(reader.pages))
        title, made = _about(reader)
    except PyPdfError as problem:
        locked = "encrypt" in str(problem).lower() or "decrypt" in str(problem).lower()
        reason = "it is encrypted: save it without a password" if locked else f"broken PDF: {problem}"
        raise InvalidArticle(reason[:200]) from problem
    if not text.strip():
        raise InvalidArticle("it holds no text: a scan needs text recognition first")
    return Draft(text, title=title, made=made)


def _page_lines(pages: Iterable[object]) -> list[list[str]]:
    """Lines of each page, without blank ones and without a page number at either end."""
    deadline = time.monotonic() + _MOST_SECONDS
    result: list[list[str]] = []
    chars = 0
    for page in pages:
        text = page.extract_text()  # type: ignore[attr-defined] # pypdf publishes no types
        chars += len(text)
        if chars > MAX_TEXT_CHARS or time.monotonic() > deadline:
            raise InvalidArticle(f"it is too long to read: over {MAX_TEXT_CHARS:,} characters, or a minute")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines and _PAGE_NUMBER.fullmatch(lines[-1]):
            lines.pop()
        if lines and _PAGE_NUMBER.fullmatch(lines[0]):
            lines.pop(0)
        result.append(lines)
    return result


def joined(pages: list[list[str]]) -> str:
    """The pages' lines as paragraphs, one a line.

    A paragraph ends with a line that is clearly shorter than the column, or that ends a sentence
    and is a little shorter. A word broken by a hyphen at a line's end is made whole; the hyphen
    stays where the same compound is written within a line elsewhere.
    """
    lines = [line for page in pages for line in page]
    lengths = sorted(map(len, lines))
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    within = "\n".join(lines).lower()
    paragraphs: list[str] = []
    last = ""
    for line in lines:
        if not paragraphs or _ends_paragraph(last, line, width):
            paragraphs.append(line)
        else:
            paragraphs[-1] = _mended(paragraphs[-1], line, within)
        last = line
    return "\n".join(paragraphs)


def _ends_paragraph(line: str, following: str, width: int) -> bool:
    if following[0].islower() or _BROKEN_WORD.search(line):
        return False
    return len(line) < (0.85 if _SENTENCE_END.search(line) else 0.6) * width


def _mended(paragraph: str, line: str, within: str) -> str:
    """``paragraph`` with ``line`` behind it."""
    broken = _BROKEN_WORD.search(paragraph[-60:])
    if not (broken and line[0].islower()):
        return paragraph + line if paragraph.endswith("-") and line[0].isalnum() else f"{paragraph} {line}"
    compound = f"{broken[1]}-{line.split(maxsplit=1)[0].rstrip('.,;:!?')}".lower()
    return paragraph + line if compound in within else paragraph[:-1] + line


def _about(reader: object) -> tuple[str | None, date | None]:
    """Title and day of making; a PDF whose metadata is broken is read without it."""
    try:
        about = reader.metadata  # type: ignore[attr-defined] # pypdf publishes no types
        title = str(about.title or "").strip()[:300] if about else ""
        made = about.creation_date if about else None
    except Exception:
        return None, None
    return title if title and not _NO_TITLE.fullmatch(title) else None, made.date() if made else None
