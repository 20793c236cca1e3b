from __future__ import annotations

from pathlib import Path

import pytest

from answering.types import MIN_CONFIDENCE, Answered
from evals.session import gold_asking
from evals.stores import Pair, agreement, compare
from evals.terminal import SEED_GOLD, SEEDS
from retrieval.places import ClusterPlace
from tests.retrieval.indexes import CLUSTER, KEY


@pytest.mark.parametrize(
    "url",
    [
        ":memory:",
        pytest.param(CLUSTER, marks=pytest.mark.skipif(not CLUSTER, reason="QDRANT_URL names no cluster")),
    ],
)
def test_the_same_questions_have_the_same_answers_in_both_stores(tmp_path: Path, url: str) -> None:
    asking = gold_asking(SEED_GOLD, SEEDS, None)
    # One in three: the whole set is what docs/qdrant.md has from `python -m evals.stores`.
    place = ClusterPlace(url, KEY, f"pullquote_test_{tmp_path.name}")
    pairs = compare(asking.questions[::3], asking.articles, tmp_path, place)
    found = agreement(pairs)
    assert found.questions == 75
    # Which articles tell one story is kept in the file alone, so a rewrite is set aside there and read on a cluster,
    # where it may be what the reader sees most of an answer in.
    assert found.same_answer >= 0.85
    assert found.same_first >= 0.85
    assert abs(found.file_em - found.cluster_em) <= 0.03
    # Where the passages read are the same in the same order, nothing can differ but a share of a score, which can carry
    # a confidence over the bar.
    alike = [pair for pair in pairs if pair.file.hits and _ids(pair.file.hits) == _ids(pair.cluster.hits)]
    assert len(alike) > 20
    assert all(pair.is_same or _is_at_the_bar(pair) for pair in alike)


def _is_at_the_bar(pair: Pair) -> bool:
    """Whether one store gives an answer that is barely sure enough, and the other none."""
    given = [outcome.answer for outcome in (pair.file, pair.cluster) if isinstance(outcome, Answered)]
    return len(given) == 1 and given[0].confidence < MIN_CONFIDENCE + 0.02


def _ids(hits: object) -> list[str]:
    return [hit.passage.id for hit in hits]  # type: ignore[attr-defined]
