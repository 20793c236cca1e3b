from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from haystack import Document
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DocumentStore
from haystack.errors import FilterError
from haystack.testing.document_store import (
    CountDocumentsByFilterTest,
    CountUniqueMetadataByFilterTest,
    DocumentStoreBaseExtendedTests,
    DocumentStoreBaseTests,
    GetMetadataFieldMinMaxTest,
    GetMetadataFieldsInfoTest,
    GetMetadataFieldUniqueValuesTest,
)

from retrieval.places import ClusterPlace
from retrieval.qdrant.store import QdrantIndex
from retrieval.store import SQLiteDocumentStore
from retrieval.vectors import unit


class TestHaystackConformance(
    DocumentStoreBaseExtendedTests,
    CountDocumentsByFilterTest,
    CountUniqueMetadataByFilterTest,
    GetMetadataFieldsInfoTest,
    GetMetadataFieldMinMaxTest,
    GetMetadataFieldUniqueValuesTest,
):
    @pytest.fixture
    def document_store(self, tmp_path: Path) -> Iterator[SQLiteDocumentStore]:
        with SQLiteDocumentStore(tmp_path / "index.sqlite") as store:
            yield store

    def test_write_documents(self, document_store: DocumentStore) -> None:
        document = Document(content="a passage")
        assert document_store.write_documents([document]) == 1
        assert document_store.filter_documents() == [document]
        with pytest.raises(DuplicateDocumentError):
            document_store.write_documents([document])
        assert document_store.filter_documents() == [document]


class TestHaystackConformanceOnQdrant(DocumentStoreBaseTests):
    """All but filters by None, which qdrant-haystack does not say to Qdrant: they are refused."""

    test_comparison_equal_with_none = None  # type: ignore[assignment]
    test_comparison_not_equal_with_none = None  # type: ignore[assignment]
    test_comparison_greater_than_with_none = None  # type: ignore[assignment]
    test_comparison_greater_than_equal_with_none = None  # type: ignore[assignment]
    test_comparison_less_than_with_none = None  # type: ignore[assignment]
    test_comparison_less_than_equal_with_none = None  # type: ignore[assignment]

    @pytest.mark.parametrize("operator", ["==", "!=", ">", ">=", "<", "<="])
    def test_a_filter_by_none_is_refused(self, document_store: QdrantIndex, operator: str) -> None:
        with pytest.raises(FilterError):
            document_store.filter_documents({"field": "meta.number", "operator": operator, "value": None})

    @pytest.fixture
    def document_store(self) -> Iterator[QdrantIndex]:
        with QdrantIndex(ClusterPlace(":memory:"), dimensions=768) as index:
            yield index

    @staticmethod
    def assert_documents_are_equal(received: list[Document], expected: list[Document]) -> None:
        """Equal but for the order, which a cluster does not keep, and for vectors' length, which is 1 there."""
        pairs = list(zip(_by_id(received), _by_id(expected), strict=True))
        assert [replace(one, embedding=None) for one, _ in pairs] == [
            replace(other, embedding=None) for _, other in pairs
        ]
        for one, other in pairs:
            assert _at_length_1(one) == pytest.approx(_at_length_1(other), abs=1e-5)

    test_write_documents = TestHaystackConformance.test_write_documents


def _by_id(documents: list[Document]) -> list[Document]:
    return sorted(documents, key=lambda document: document.id)


def _at_length_1(document: Document) -> list[float]:
    return [] if document.embedding is None else unit(np.array([document.embedding]))[0].tolist()
