"""The same questions asked of the same articles in both stores: a file, and Qdrant.

    python -m evals.stores [--squad dev-v1.1.json.gz --limit 300]
    QDRANT_URL=http://node:6333 python -m evals.stores

Without ``QDRANT_URL`` it is the client's own local mode. Both stores have the same vectors, scores and fusion, but for
what rounding and the ends of the lists can move (docs/qdrant.md).
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from answering.answerer import Answerer
from answering.types import MIN_CONFIDENCE, Answered, Outcome
from corpus.types import Article
from evals.gold import GoldQuestion
from evals.measures import exact_match
from evals.runner import plain_ask
from evals.session import gold_asking, squad_asking
from evals.terminal import SEED_GOLD, SEEDS, guarded, positive, print_json, with_progress
from reader.span_reader import SpanReader
from retrieval.encoder import load_encoder
from retrieval.opening import open_index, remove_index
from retrieval.places import KEY_VARIABLE, ClusterPlace

IN_MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and what each store led to."""

    gold: GoldQuestion
    file: Outcome
    cluster: Outcome

    @property
    def is_same(self) -> bool:
        """Whether both say the same, with the same citations, or both that the articles do not."""
        return _said(self.file) == _said(self.cluster)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike the stores are; all but ``questions`` as shares, 0 to 1.

    Attributes:
        same_answer: the same words with the same citations, or not found by either.
        same_first: the same passage in which the reader saw most of an answer.
        same_passages: the same passages read, in any order.
        same_order: the same passages read, in the same order of what the reader saw in them.
        file_em, cluster_em: exact match of each store's answers.
    """

    questions: int
    same_answer: float
    same_first: float
    same_passages: float
    same_order: float
    file_em: float
    cluster_em: float


def compare(
    questions: Sequence[GoldQuestion],
    articles: Sequence[Article],
    folder: Path,
    cluster: ClusterPlace,
    threads: int = 2,
) -> list[Pair]:
    """Index ``articles`` in both stores and ask both every question.

    Raises:
        IndexProblem: if the cluster cannot be used.
    """
    encoder, reader = load_encoder(None, threads), SpanReader.load(None, threads)
    answerers = [
        Answerer(
            open_index(folder, place, encoder=encoder.identity, dimensions=encoder.dimensions),
            encoder,
            reader,
            top_k=8,
            min_confidence=MIN_CONFIDENCE,
        )
        for place in (None, cluster)
    ]
    with closing(answerers[0]) as file, closing(answerers[1]) as other:
        for article in with_progress(articles, "indexing", len(articles)):
            file.put(article)
            other.put(article)
        asked = with_progress(questions, "asking", len(questions))
        return [Pair(gold, file.ask(plain_ask(gold)), other.ask(plain_ask(gold))) for gold in asked]


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """The figures of at least one pair."""
    count = len(pairs)
    passages = [(_passages(pair.file), _passages(pair.cluster)) for pair in pairs]
    return Agreement(
        questions=count,
        same_answer=sum(pair.is_same for pair in pairs) / count,
        same_first=sum(one[:1] == other[:1] for one, other in passages) / count,
        same_passages=sum(set(one) == set(other) for one, other in passages) / count,
        same_order=sum(one == other for one, other in passages) / count,
        file_em=sum(_em(pair.file, pair.gold) for pair in pairs) / count,
        cluster_em=sum(_em(pair.cluster, pair.gold) for pair in pairs) / count,
    )


def _said(outcome: Outcome) -> tuple[object, ...]:
    if not isinstance(outcome, Answered):
        return ()
    return (outcome.answer.text, *((citation.article_id, citation.span) for citation in outcome.answer.citations))


def _passages(outcome: Outcome) -> list[str]:
    return [hit.passage.id for hit in outcome.hits]


def _em(outcome: Outcome, gold: GoldQuestion) -> float:
    return exact_match(outcome.answer.text if isinstance(outcome, Answered) else "", gold.answers)


def _measure(args: argparse.Namespace) -> int:
    asking = squad_asking(args.squad, args.limit) if args.squad else gold_asking(args.gold, args.corpus, args.limit)
    url = os.environ.get("QDRANT_URL") or IN_MEMORY
    cluster = ClusterPlace(url, os.environ.get(KEY_VARIABLE), f"pullquote_eval_{uuid4().hex[:8]}")
    with tempfile.TemporaryDirectory() as folder:
        pairs = compare(asking.questions, asking.articles, Path(folder), cluster, args.threads)
        if url != IN_MEMORY:
            remove_index(Path(folder), cluster)
    differing = [
        {"question": pair.gold.question, "file": _text(pair.file), "qdrant": _text(pair.cluster)}
        for pair in pairs
        if not pair.is_same
    ]
    print_json({"agreement": asdict(agreement(pairs)), "differing": differing})
    return 0


def _text(outcome: Outcome) -> str | None:
    return outcome.answer.text if isinstance(outcome, Answered) else None


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, default=SEED_GOLD, metavar="FILE", help="gold questions, .jsonl")
    parser.add_argument("--corpus", type=Path, default=SEEDS, metavar="FOLDER", help="the articles they are asked of")
    parser.add_argument("--squad", type=Path, metavar="FILE", help="instead: SQuAD, asked of all paragraphs")
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first N questions")
    parser.add_argument("--threads", type=positive, default=2, metavar="N")
    args = parser.parse_args()
    return guarded(lambda: _measure(args))


if __name__ == "__main__":
    raise SystemExit(main())
