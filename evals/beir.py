"""Retrieval alone on a BEIR-style collection: by words, by meaning, and fused.

``pullquote eval beir FOLDER``. Documents are indexed as articles; a document's rank is that of its first
passage. A document judged above 0 is relevant, whatever its grade.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.foreign import Collection, read_beir
from evals.measures import mean
from evals.ranking import first_rank, ndcg, once, reciprocal_rank
from evals.terminal import print_json, with_progress

DEPTH = 100


@dataclass(frozen=True, slots=True)
class BeirFigures:
    """Means over the queries, 0 to 1."""

    ndcg_10: float
    mrr_10: float
    recall_100: float


def figures(rankings: Mapping[str, Sequence[str]], relevant: Mapping[str, frozenset[str]]) -> BeirFigures:
    """The figures of ``rankings``: ids of documents by id of query, best first."""
    gains, ranks, recalls = [], [], []
    for query, ranking in rankings.items():
        wanted = relevant[query]
        flags = [document in wanted for document in ranking]
        gains.append(ndcg(flags, len(wanted)))
        ranks.append(reciprocal_rank(first_rank(flags[:10])))
        recalls.append(sum(flags[:100]) / len(wanted))
    return BeirFigures(mean(gains) or 0.0, mean(ranks) or 0.0, mean(recalls) or 0.0)


def measure(collection: Collection, folder: Path) -> dict[str, BeirFigures]:
    """Index the collection below ``folder`` and ask every query three ways."""
    from answering.answerer import Answerer  # noqa: PLC0415 - --help answers at once
    from retrieval.encoder import load_encoder  # noqa: PLC0415 - likewise

    encoder = load_encoder()
    with Answerer.open(folder, create=True) as answerer:
        for article in with_progress(collection.articles, "indexing", len(collection.articles)):
            answerer.put(article)
        store = answerer.store
        found: dict[str, dict[str, list[str]]] = {"bm25": {}, "dense": {}, "fused": {}}
        for key, text in with_progress(collection.queries.items(), "asking", len(collection.queries)):
            vector = encoder.encode([text])[0]
            for name, given in {"bm25": (text, None), "dense": ("", vector), "fused": (text, vector)}.items():
                hits = store.search(*given, top_k=2 * DEPTH)
                found[name][key] = once(hit.passage.article_id for hit in hits)[:DEPTH]
    return {name: figures(rankings, collection.relevant) for name, rankings in found.items()}


def main_beir(args: argparse.Namespace) -> int:
    """Measure and print."""
    collection = read_beir(args.folder)
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(collection, Path(folder))
    if args.json:
        print_json({name: {k: round(v, 4) for k, v in asdict(row).items()} for name, row in rows.items()})
        return 0
    title = f"{args.folder.name}: {len(collection.articles)} documents, {len(collection.queries)} queries"
    table = Table(title=title, title_justify="left")
    for heading in ("", "nDCG@10", "MRR@10", "recall@100"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, row in rows.items():
        table.add_row(name, f"{row.ndcg_10:.3f}", f"{row.mrr_10:.3f}", f"{row.recall_100:.3f}")
    Console().print(table)
    return 0
