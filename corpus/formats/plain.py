"""Plain text: UTF-8, or UTF-16 and UTF-32 with a byte-order mark; no other encoding is guessed."""

from __future__ import annotations

import codecs

from corpus.errors import InvalidArticle
from corpus.formats.draft import Draft

# UTF-32's little-endian mark begins with UTF-16's, so it is looked for first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_plain(data: bytes) -> Draft:
    """Read a ``.txt`` file.

    Raises:
        InvalidArticle: if the bytes are binary, or text in an encoding that is not marked.
    """
    return Draft(decode(data))


def decode(data: bytes) -> str:
    """The text of ``data``.

    Windows-1252 and its like are refused, not guessed: every byte means something in them, so a
    wrong guess would put wrong letters into quotes without a word.

    Raises:
        InvalidArticle: if the bytes are binary, or text in an encoding that is not marked.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in data:
        raise InvalidArticle("it is binary, not text")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as problem:
        raise InvalidArticle(
            f"wrong encoding: not {encoding.upper()} at byte {problem.start:,}; save it as UTF-8"
        ) from problem
