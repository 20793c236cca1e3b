"""Web pages: the article without the page around it, and what the page's metadata states."""

from __future__ import annotations

import codecs
import re
from datetime import date
from typing import Any

from corpus.articles import is_web_address
from corpus.errors import InvalidArticle
from corpus.formats.draft import Draft
from corpus.formats.plain import decode
from corpus.heads import parse_date

# Extraction slows down faster than pages grow: a page beyond this is no article.
_MOST_ELEMENTS = 20_000
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})|<\?xml[^>]{0,200}?encoding=["']([\w.:-]{1,40})""", re.I
)
_DATE_NAMES = (
    "article:published_time date datepublished dc.date dc.date.issued dcterms.created dcterms.date dcterms.issued "
    "og:published_time parsely-pub-date pubdate publication_date publish-date publish_date sailthru.date"
)
_JSON_LD_DATE = re.compile(r'"datePublished"\s{0,20}:\s{0,20}"([^"]{4,60})"')


def read_html(data: bytes) -> Draft:
    """Read an ``.html`` file: its main text, extracted by trafilatura; scripts and menus left out.

    The date is read from the metadata alone, and only where it is a full day, because trafilatura
    completes what is missing. The encoding is the one declared, else UTF-8.

    Raises:
        InvalidArticle: if the bytes are no text, no article stands in them, or the page holds more
            than 20,000 elements.
    """
    import trafilatura  # noqa: PLC0415 - slow to import, and only pages need it

    page = decode_html(data)
    if not page.strip():
        raise InvalidArticle("it is empty")
    tree: Any = trafilatura.load_html(page)
    if tree is None:
        raise InvalidArticle("it is no HTML")
    if (elements := sum(1 for _ in tree.iter())) > _MOST_ELEMENTS:
        raise InvalidArticle(f"the page holds {elements:,} elements; the most is {_MOST_ELEMENTS:,}")
    published = _stated_date(tree)
    found: Any = trafilatura.bare_extraction(
        tree, include_comments=False, with_metadata=True, date_extraction_params={"extensive_search": False}
    )
    if found is None or not (found.text or "").strip():
        raise InvalidArticle("no article text was found in the page")
    url = found.url if found.url and is_web_address(found.url) else None
    return Draft(
        text=found.text,
        title=(found.title or "")[:300],
        source=(found.sitename or "")[:300],
        url=url,
        published=published,
    )


def decode_html(data: bytes) -> str:
    """The page's characters, by byte-order mark, UTF-8, or the encoding it declares.

    Raises:
        InvalidArticle: if none of them fits.
    """
    try:
        return decode(data)
    except InvalidArticle:
        declared = _DECLARED.search(data, 0, 2048)
        if declared is None or b"\0" in data:
            raise
        name = (declared[1] or declared[2]).decode("ascii", "replace")
    try:
        # Only a text codec: "zip" is a codec too, and "latin-1" means Windows-1252 on the web.
        encoding = codecs.lookup(
            "cp1252" if name.lower() in ("iso-8859-1", "latin1", "latin-1", "us-ascii") else name
        ).name
        return str(data, encoding)
    except (LookupError, UnicodeError) as problem:
        raise InvalidArticle(f"wrong encoding: the page declares {name!a}, which its bytes are not") from problem


def _stated_date(tree: Any) -> date | None:
    """The first full day that the page's metadata names as its publication."""
    stated: list[str] = []
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if name and name.lower() in _DATE_NAMES.split():
            stated.append(meta.get("content") or "")
    for script in tree.iter("script"):
        if (script.get("type") or "").lower() == "application/ld+json":
            stated += _JSON_LD_DATE.findall(script.text or "")
    stated += [
        time.get("datetime") or ""
        for time in tree.iter("time")
        if time.get("pubdate") is not None or time.get("itemprop") == "datePublished"
    ]
    return next((day for phrase in stated if (day := parse_date(phrase))), None)
