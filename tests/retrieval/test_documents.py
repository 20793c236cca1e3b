from __future__ import annotations

from datetime import date

import pytest
from haystack import Document

from corpus.types import Span
from retrieval.documents import to_document, to_passage
from tests.retrieval.samples import article, passages


def test_a_passage_survives_the_way_to_a_document_and_back() -> None:
    one = article(
        "news/treaty", "It lasts 20 years.", "🙂 Signed in Moscow.", source="Gazette", published=date(2025, 1, 17)
    )
    for passage in passages(one):
        document = to_document(passage, one)
        assert document.id == passage.id
        assert document.meta["published"] == "2025-01-17"
        assert to_passage(document) == passage


def test_a_document_from_elsewhere_is_an_article_of_one_passage() -> None:
    passage = to_passage(Document(id="7", content="Some text", meta={"page": 3}))
    assert (passage.article_id, passage.span, passage.text, passage.sentences) == ("7", Span(0, 9), "Some text", ())


@pytest.mark.parametrize(
    "meta",
    [
        {"start": 5, "end": 2},
        {"start": 0, "end": 3, "article_id": "a", "number": 0, "sentences": [[0, 3]]},
        {"start": "0", "end": "9", "article_id": "a", "number": 0, "sentences": []},
        {"start": 0, "end": 9, "article_id": None, "number": 0, "sentences": []},
        {"start": 0, "end": 9, "article_id": "a", "number": 0, "sentences": 4},
    ],
)
def test_a_document_whose_meta_only_looks_like_a_passage_is_one_from_elsewhere(meta: dict[str, object]) -> None:
    assert to_passage(Document(id="7", content="Some text", meta=meta)).span == Span(0, 9)


def test_a_document_without_content_is_an_empty_passage() -> None:
    assert to_passage(Document(id="7")).span == Span(0, 0)
