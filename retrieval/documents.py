"""Passages as Haystack documents, and back."""

from __future__ import annotations

from typing import Any

from haystack import Document

from corpus.types import Article, Passage, Span


def to_document(passage: Passage, article: Article) -> Document:
    """``passage`` as a document: its id and text, and in ``meta`` its place and what is known of the article."""
    return Document(id=passage.id, content=passage.text, meta=passage_meta(passage, article))


def passage_meta(passage: Passage, article: Article) -> dict[str, Any]:
    """What a passage's document carries in ``meta``; sentences are ``[start, end]`` in article coordinates."""
    return {
        "article_id": passage.article_id,
        "number": passage.number,
        "start": passage.span.start,
        "end": passage.span.end,
        "sentences": [[sentence.start, sentence.end] for sentence in passage.sentences],
        "title": article.title,
        "source": article.source,
        "published": article.published and article.published.isoformat(),
        "url": article.url,
    }


def to_passage(document: Document) -> Passage:
    """The passage a document stands for.

    A document from elsewhere, without a passage's ``meta``, is an article of one passage: its own
    id, its whole content, no sentences known.
    """
    text = document.content or ""
    meta = document.meta
    try:
        span = Span(meta["start"], meta["end"])
        sentences = tuple(Span(start, end) for start, end in meta["sentences"])
        if len(span) == len(text) and isinstance(meta["article_id"], str) and isinstance(meta["number"], int):
            return Passage(meta["article_id"], meta["number"], span, text, sentences)
    except (KeyError, TypeError, ValueError):
        pass
    return Passage(document.id, 0, Span(0, len(text)), text, ())
