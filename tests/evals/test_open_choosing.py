"""Choosing again among spans that were read."""

from __future__ import annotations

import pytest

from evals.open_choosing import Way, best_possible, choose, judged
from tests.evals.open_samples import hit, row, span

HITS = (
    hit("a#0", score=1.0, published="2018-01-01"),
    hit("b#0", score=0.2, published="2022-06-08", holds=True),
    hit("c#0", score=0.1),
)
ROW = row(
    "", HITS, (span("a#0", "1904", 0.0), span("b#0", "in 1932", 0.5), span("c#0", "spring", 0.8)), asked="2022-06-10"
)


@pytest.mark.parametrize(
    ("way", "chosen"),
    [
        (Way(retrieval_weight=0.0), "spring"),
        (Way(retrieval_weight=0.75), "spring"),
        (Way(retrieval_weight=1.0), "1904"),
        (Way(retrieval_weight=0.0, passages=2), "in 1932"),
        (Way(retrieval_weight=0.0, passages=1), "1904"),
        (Way(retrieval_weight=0.0, near=1.0), "in 1932"),
        (Way(retrieval_weight=0.0, near=1.0, half_life_days=0.1), "spring"),
        (Way(within_days=31), "in 1932"),
        (Way(retrieval_weight=0.75, within_days=1), "spring"),
    ],
)
def test_a_way_of_choosing_weighs_as_it_says(way: Way, chosen: str) -> None:
    found = choose(ROW, way)
    assert found is not None
    assert found.text == chosen


def test_spans_that_agree_outweigh_a_surer_one_but_not_within_one_passage() -> None:
    spans = (span("a#0", "1904", 0.6), span("b#0", "in 1932", 0.5), span("c#0", "in 1932", 0.5))
    hits = tuple(hit(f"{name}#0", score=0.0) for name in "abc")
    agreed = choose(row("", hits, spans), Way())
    assert agreed is not None
    assert agreed.text == "in 1932"
    alone = choose(row("", hits, spans), Way(together=False))
    assert alone is not None
    assert alone.text == "1904"
    crowded = choose(row("", hits, (spans[0], spans[1], span("b#0", "in 1932", 0.5))), Way())
    assert crowded is not None
    assert crowded.text == "1904"


def test_what_stands_beside_a_span_counts_as_much_as_a_way_says() -> None:
    spans = (span("a#0", "1904", 0.0, nearness=0.5), span("b#0", "in 1932", 0.5), span("c#0", "spring", 0.4))
    hits = tuple(hit(f"{name}#0", score=0.0) for name in "abc")
    for weight, chosen in ((0.0, "in 1932"), (0.9, "in 1932"), (1.1, "1904")):
        found = choose(row("", hits, spans), Way(nearness_weight=weight))
        assert found is not None
        assert found.text == chosen


def test_nothing_read_is_nothing_chosen() -> None:
    assert choose(row("", HITS), Way()) is None
    assert choose(row("", HITS), Way()) is None


def test_figures_of_a_way_and_of_the_best_that_any_could_do() -> None:
    assert judged([ROW], Way(passages=2, retrieval_weight=0.0)).em == 1
    assert judged([ROW], Way()).em == 0
    assert best_possible([ROW], 1).em == 0
    assert best_possible([ROW], 2).em == 1
