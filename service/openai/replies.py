"""Replies in Markdown: the answer, then its quotes with their sources. Pure functions.

What articles say is text, never markup: every character Markdown, HTML or a formula could begin with is escaped, so a
client that renders the reply loads no picture and follows no link but those to the articles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from service.openai.schemas import Annotation, UrlCitation
from service.schemas import AnsweredResponse, Citation, NearestPassage, NotFoundResponse
from service.wording import REASONS, in_no_article

_NEAREST_CHARS = 300
_NOT_FOUND = "Not found."
_MARKUP = re.compile(r"[\\`*_\[\]<~$]|&(?=#?\w)")
_ENDS_LINK = re.compile(r"[\s\x00-\x1f()<>\"\\`]")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<~$&])")
_ANSWER_LINE = re.compile(r"\*\*((?:\\.|[^\\*\n])+)\*\*(?: \[\d{1,3}\])+")


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in Markdown and its links, whose offsets are code points of ``text``."""

    text: str
    annotations: tuple[Annotation, ...] = ()


def reply_of(response: AnsweredResponse | NotFoundResponse, base_url: str) -> Reply:
    """The response in words.

    Args:
        response: what POST /v1/chat gives.
        base_url: where people reach this service; links to articles without an address of their own begin with it.
    """
    base_url = _address(base_url.rstrip("/"))
    writing = _Writing()
    if isinstance(response, AnsweredResponse):
        numbers = "".join(f" [{each.number}]" for each in response.citations)
        writing.add(f"**{_text(response.answer).strip()}**{numbers}\n")
        for citation in response.citations:
            _add_citation(writing, citation, base_url)
        writing.add(f"\n\n*Confidence {response.confidence:.0%}*")
    else:
        absent = _text(in_no_article(response.unknown_words))
        writing.add(" ".join(filter(None, (_NOT_FOUND, REASONS[response.reason], absent))))
        if response.nearest:
            writing.add("\n\nNearest passages:\n")
        for number, passage in enumerate(response.nearest, start=1):
            _add_nearest(writing, number, passage, base_url)
    return Reply(writing.text, tuple(writing.annotations))


def answer_in(reply: str) -> str:
    """What a reply of ours said, as the next question's history needs it; any other text as it is."""
    if reply.startswith(_NOT_FOUND):
        return reply.partition("\n")[0]
    found = _ANSWER_LINE.match(reply)
    return _ESCAPED.sub(r"\1", found[1]) if found else reply


class _Writing:
    def __init__(self) -> None:
        self.text = ""
        self.annotations: list[Annotation] = []

    def add(self, text: str) -> None:
        self.text += text

    def add_link(self, title: str, url: str) -> None:
        start = len(self.text)
        self.add(f"[{_text(title)}]({url})")
        cited = UrlCitation(start_index=start, end_index=len(self.text), url=url, title=title)
        self.annotations.append(Annotation(url_citation=cited))


def _add_citation(writing: _Writing, citation: Citation, base_url: str) -> None:
    around = _text(citation.before).lstrip(), _text(citation.quote).strip(), _text(citation.after).rstrip()
    writing.add(f"\n{citation.number}. “{around[0]}**{around[1]}**{around[2]}” — ")
    place = _place(base_url, citation.article_id, citation.start, citation.end, citation.article_sha256)
    writing.add_link(citation.title, _address(citation.url) if citation.url else place)
    known: tuple[str | date | None, ...] = (citation.source and _text(citation.source), citation.published)
    writing.add("".join(f", {each}" for each in known if each))
    if citation.url:
        writing.add(f" ([in its place]({place}))")


def _add_nearest(writing: _Writing, number: int, passage: NearestPassage, base_url: str) -> None:
    text = passage.text
    if len(text) > _NEAREST_CHARS:
        text = text[:_NEAREST_CHARS].rsplit(maxsplit=1)[0] + " …"
    writing.add(f"\n{number}. “{_text(text).strip()}” — ")
    writing.add_link(passage.title, _place(base_url, passage.article_id, passage.start, passage.end))


def _place(base_url: str, article_id: str, start: int, end: int, sha256: str | None = None) -> str:
    version = f"?sha256={sha256}" if sha256 else ""
    return f"{base_url}/articles/{quote(article_id, safe='/')}{version}#{start}-{end}"


def _address(url: str) -> str:
    """``url`` without anything that could end a link in Markdown."""
    return _ENDS_LINK.sub(lambda found: quote(found[0]), url)


def _text(text: str) -> str:
    """``text`` on one line, as text."""
    return _MARKUP.sub(r"\\\g<0>", re.sub(r"\s+", " ", text))
