"""Fit the confidence: from a span's margin and its passage's answerability to the probability that it is right.

    python -m reader.training.calibrate --data DATA/train

Questions of the held-back paragraphs, and those written for them (``written``), are asked the way a
user's are: of a folder. Each has one of its own, 300 paragraphs drawn from the whole pool, of which the
ten with the likest words are read, with the paragraph that answers. To a third the right thing to say is
nothing: that paragraph is withheld, or, in the place of a written question, one is asked that it does
not answer. A span is right if its word F1 with the gold answer is at least one half and the question has
an answer. Two logistic regressions follow each other:

1. over the best span of every passage: the weights of margin and answerability, by which passages compare;
2. over the best span of every question by those weights: slope and intercept of the final log-odds
   (Platt 1999), because the best of ten looks better than it is.

Each half of the questions is judged by the fit on the other. The fit on all is written beside the
weights, its intercept that of questions of which half have no answer (``prior_correction``), as SQuAD
2.0's: a reader alone is given passages that no search has chosen.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from corpus.types import Passage, Span
from reader.span_reader import SHIPPED, ReaderSettings, SpanReader
from reader.training.examples import Pool, answer_text, load_pool
from reader.training.plan import Plan
from reader.training.written import read_written, with_written_questions
from reader.types import prior_correction

# Questions with short answers that stand by themselves: AdversarialQA's were written to defeat a reader, many of
# Natural Questions' answers are whole clauses, and the other sets ask of a text that the asker sees.
_DATASETS = ("squad_part", "squad_windows", "invented_news")
_FOLDER, _READ = 300, 10
_UNANSWERED, _EXPECTED = 1 / 3, 1 / 2


def word_f1(one: str, other: str) -> float:
    """F1 of the two answers' words, 0 to 1."""
    words = [Counter(re.findall(r"\w+", text.lower())) for text in (one, other)]
    shared = (words[0] & words[1]).total()
    return 2 * shared / (words[0].total() + words[1].total()) if shared else 0.0


@dataclass(frozen=True, slots=True)
class Observed:
    """One question's passages: ``features`` (passages, 2), margin and answerability; ``right`` (passages,) bool."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fit:
    """The calibrated log-odds: ``features @ weights + intercept``."""

    weights: NDArray[np.float64]
    intercept: float

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each row of ``features`` ``(n, 2)``: ``(n,)``."""
        found: NDArray[np.float64] = features @ self.weights + self.intercept
        return found


def observe(reader: SpanReader, held: Pool, pool: Pool, seed: int) -> list[Observed]:
    """Ask every held-back question of its folder."""
    rng = random.Random(seed)
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32, min_df=2)
    vectors = vectorizer.fit_transform([context.text for context in pool.contexts])
    found = []
    for item in held.questions:
        context = held.contexts[item.context]
        answer = answer_text(context, item)
        unanswered = rng.random() < _UNANSWERED
        question = rng.choice(item.unanswered) if unanswered and item.unanswered else item.question
        folder = [
            i
            for i in rng.sample(range(len(pool.contexts)), _FOLDER)
            if answer.lower() not in pool.contexts[i].text.lower()
        ]
        likeness = (vectors[folder] @ vectorizer.transform([question]).T).toarray().ravel()
        texts = [pool.contexts[folder[at]].text for at in np.argsort(-likeness, kind="stable")[:_READ]]
        if not unanswered or item.unanswered:
            texts.append(context.text)
        passages = [Passage(str(i), 0, Span(0, len(text)), text, ()) for i, text in enumerate(texts)]
        best = [c for spans in reader.read(question, passages, per_passage=1) for c in spans]
        features = np.array([[c.margin, c.answers or 0.0] for c in best])
        right = np.array([not unanswered and word_f1(c.text, answer) >= 0.5 for c in best])
        found.append(Observed(features, right))
    return found


def fit(questions: Sequence[Observed]) -> Fit:
    """Both regressions."""
    features = np.concatenate([question.features for question in questions])
    used = np.flatnonzero(features.std(axis=0))  # a network without the answerability score has only its margin
    first = LogisticRegression(C=np.inf).fit(features[:, used], np.concatenate([q.right for q in questions]))
    weights = np.zeros(features.shape[1])
    weights[used] = first.coef_[0]
    scores, right = first_answers(questions, Fit(weights, 0.0))
    second = LogisticRegression(C=np.inf).fit(scores[:, None], right)
    return Fit(weights * second.coef_[0, 0], float(second.intercept_[0]))


def first_answers(questions: Sequence[Observed], by: Fit) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Log-odds of each question's best span, and whether it is right: ``(questions,)`` each."""
    log_odds = [by.log_odds(question.features) for question in questions]
    best = [int(scores.argmax()) for scores in log_odds]
    return (
        np.array([scores[at] for scores, at in zip(log_odds, best, strict=True)]),
        np.array([question.right[at] for question, at in zip(questions, best, strict=True)]),
    )


def expected_calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Mean distance of confidence from accuracy over equal-width bins, weighted by size (Guo et al. 2017)."""
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[which == b].mean() - right[which == b].mean()) * (which == b).sum()
        for b in range(bins)
        if (which == b).any()
    ]
    return float(sum(gaps) / len(confidence))


def report(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> None:
    """Print how well ``confidence`` tells right answers from wrong ones."""
    order = np.argsort(-confidence)
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    covered = {wanted: np.flatnonzero(accuracy >= wanted) for wanted in (0.8, 0.9)}
    shares = {wanted: (last[-1] + 1) / len(order) if last.size else 0.0 for wanted, last in covered.items()}
    print(
        f"ECE {expected_calibration_error(confidence, right):.3f}, "
        f"Brier {np.mean((confidence - right) ** 2):.3f}, "
        + ", ".join(f"{share:.1%} answered at {wanted:.0%} accuracy" for wanted, share in shares.items())
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of SQuAD-format *.json.gz files")
    parser.add_argument("--reader", type=Path, default=SHIPPED)
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args()

    tokenizer = Tokenizer.from_file(str(arguments.reader / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    held = with_written_questions(load_pool(arguments.data, tokenizer, _DATASETS, held_back=True), read_written())
    pool = load_pool(arguments.data, tokenizer, [name for name, _ in Plan.visits], held_back=False)
    reader = SpanReader.load(arguments.reader if arguments.reader != SHIPPED else None)
    questions = observe(reader, held, pool, arguments.seed)

    judged = [first_answers(questions[1 - half :: 2], fit(questions[half::2])) for half in (0, 1)]
    log_odds, right = (np.concatenate(parts) for parts in zip(*judged, strict=True))
    print(f"{len(right)} questions, {right.mean():.1%} right; each half judged by the fit on the other:")
    report(1 / (1 + np.exp(-log_odds)), right)
    shipped = fit(questions)
    corrected = shipped.intercept + prior_correction(float(right.mean()), _UNANSWERED, _EXPECTED)
    slope, answers_slope, intercept = (round(float(x), 4) for x in (*shipped.weights, corrected))
    print(
        f"log-odds = {slope} * margin + {answers_slope} * answerability + {intercept}, fitted on all, half unanswered"
    )

    path = arguments.reader / "reader.json"
    settings = ReaderSettings(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else ReaderSettings()
    settings = replace(settings, slope=slope, answers_slope=answers_slope, intercept=intercept)
    path.write_text(json.dumps(asdict(settings), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
