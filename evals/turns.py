"""Reading in turns: what leaving passages unread saves, and what it costs.

    python -m evals.turns --squad squad11_dev.json.gz --questions 600

Every question is read in full once. Then the same is decided as if the passages after the first few had
been left unread where those are sure enough (``reader.turns``): the share of passages still read, and exact
match, F1 and citations an answer.
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from answering.answerer import Answerer
from answering.chooser import AnswerChooser
from answering.types import Answered, Ask
from corpus.loading import Loaded, load_folder
from corpus.types import Article, Passage
from evals.gold import GoldQuestion, read_gold, read_squad
from evals.measures import exact_match, f1
from evals.terminal import SEED_GOLD, SEEDS, guarded, print_json, with_progress
from reader.span_reader import SpanReader
from reader.turns import Turns, read_in_turns
from reader.types import Candidate, log_odds_of
from retrieval.component import HybridRetriever
from retrieval.encoder import load_encoder
from retrieval.types import Hit

CONFIDENCES = (0.5, 0.6, 0.7, 0.8, 0.9)
FIRST = (2, 3, 4)
_PER_PASSAGE = 6


@dataclass(frozen=True, slots=True)
class Policy:
    """What was read under one way of dividing, and what came of it; shares 0 to 1, means a question."""

    read: float
    em: float
    f1: float
    citations: float


class Remembered:
    """A reader that has read every passage of one question already, and counts those it is asked for."""

    def __init__(self, found: Mapping[str, list[Candidate]]) -> None:
        self._found = found
        self.asked = 0

    def read(self, _: str, passages: Sequence[Passage], *, per_passage: int = 3) -> list[list[Candidate]]:
        """Candidates of each passage, best first."""
        self.asked += len(passages)
        return [self._found[passage.id][:per_passage] for passage in passages]


@dataclass(frozen=True, slots=True)
class Full:
    """A question with all that was found and read for it."""

    gold: GoldQuestion
    hits: list[Hit]
    found: Mapping[str, list[Candidate]]


def judged(questions: Sequence[Full], chooser: AnswerChooser, turns: Turns) -> Policy:
    """The figures under ``turns``."""
    asked, exact, shared, cited = 0, 0.0, 0.0, 0
    for question in questions:
        reader = Remembered(question.found)
        passages = [hit.passage for hit in question.hits]
        text = question.gold.question
        read = read_in_turns(reader, text, passages, per_passage=_PER_PASSAGE, turns=turns)
        candidates = [candidate for each in read for candidate in each]
        outcome = chooser.run(Ask(text), text, question.hits, candidates)["outcome"]
        said = outcome.answer.text if isinstance(outcome, Answered) else ""
        asked += reader.asked
        exact += exact_match(said, question.gold.answers)
        shared += f1(said, question.gold.answers)
        cited += len(outcome.answer.citations) if isinstance(outcome, Answered) else 0
    count, passages_found = len(questions), sum(len(question.hits) for question in questions)
    return Policy(asked / passages_found, exact / count, shared / count, cited / count)


def _measure(args: argparse.Namespace) -> int:
    if args.squad:
        asked, articles = read_squad(args.squad)
        questions = random.Random(args.seed).sample(asked, min(args.questions, len(asked)))  # noqa: S311 - a sample
    else:
        questions = list(read_gold(SEED_GOLD))
        articles = tuple(loaded.article for loaded in load_folder(SEEDS) if isinstance(loaded, Loaded))
    with tempfile.TemporaryDirectory() as folder, Answerer.open(Path(folder), create=True) as answerer:
        for article in with_progress(articles, "indexing", len(articles)):
            answerer.put(Article(article.id, article.title, article.text))
        retriever = HybridRetriever.around(answerer.store, load_encoder(), top_k=args.top_k)
        reader = SpanReader.load(args.reader)
        full = []
        for gold in with_progress(questions, "reading", len(questions)):
            hits = retriever.run(gold.question)["hits"]
            passages = [hit.passage for hit in hits]
            read = reader.read(gold.question, passages, per_passage=_PER_PASSAGE)
            full.append(Full(gold, hits, dict(zip((passage.id for passage in passages), read, strict=True))))
        chooser = AnswerChooser(answerer.store, args.min_confidence)
        ways = {"all": Turns(sure=math.inf)} | {
            f"first {first}, sure at {confidence}": Turns(first, log_odds_of(confidence))
            for first in FIRST
            for confidence in CONFIDENCES
        }
        policies = {name: judged(full, chooser, turns) for name, turns in ways.items()}
    print_json(
        {
            name: {field: round(getattr(policy, field), 4) for field in Policy.__slots__}
            for name, policy in policies.items()
        }
    )
    return 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squad", type=Path, help="SQuAD-format file; default: the gold questions on the seeds")
    parser.add_argument("--questions", type=int, default=600, help="of the SQuAD file, sampled")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--top-k", type=int, default=8)
    parser.add_argument("--min-confidence", type=float, default=0.3)
    parser.add_argument("--reader", type=Path, help="folder of another reader; default: the one shipped")
    args = parser.parse_args()
    return guarded(lambda: _measure(args))


if __name__ == "__main__":
    raise SystemExit(main())
