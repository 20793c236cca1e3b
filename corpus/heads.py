"""What the first lines of an article say about it: headline, day of publication, publisher.

Read, never guessed, and the text is never altered. A date counts only where publications put it:
behind a label ("Published On …", "date …"), alone on a line or between its bars ("… | Name"), at
the end of the headline or a byline, or in a dateline ("MOSCOW, January 17, 2025 —"). A date in
running prose is the date of an event. A source is a publisher: "Source: …", the agency of a byline
("By Name, Agency"), of a dateline ("TEHRAN (Agency) —", "MOSCOW, January 17. /Agency/.") or in front
of the text ("(ABC) The …"). A lone
name is an author, or cannot be told from one, and so gives no source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from corpus.splitting import sentences

_HEAD_CHARS = 600
_HEAD_LINES = 8
_LONGEST_TITLE_CHARS = 150
_LONGEST_DATE_CHARS = 100

_YEAR = r"(?:1[5-9]|2[01])\d\d"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|º|\.)?"
_MONTH = r"[^\W\d_]{3,12}\.?"
_DATE = (
    r"(?<![\w/.-])(?:"
    rf"{_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]{_YEAR}|{_YEAR}年\d{{1,2}}月\d{{1,2}}日"
    rf"|{_DAY}\s+(?:(?:of|de)\s+)?{_MONTH},?\s+(?:de\s+)?{_YEAR}|{_MONTH}\s+{_DAY},?\s+{_YEAR}|\d{{1,2}}-{_MONTH}-{_YEAR}"
    r")(?![\d/])"
)
_TIME = (
    r"(?:(?:T|,?\s+(?:at\s+)?)\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:\s?[AaPp]\.?[Mm]\.?)?"
    r"(?:\s?(?:Z|[+-]\d{2}:?\d{2}|\(?[A-Z]{2,5}\)?))?)?"
)
_WEEKDAY = r"(?:(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)|[^\W\d_]{3,12},\s+)?"
_LABEL = (
    r"(?:date|(?:first\s+)?published|posted|publication\s+date|date\s+published|published\s+date|release\s+date)"
    r"(?:\s+(?:on|at))?\s*[:–—-]?\s*"
)

_A_DATE = re.compile(rf"\s*{_WEEKDAY}(?P<date>{_DATE}){_TIME}\s*\.?\s*", re.IGNORECASE)
_LABELLED = re.compile(rf"\s*{_LABEL}{_WEEKDAY}(?P<date>{_DATE})", re.IGNORECASE)
_BYLINE_DATE = re.compile(rf"by\s.{{2,80}}?[,\s]\s*{_WEEKDAY}(?P<date>{_DATE}){_TIME}\s*", re.IGNORECASE)
_TRAILING = re.compile(rf"(?P<title>.{{10,200}}?)[\s,]+(?P<date>{_DATE}){_TIME}\s*(?:[|•·].{{0,100}})?")
_DATELINE = re.compile(
    rf"\s*[^\W\d_a-z][^\W\d_a-z.,'’ -]{{1,40}}[^—–(/]{{0,40}}?,\s+(?i:{_WEEKDAY})(?P<date>{_DATE})\s*(?:[—–(/-]|\.\s)"
)
_BAR = re.compile(r"\s*[|•·\t]\s*|\s+[—–-]\s+")
# "Agreement signed on 17 January 2025" tells when something happened, not when it was published.
_EVENT = re.compile(
    r"(?:\b(?:on|in|of|since|until|till|from|by|before|after|to|for|between|and|the|at|dated|through|am|vom|du|le|el"
    r"|del|il)|@.{0,80})$",
    re.IGNORECASE,
)

_SOURCE_LABEL = re.compile(r"\s*(?:source|publisher|published\s+by)\s*:\s*(?P<source>[^|•·]{2,80})", re.IGNORECASE)
_BYLINE = re.compile(r"\s*by\s+[^,|•·]{2,80},\s*(?P<source>[^\W\d_][^,|•·]{1,60}?)\s*(?:[|•·].*|,\s.*)?", re.IGNORECASE)
_DATELINE_SOURCE = re.compile(
    r"\s*[^\W\d_a-z][^\W\d_a-z.,'’ -]{1,40}[^—–()/]{0,40}?"
    r"(?:\((?P<source>[^\W\d_a-z][^()\d]{1,40})\)\s*[—–:-]|/(?P<slashed>[^\W\d_][^/\d]{1,40})/)"
)
_DATE_ANYWHERE = re.compile(rf"{_DATE}|{_MONTH}\s+\d", re.IGNORECASE)
_AGENCY_FIRST = re.compile(r"\s*\((?P<source>[A-Z]{2,6})\)\s+(?:[—–-]\s*)?[^\W\d_a-z]")
# Behind a byline's comma stands a role as often as an agency.
_ROLE = re.compile(
    r"\b(?:staff|writer|reporter|correspondent|editor|columnist|contributor|analyst|fellow|professor|phd|jr)\b", re.I
)
_BY = re.compile(r"(?i:by)\s+[^\W\d_a-z]")
_TITLE_LABEL = re.compile(r"^(?:title|headline)\s*:\s*", re.IGNORECASE)
_MARKS = re.compile(r"^#{1,6}\s+|^\*\*(?=.*\*\*$)|\*\*$")

_NUMERIC = re.compile(r"(\d+)[-/.年](\d+)[-/.月](\d+)日?")
_LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "ru"]


@dataclass(frozen=True, slots=True)
class Head:
    """What an article's first lines say about it; None where they do not say.

    Attributes:
        title: the headline.
        published: the day of publication.
        source: who published it.
    """

    title: str | None
    published: date | None
    source: str | None


def read_head(text: str) -> Head:
    """Read title, date and source from the first 600 or so characters of ``text``."""
    head = text[:_HEAD_CHARS]
    lines = [line for line in head.split("\n") if line.strip()][:_HEAD_LINES]
    return Head(_title(text), _published(lines), _source(lines))


def parse_date(phrase: str) -> date | None:
    """The day that ``phrase`` names in full (day, month and year), or None.

    Figures are read as day/month/year or month/day/year only where one reading is possible:
    28/01/2025 is, 03/04/2025 is April or March depending on who wrote it and stays None. A year in
    front is always year-month-day. No part is filled in from the clock.
    """
    found = _A_DATE.fullmatch(phrase.strip()[:_LONGEST_DATE_CHARS])
    return _day(found["date"]) if found else None


def _day(written: str) -> date | None:
    figures = _NUMERIC.fullmatch(written)
    if figures is None:
        return _named_month(written)
    first, second, third = map(int, figures.groups())
    readings = [(first, second, third)] if first > 31 else [(third, second, first), (third, first, second)]
    days = {day for reading in readings if (day := _calendar_day(*reading))}
    return days.pop() if len(days) == 1 else None


def _calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _named_month(written: str) -> date | None:
    import dateparser  # noqa: PLC0415 - a tenth of a second, only where a month is spelt out

    found = dateparser.parse(
        written,
        languages=_LANGUAGES,
        settings={
            "PARSERS": ["absolute-time"],
            "REQUIRE_PARTS": ["day", "month", "year"],
            "STRICT_PARSING": True,
            # Never used, since every part is required; set so that the clock cannot be.
            "RELATIVE_BASE": datetime(2000, 1, 1),
        },
    )
    return found.date() if found else None


def _published(lines: list[str]) -> date | None:
    for written in _written_dates(lines):
        if day := _day(written):
            return day
    return None


def _written_dates(lines: list[str]) -> Iterator[str]:
    """Every date that stands where publications put theirs, the surest place first."""
    segments = [segment for line in lines for segment in _BAR.split(line)]
    yield from (found["date"] for segment in segments if (found := _LABELLED.match(segment)))
    for segment in segments:
        if found := _A_DATE.fullmatch(segment) or _BYLINE_DATE.fullmatch(segment.strip()):
            yield found["date"]
    for line in lines[:2]:
        if (found := _TRAILING.fullmatch(line.strip())) and not _EVENT.search(found["title"]):
            yield found["date"]
    yield from (found["date"] for line in lines if (found := _DATELINE.match(line)))


def _source(lines: list[str]) -> str | None:
    for line in lines:
        if found := _SOURCE_LABEL.match(line):
            return found["source"].strip()
    for line in lines:
        if (found := _BYLINE.fullmatch(line)) and not _ROLE.search(found["source"]):
            return None if _DATE_ANYWHERE.search(found["source"]) else found["source"].strip()
        if found := _DATELINE_SOURCE.match(line):
            return str(found["source"] or found["slashed"]).strip()
        if found := _AGENCY_FIRST.match(line):
            return found["source"]
    return None


def _title(text: str) -> str | None:
    """The headline: the first block of the text that is no date line or byline, if it reads like one."""
    opening = text[: 2 * _HEAD_CHARS]
    for span in islice(sentences(opening), 4):
        block = " ".join(span.slice(opening).split())
        stands_alone = "\n" in opening[span.end : span.end + 3]
        if not (stands_alone and text[span.end :].strip()):
            return None
        if _is_head_line(block):
            continue
        block = _MARKS.sub("", _TITLE_LABEL.sub("", block)).strip()
        trailing = _TRAILING.fullmatch(block)
        if trailing and not _EVENT.search(trailing["title"]):
            block = trailing["title"].rstrip(" ,|•·–—-")
        return block if _like_a_headline(block) else None
    return None


def _is_head_line(block: str) -> bool:
    segments = _BAR.split(block)
    return bool(
        any(_A_DATE.fullmatch(segment) for segment in segments)
        or (_LABELLED.match(block) and len(block) <= 60)
        or _SOURCE_LABEL.fullmatch(block)
        or (_BY.match(block) and len(block) <= 100 and not block.endswith("."))
    )


def _like_a_headline(block: str) -> bool:
    """Whether ``block`` is short, has no closing stop, and is no name or dateline (two words, or a dash behind)."""
    enough = block.count(" ") >= 2 or not block.isascii()
    return enough and len(block) <= _LONGEST_TITLE_CHARS and block[-1] not in ".,;:—–-"
