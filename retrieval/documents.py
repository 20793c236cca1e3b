"""Passages as Haystack documents, and back."""

from __future__ import annotations

from datetime import date
from typing import Any

from haystack import Document

from corpus.passages import passage_from
from corpus.types import Article, Passage


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


def published_on(document: Document) -> date | None:
    """The day that a document's ``meta`` says its article was published on; None where it says no day."""
    said = document.meta.get("published")
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None


def to_passage(document: Document) -> Passage:
    """The passage a document stands for; one from elsewhere is an article of one passage."""
    return passage_from(document.id, document.content or "", document.meta)
