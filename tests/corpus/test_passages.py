from __future__ import annotations

import pytest

from corpus.passages import passage_from
from corpus.types import Passage, Span


def test_a_place_in_an_article_is_kept() -> None:
    meta = {"article_id": "news/pact", "number": 2, "start": 40, "end": 49, "sentences": [[40, 49]], "title": "Pact"}
    expected = Passage("news/pact", 2, Span(40, 49), "It rains.", (Span(40, 49),))
    assert passage_from("news/pact#2", "It rains.", meta) == expected


@pytest.mark.parametrize(
    "meta",
    [
        {},
        {"article_id": "a", "start": 40},
        {"article_id": "a", "number": 0, "start": 40, "end": 44, "sentences": []},
        {"article_id": "a", "number": "x", "start": 40, "end": 49, "sentences": []},
        {"article_id": "a", "number": 0, "start": -9, "end": 0, "sentences": []},
        {"article_id": "a", "number": 0, "start": 40, "end": 49, "sentences": [[1]]},
    ],
)
def test_a_place_that_cannot_be_is_none(meta: dict[str, object]) -> None:
    assert passage_from("7", "It rains.", meta) == Passage("7", 0, Span(0, 9), "It rains.", ())
