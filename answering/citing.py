"""From candidates to citations: the quote, the sentences around it, the article it stands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from answering.types import Citation, Nearest
from corpus.types import Article, Passage, Span
from reader.types import Candidate
from retrieval.types import Hit

Lookup = Callable[[str], Article | None]


def cite(candidates: Sequence[Candidate], lookup: Lookup, limit: int, *, each: bool = False) -> tuple[Citation, ...]:
    """One citation per article, in the order of the candidates, at most ``limit``; with ``each``, one per candidate.

    A candidate whose article has gone or changed since it was retrieved is left out: what is
    quoted always stands in the article as it is now.
    """
    citations: list[Citation] = []
    seen: set[str] = set()
    for candidate in candidates:
        if len(citations) == limit:
            break
        article = lookup(candidate.passage.article_id)
        if (
            article is None
            or (article.id in seen and not each)
            or candidate.passage.span.slice(article.text) != candidate.passage.text
        ):
            continue
        seen.add(article.id)
        around = surrounding(candidate.passage, candidate.span)
        citations.append(
            Citation(
                number=len(citations) + 1,
                article_id=article.id,
                title=article.title,
                source=article.source,
                url=article.url,
                published=article.published,
                span=candidate.span,
                quote=candidate.span.slice(article.text),
                before=article.text[around.start : candidate.span.start],
                after=article.text[candidate.span.end : around.end],
                article_sha256=article.sha256,
            )
        )
    return tuple(citations)


def surrounding(passage: Passage, span: Span) -> Span:
    """From the opening of the sentence ``span`` starts in to the close of the one it ends in."""
    touched = [sentence for sentence in passage.sentences if sentence.overlaps(span)]
    if not touched:
        return span
    return Span(min(span.start, touched[0].start), max(span.end, touched[-1].end))


def whole_sentences(candidate: Candidate) -> Candidate:
    """The candidate, its span widened to the sentence or sentences it stands in."""
    passage = candidate.passage
    span = surrounding(passage, candidate.span)
    text = Span(span.start - passage.span.start, span.end - passage.span.start).slice(passage.text)
    return replace(candidate, span=span, text=text)


def nearest(hits: Sequence[Hit], lookup: Lookup, limit: int = 3) -> tuple[Nearest, ...]:
    """The first ``limit`` hits as passages to show where there is no answer."""
    shown: list[Nearest] = []
    for hit in hits:
        article = lookup(hit.passage.article_id)
        if article is not None and len(shown) < limit:
            shown.append(Nearest(article.id, article.title, hit.passage.span, hit.passage.text, hit.score))
    return tuple(shown)
