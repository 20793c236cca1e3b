from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from haystack import Document
from haystack.errors import FilterError
from haystack.utils.filters import document_matches_filter
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.filters import where
from retrieval.store import SQLiteDocumentStore

VALUES: list[Any] = [
    None, True, False, 0, 1, -2, 1.0, 2.5, 2**70, "", "1", "Gazette", "O'Brien \"x\"", "now", "true", "🙂é",
    "2025-01-17", "2025-01-17T00:00:00", "2025-01-17T10:30:00", "2025-01-17 10:30:00", "2025-01-17T10:30:00+02:00",
    "2025-01-17T10:30:00.5", "2025-01-17X10:30:00", "20250117",
    "2025-02-30", "17 Jan 2025", "2024-W03-5-x", "[1, 2]", [1, 2], ["Gazette"], {"b": 1},
]  # fmt: skip
FIELDS = ["meta.source", "meta.published", "meta.number", "meta.a.b", 'meta.it\'s "odd"', "source", "meta", "other.x"]
DOCUMENTS = [
    Document(id=f"{number}", content=f"text {number}", meta={"source": value, "published": value, "a": {"b": value}})
    for number, value in enumerate(VALUES)
] + [
    Document(id="nothing", content=None, meta={}),
    Document(id="flat", content="text", meta={"a": "b", "number": 3, 'it\'s "odd"': "Gazette"}),
    Document(id="list", content="Gazette", meta={"a": [1], "number": -1.5}),
]
COMPARISONS = st.fixed_dictionaries(
    {
        "field": st.sampled_from([*FIELDS, "id", "content"]),
        "operator": st.sampled_from(["==", "!=", ">", ">=", "<", "<="]),
        "value": st.sampled_from(VALUES),
    }
) | st.fixed_dictionaries(
    {
        "field": st.sampled_from([*FIELDS, "id", "content"]),
        "operator": st.sampled_from(["in", "not in"]),
        "value": st.lists(st.sampled_from(VALUES), max_size=4),
    }
)
TREES = st.recursive(
    COMPARISONS,
    lambda inner: st.fixed_dictionaries(
        {"operator": st.sampled_from(["AND", "OR", "NOT"]), "conditions": st.lists(inner, max_size=3)}
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLiteDocumentStore]:
    with SQLiteDocumentStore(tmp_path_factory.mktemp("filters") / "index.sqlite") as opened:
        opened.write_documents(DOCUMENTS)
        yield opened


def by_haystack(filters: dict[str, Any]) -> list[str] | None:
    """What Haystack's own function lets through; None if it refuses the filter over some document."""
    if filters["operator"] in {">", ">=", "<", "<="} and isinstance(filters["value"], list):
        return None  # Haystack says so once a document has the field, we always
    try:
        return [document.id for document in DOCUMENTS if document_matches_filter(filters, document)]
    except (FilterError, TypeError):
        return None


@given(filters=COMPARISONS)
@example(filters={"field": "meta.published", "operator": ">=", "value": "2025-01-17"})
@example(filters={"field": "meta.source", "operator": "in", "value": [None, "Gazette", "2025-01-17", [1, 2]]})
def test_a_comparison_means_what_it_means_to_haystack(store: SQLiteDocumentStore, filters: dict[str, Any]) -> None:
    expected = by_haystack(filters)
    if expected is None:
        with pytest.raises(FilterError):
            store.filter_documents(filters)
    else:
        assert [document.id for document in store.filter_documents(filters)] == expected


@given(filters=TREES)
def test_conditions_combine_as_they_do_in_haystack(store: SQLiteDocumentStore, filters: dict[str, Any]) -> None:
    expected = by_haystack(filters)
    if expected is not None:
        try:
            found = [document.id for document in store.filter_documents(filters)]
        except FilterError:
            return  # SQL may compare a row that Haystack passes over, as an earlier condition has decided it
        assert found == expected


@pytest.mark.parametrize(
    "value", [datetime(2025, 1, 17), datetime(2025, 1, 17, 10, 30, tzinfo=UTC), datetime(1, 1, 1), float("nan")]
)
@pytest.mark.parametrize("operator", ["==", "!="])
def test_values_that_json_does_not_know_compare_as_in_haystack(
    store: SQLiteDocumentStore, operator: str, value: object
) -> None:
    filters = {"field": "meta.published", "operator": operator, "value": value}
    assert [document.id for document in store.filter_documents(filters)] == by_haystack(filters)


@pytest.mark.parametrize(
    "filters",
    [
        {"field": "meta.x", "operator": "~", "value": 1},
        {"field": 3, "operator": "==", "value": 1},
        {"field": "embedding", "operator": "==", "value": None},
        {"operator": "XOR", "conditions": []},
        {"operator": "AND", "conditions": {"field": "meta.x"}},
        {"operator": "AND", "conditions": ["meta.x == 1"]},
        {"field": "meta.x", "operator": "in", "value": "abc"},
    ],
)
def test_what_is_no_filter_is_refused_even_over_an_empty_index(filters: dict[str, Any]) -> None:
    with pytest.raises(FilterError):
        where(filters)


@pytest.mark.parametrize("text", ["'; DROP TABLE passages; --", "\x00", "\ud800", "%' OR 1=1", '"]'])
def test_a_callers_text_is_never_syntax(store: SQLiteDocumentStore, text: str) -> None:
    for field in (f"meta.{text}", "meta.source", "id"):
        for operator, value in (("==", text), ("in", [text, "x"]), ("!=", text)):
            found = store.filter_documents({"field": field, "operator": operator, "value": value})
            assert len(found) == (len(DOCUMENTS) if operator == "!=" else 0)


def nested(depth: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"field": "meta.number", "operator": "==", "value": 3}
    for _ in range(depth):
        condition = {"operator": "NOT", "conditions": [condition]}
    return condition


def test_a_deep_and_a_long_filter_work_up_to_their_limits(store: SQLiteDocumentStore) -> None:
    assert store.count_documents_by_filter(nested(20)) == 1
    wide = [{"field": "meta.number", "operator": "==", "value": number} for number in range(499)]
    assert store.count_documents_by_filter({"operator": "OR", "conditions": wide}) == 1
    for too_much in (nested(21), nested(5000), {"operator": "OR", "conditions": wide * 2}):
        with pytest.raises(FilterError, match="at most"):
            store.count_documents_by_filter(too_much)


def test_a_search_can_be_restricted_by_what_only_haystack_compares(store: SQLiteDocumentStore) -> None:
    filters = {"field": "meta.published", "operator": "==", "value": "2025-01-17T08:30:00+00:00"}
    expected = by_haystack(filters)
    assert expected
    assert {hit.passage.article_id for hit in store.search("text", None, filters)} == set(expected)
