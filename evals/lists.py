"""List questions: how many of several spans are found.

    python -m evals.lists --squad multispanqa_dev.json.gz

Each question is read in its own paragraph, and all of its answers are wanted (MultiSpanQA; Li et al. 2022).
A quote that is itself a list ("Jamaica, Cuba and Barbados") counts by its items. The gap between the best
span and the last that is still given is picked on the even questions and judged on the odd ones, and the
other way round; the figure of the gap that is shipped stands beside it.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from answering.choosing import LIST_GAP, distinct, listed
from corpus.splitting import sentences
from corpus.types import Passage, Span
from evals.gold import read_squad
from evals.measures import normalise_answer
from evals.terminal import guarded, print_json, with_progress
from reader.span_reader import SpanReader
from reader.types import Candidate

GAPS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
_SPANS = 12
_SEPARATOR = re.compile(r"\s*(?:[,;]\s*(?:(?:and|or)\b|&)?|\b(?:and|or|as well as)\b|&)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listed:
    """A question, its gold answers, and the spans the reader found in its paragraph, best first."""

    question: str
    gold: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    def said(self, gap: float) -> list[str]:
        """The items given where spans down to ``gap`` worse than the best one are."""
        if not self.candidates:
            return []
        best = self.candidates[0]
        given = distinct(listed(self.question, best, self.candidates, (), gap))
        return [item for candidate in given for item in items_of(candidate.text)]


@dataclass(frozen=True, slots=True)
class ListFigures:
    """Micro-averaged over all questions, 0 to 1.

    Attributes:
        precision, recall, f1: of items equal to a gold answer after SQuAD's normalisation.
        partial_f1: the same, each item counted by the share of it that stands in the nearest gold answer as one
            run of words, and each gold answer likewise.
    """

    precision: float
    recall: float
    f1: float
    partial_f1: float


def items_of(quote: str) -> list[str]:
    """The items of a quote that is a list; the quote alone if it is none."""
    return [item for item in _SEPARATOR.split(quote) if item] or [quote]


def figures(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> ListFigures:
    """The figures over ``(gold, said)`` pairs, one a question."""
    golds = [[normalise_answer(text) for text in gold] for gold, _ in pairs]
    saids = [[normalise_answer(text) for text in said] for _, said in pairs]
    wanted, given = sum(map(len, golds)), sum(map(len, saids))
    right = sum(len(set(gold) & set(said)) for gold, said in zip(golds, saids, strict=True))
    near_said = sum(_nearest(item, gold) for gold, said in zip(golds, saids, strict=True) for item in said)
    near_gold = sum(_nearest(item, said) for gold, said in zip(golds, saids, strict=True) for item in gold)
    precision, recall = _ratio(right, given), _ratio(right, wanted)
    return ListFigures(
        precision, recall, _harmonic(precision, recall), _harmonic(_ratio(near_said, given), _ratio(near_gold, wanted))
    )


def judged_on_the_other_half(questions: Sequence[Listed]) -> ListFigures:
    """Each half's answers with the gap that has the best exact F1 on the other half."""
    pairs = []
    for judged, others in ((questions[::2], questions[1::2]), (questions[1::2], questions[::2])):
        gap = max(GAPS, key=lambda tried: figures([(q.gold, q.said(tried)) for q in others]).f1)
        pairs += [(q.gold, q.said(gap)) for q in judged]
    return figures(pairs)


def _nearest(item: str, others: Sequence[str]) -> float:
    """The largest share of the item's words that stand in one of the others in one run."""
    words = item.split()
    if not words:
        return 0.0
    padded = [f" {other} " for other in others]
    for length in range(len(words), 0, -1):
        runs = (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
        if any(f" {run} " in other for run in runs for other in padded):
            return length / len(words)
    return 0.0


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _measure(args: argparse.Namespace) -> int:
    questions, articles = read_squad(args.squad)
    texts = {article.id: article.text for article in articles}
    reader = SpanReader.load(args.reader, args.threads)
    found = []
    for question in with_progress(questions, "reading", len(questions)):
        text = texts[question.article or ""]
        paragraph = Passage("", 0, Span(0, len(text)), text, sentences(text))
        read = reader.read(question.question, [paragraph], per_passage=_SPANS)[0]
        found.append(Listed(question.question, question.answers, tuple(read)))
    rows = {f"gap {gap:g}": figures([(q.gold, q.said(gap)) for q in found]) for gap in sorted({*GAPS, LIST_GAP})}
    rows["gap picked on the other half"] = judged_on_the_other_half(found)
    print_json(
        {name: {field: round(getattr(row, field), 4) for field in ListFigures.__slots__} for name, row in rows.items()}
    )
    return 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squad", type=Path, required=True, help="SQuAD-format file whose answers are list items")
    parser.add_argument("--reader", type=Path, help="folder of another reader; default: the one shipped")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    return guarded(lambda: _measure(args))


if __name__ == "__main__":
    raise SystemExit(main())
