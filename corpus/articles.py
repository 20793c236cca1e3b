"""One article from raw text: normalised, its unknowns filled from its head, its rules checked."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from urllib.parse import urlsplit

from corpus.errors import InvalidArticle
from corpus.heads import Head, read_head
from corpus.splitting import sentences
from corpus.text import normalise
from corpus.types import Article

MAX_ID_CHARS = 512
MAX_TITLE_CHARS = 500
MAX_URL_CHARS = 2048
MAX_TEXT_CHARS = 20_000_000

_LONGEST_OPENING_CHARS = 120
_WORD_CHARACTER = re.compile(r"[^\W_]")
_LABELLED_DATE = re.compile(r"^date\s*:?\s*[\d/.-]+\s+", re.IGNORECASE)


def article_from(
    article_id: str,
    text: str,
    *,
    title: str | None = None,
    source: str | None = None,
    url: str | None = None,
    published: date | None = None,
) -> Article:
    """Make an article; a title, source or date that is not given is read from the text's head.

    Where the head gives no headline either, the title is the last part of the id, made readable;
    and where that is a machine's name (``000_58ad02``), the text's opening words.

    Raises:
        InvalidArticle: if the id is empty, longer than 512 characters or holds control characters;
            if the text holds no word or more than 20 million characters; if the title or source is
            longer than 500 characters; if the url is no http or https address of at most 2,048.
    """
    _check_id(article_id)
    if len(text) > MAX_TEXT_CHARS:
        raise InvalidArticle(f"the text has {len(text):,} characters; the most is {MAX_TEXT_CHARS:,}: split it")
    text = normalise(text)
    if not _WORD_CHARACTER.search(text):
        raise InvalidArticle("the text is blank: an article needs at least one word")
    title, source, url = _line("title", title), _line("source", source), _address(url)
    head = Head(None, None, None) if title and source and published else read_head(text)
    return Article(
        id=article_id,
        title=title or head.title or _named_by(article_id, text),
        text=text,
        source=source or head.source,
        url=url,
        published=published or head.published,
    )


def is_web_address(url: str) -> bool:
    """Whether ``url`` is an http or https address: nothing else may become a link on a page."""
    try:
        parts = urlsplit(url)
        return (
            len(url) <= MAX_URL_CHARS
            and parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not any(character.isspace() or _is_control(character) for character in url)
        )
    except ValueError:
        return False


def _check_id(article_id: str) -> None:
    if not article_id.strip() or len(article_id) > MAX_ID_CHARS:
        raise InvalidArticle(
            f"an article's id has 1 to {MAX_ID_CHARS} characters, not all blank; got {len(article_id)}"
        )
    if any(map(_is_control, article_id)):
        raise InvalidArticle(f"the id {article_id!a} holds a control character; take it out")


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def _line(field: str, value: str | None) -> str | None:
    """``value`` on one line, normalised; None if nothing is left."""
    line = " ".join(normalise(value or "").split())
    line = "".join(character for character in line if not _is_control(character))
    if len(line) > MAX_TITLE_CHARS:
        raise InvalidArticle(f"the {field} has {len(line):,} characters; the most is {MAX_TITLE_CHARS}")
    return line or None


def _address(url: str | None) -> str | None:
    url = (url or "").strip()
    if url and not is_web_address(url):
        raise InvalidArticle(f"the url is no http or https address of at most {MAX_URL_CHARS} characters: {url[:80]!a}")
    return url or None


def _named_by(article_id: str, text: str) -> str:
    """A title for a text without a headline: its file's name if a person wrote it, else its opening words."""
    name = " ".join(re.split(r"[\s_-]+", article_id.rsplit("/", 1)[-1])).strip()
    if any(len(word) >= 3 and word.isalpha() for word in name.split()):
        return name[0].upper() + name[1:]
    opening = text[:1000]
    whole = [" ".join(span.slice(opening).split()) for span in sentences(opening)]
    # A name or a dateline alone on its line says nothing of the text.
    first = next((words for words in whole if words.count(" ") >= 3), whole[0] if whole else "")
    words = _LABELLED_DATE.sub("", first)
    if len(words) > _LONGEST_OPENING_CHARS:
        words = words[:_LONGEST_OPENING_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return words.removesuffix(".") or name or article_id
