"""Keeping gold: which labels broke when an article changed, and new rows out of answers and feedback. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from answering.feedback import Stored
from answering.verifying import Claim, verify
from corpus.types import Article, Span
from evals.gold import GoldQuestion

Lookup = Callable[[str], Article | None]

_NO_DIGEST = "-"  # of no text: the label is searched for


@dataclass(frozen=True, slots=True)
class Broken:
    """A label that does not stand where it says.

    Attributes:
        gold: the row.
        problem: what is wrong, in one clause.
        now: where one of its answers stands in its article now; None if it does not.
    """

    gold: GoldQuestion
    problem: str
    now: Span | None = None


def broken(questions: Sequence[GoldQuestion], lookup: Lookup) -> Iterator[Broken]:
    """The rows whose span does not slice to one of their answers."""
    for gold in questions:
        if gold.article is None or gold.span is None:
            continue
        article = lookup(gold.article)
        if article is None:
            yield Broken(gold, f"there is no article {gold.article!r}")
        elif (found := gold.span.slice(article.text)) not in gold.answers:
            problem = f"[{gold.span.start}, {gold.span.end}) of {article.id!r} reads {found[:60]!r}"
            yield Broken(gold, problem, _nearest(gold.answers, gold.span, article))


def _nearest(answers: Sequence[str], label: Span, article: Article) -> Span | None:
    """Where one of the answers stands, nearest to where the label says."""
    claims = (Claim(article.id, label, answer, _NO_DIGEST) for answer in answers)
    places = [span for claim in claims if (span := verify(claim, article).span) is not None]
    return min(places, key=lambda span: abs(span.start - label.start), default=None)


def located(words: str, article: Article) -> list[Span]:
    """Every place of ``words`` in the article, in order; none of blank words."""
    if not words.strip():
        return []
    return [Span(*found.span()) for found in re.finditer(re.escape(words), article.text)]


def from_feedback(stored: Stored, lookup: Lookup, taken: Collection[str]) -> GoldQuestion | str:
    """The gold row that feedback speaks for, or why it speaks for none.

    "Not found" that was right makes an unanswerable row.

    Args:
        stored: the feedback.
        lookup: finds the article as it is now.
        taken: ids that rows have already.
    """
    said = stored.feedback
    note = " ".join(filter(None, (source_of(stored), said.note)))
    if said.verdict == "right" and said.answer is None:
        return replace(unanswerable(said.question, taken), note=note, asked_on=said.asked_on)
    place = said.citation if said.verdict == "right" else said.right_span
    if place is None:
        return "it does not say where the right answer stands"
    article = lookup(place.article_id)
    if article is None:
        return f"there is no article {place.article_id!r} any more"
    if place.article_sha256 not in (None, article.sha256):
        return f"the article {place.article_id!r} has changed since"
    quote = place.span.slice(article.text)
    if len(quote) != len(place.span) or not quote.strip():
        return f"no words stand at [{place.span.start}, {place.span.end}) of {place.article_id!r}"
    right = [said.answer] if said.verdict == "right" and said.answer else []
    return GoldQuestion(
        id=free_id(said.question, taken),
        question=said.question,
        answers=tuple(dict.fromkeys([quote, *right])),
        article=place.article_id,
        span=place.span,
        kind="feedback",
        note=note,
        asked_on=said.asked_on,
    )


def source_of(stored: Stored) -> str:
    """What the note of a row made of this feedback begins with."""
    return f"feedback {stored.id}"


def free_id(question: str, taken: Collection[str]) -> str:
    """An id made of the question's first words, with a number where it is taken."""
    slug = "-".join(re.findall(r"\w+", question.casefold())[:6])[:60] or "question"
    names = (slug if number == 1 else f"{slug}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def unanswerable(question: str, taken: Collection[str]) -> GoldQuestion:
    """A row for a question that the articles do not answer."""
    return GoldQuestion(free_id(question, taken), question, (), None, None, "absent")


def line_of(gold: GoldQuestion) -> str:
    """The row as a line of a gold file, without its line end."""
    row = {
        "id": gold.id,
        "question": gold.question,
        "answers": list(gold.answers),
        "article": gold.article,
        "start": gold.span and gold.span.start,
        "end": gold.span and gold.span.end,
        "kind": gold.kind,
        "answerable": gold.answerable,
        "note": gold.note,
        "history": [{"role": turn.role, "content": turn.content} for turn in gold.history] or None,
        "asked_on": gold.asked_on and gold.asked_on.isoformat(),
    }
    return json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False)


def mended(gold: GoldQuestion, now: Span) -> GoldQuestion:
    """The row with the place its answer stands at now."""
    return replace(gold, span=now)
