from __future__ import annotations

from pathlib import Path

import pytest

from evals.session import gold_asking
from evals.stores import agreement, compare
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
    assert [pair.gold.question for pair in pairs if not pair.is_same] == []
    assert found.same_first >= 0.97
    assert found.same_passages >= 0.97
    assert found.file_em == found.cluster_em
