"""The measures: exact match, F1, citation exactness, abstention, percentiles. Pure functions.

Exact match and F1 follow the definition of the SQuAD evaluation (Rajpurkar et al. 2016; with
unanswerable questions, Rajpurkar, Jia and Liang 2018); an empty answer says "not found".
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from answering.types import Citation
from corpus.types import Article, Span

# The definition knows ASCII punctuation only: typographic quotes and dashes stay in the word.
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ENGLISH_ARTICLE = re.compile(r"\b(a|an|the)\b")


def normalise_answer(text: str) -> str:
    """Lower case, without ASCII punctuation, without a/an/the, single spaces."""
    bare = text.lower().translate(_NO_PUNCTUATION)
    return " ".join(_ENGLISH_ARTICLE.sub(" ", bare).split())


def padded(text: str) -> str:
    """The normalised words of ``text`` with a space on either side: what is padded stands in it as whole words only."""
    return f" {normalise_answer(text)} "


def exact_match(predicted: str, gold: Sequence[str]) -> float:
    """1.0 if the normalised answer equals a normalised gold answer, else 0.0; no gold means unanswerable."""
    answer = normalise_answer(predicted)
    return float(any(answer == label for label in _labels(gold)))


def f1(predicted: str, gold: Sequence[str]) -> float:
    """The best token F1 over the gold answers, 0 to 1; 1.0 for an empty answer to an unanswerable question."""
    tokens = normalise_answer(predicted).split()
    return max(_token_f1(tokens, label.split()) for label in _labels(gold))


def _labels(gold: Sequence[str]) -> list[str]:
    return [label for label in map(normalise_answer, gold) if label] or [""]


def _token_f1(predicted: Sequence[str], gold: Sequence[str]) -> float:
    if not predicted or not gold:
        return float(predicted == gold)
    common = (Counter(predicted) & Counter(gold)).total()
    if common == 0:
        return 0.0
    precision, recall = common / len(predicted), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def mean(values: Iterable[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value that ``percent`` (0 to 100) of ``values`` do not exceed, linearly interpolated; None of nothing."""
    return float(np.percentile(values, percent)) if values else None


def citation_is_exact(citation: Citation, article: Article | None) -> bool:
    """Whether everything a citation says holds in the article: digest, quote, and what stands around it."""
    if article is None or citation.article_sha256 != article.sha256 or not citation.quote:
        return False
    begin = citation.span.start - len(citation.before)
    end = citation.span.end + len(citation.after)
    return (
        begin >= 0
        and citation.span.slice(article.text) == citation.quote
        and article.text[begin:end] == citation.before + citation.quote + citation.after
    )


def citations_hit(citations: Iterable[Citation], article_id: str, span: Span) -> bool:
    """Whether a citation shares a character with the gold span. A lower bound: another article may say it too."""
    return any(c.article_id == article_id and c.span.overlaps(span) for c in citations)


@dataclass(frozen=True, slots=True)
class Abstention:
    """How well "not found" was said, each 0 to 1, None where nothing was there to measure.

    Attributes:
        accuracy: questions whose decision (answer or abstain) was right.
        precision: abstentions that were right.
        recall: unanswerable questions on which it abstained.
    """

    accuracy: float | None
    precision: float | None
    recall: float | None


def abstention(decisions: Iterable[tuple[bool, bool]]) -> Abstention:
    """Measure ``(answerable, abstained)`` pairs, one a question."""
    listed = list(decisions)
    return Abstention(
        accuracy=mean(answerable != abstained for answerable, abstained in listed),
        precision=mean(not answerable for answerable, abstained in listed if abstained),
        recall=mean(abstained for answerable, abstained in listed if not answerable),
    )


@dataclass(frozen=True, slots=True)
class BestThreshold:
    """The threshold with the highest mean F1, chosen on the very questions it is measured on."""

    threshold: float
    f1: float


def best_threshold(scored: Iterable[tuple[float, float, float]]) -> BestThreshold:
    """The best that any threshold could do: an upper bound, never a result.

    ``scored`` holds ``(confidence, F1 if answered, F1 if abstained)``, one a question. A question is
    answered where its confidence is at least the threshold; an infinite threshold answers none.

    Raises:
        ValueError: if ``scored`` is empty.
    """
    ordered = sorted(scored, key=lambda item: -item[0])
    if not ordered:
        raise ValueError("a threshold needs at least one question")
    total = sum(abstained for _, _, abstained in ordered)
    best = BestThreshold(float("inf"), total / len(ordered))
    for at, (confidence, answered, abstained) in enumerate(ordered):
        total += answered - abstained
        tied = at + 1 < len(ordered) and ordered[at + 1][0] == confidence
        if not tied and total / len(ordered) > best.f1:
            best = BestThreshold(confidence, total / len(ordered))
    return best
