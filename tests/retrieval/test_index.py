"""What every index does, in a file, on the Qdrant client's local mode, and on a cluster where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from haystack import Document
from haystack.document_stores.types import DuplicatePolicy

from corpus.errors import IndexIncompatible, IndexMissing, IndexProblem, InvalidArticle
from corpus.types import Article
from retrieval.articles import Entry
from retrieval.hits import Ranking
from retrieval.index import Index
from retrieval.opening import index_from_dict
from retrieval.types import Filters
from tests.retrieval.indexes import KINDS, Opening, opening_in
from tests.retrieval.samples import DIMENSIONS, TREATY, WEATHER, article, passages, put, vectors


@pytest.fixture(params=KINDS)
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opening]:
    with opening_in(tmp_path / "deep", request.param) as opened:
        yield opened


@pytest.fixture
def store(opening: Opening) -> Index:
    return opening()


def found(store: Index, text: str) -> list[str]:
    return [hit.passage.id for hit in store.search(text, vectors([text])[0])]


def test_an_article_comes_back_as_it_was_put(store: Index) -> None:
    put(store, TREATY, WEATHER, origin="/folder")
    assert store.article("news/treaty") == TREATY
    assert store.article("no such") is None
    assert store.digests() == {"news/treaty": TREATY.digest, "weather": WEATHER.digest}
    assert store.origins() == {"news/treaty": "/folder", "weather": "/folder"}
    treaty, weather = store.articles()
    assert (treaty.id, treaty.title, treaty.source, treaty.url) == (TREATY.id, TREATY.title, "Gazette", None)
    assert (treaty.published, treaty.chars, treaty.passages) == (date(2025, 1, 17), len(TREATY.text), 2)
    assert (weather.published, weather.digest, weather.origin) == (None, WEATHER.digest, "/folder")


def test_a_hit_carries_its_passage_and_its_place_in_both_lists(store: Index) -> None:
    put(store, TREATY, WEATHER)
    text = "It was signed in Moscow."
    best = store.search(text, vectors([text])[0])[0]
    assert best.passage == passages(TREATY)[1]
    assert (best.rank, best.score, best.bm25_rank, best.dense_rank) == (1, 1.0, 1, 1)
    assert best.dense_score == pytest.approx(1.0, abs=1e-3)
    assert best.bm25_score is not None
    assert best.bm25_score > 0


def test_a_replaced_article_is_found_by_its_new_text_only(store: Index) -> None:
    put(store, TREATY, WEATHER)
    put(store, article("news/treaty", "Nothing was agreed."))
    assert found(store, "treaty Moscow signed") == found(store, "treaty Moscow signed")
    assert all("Moscow" not in hit.passage.text for hit in store.search("Moscow", vectors(["Moscow"])[0]))
    assert found(store, "Nothing was agreed.")[0] == "news/treaty#0"
    assert store.count_documents() == 3


def test_a_deleted_article_is_gone_from_everywhere(store: Index) -> None:
    put(store, TREATY, WEATHER)
    assert store.delete_article("news/treaty")
    assert not store.delete_article("news/treaty")
    assert [row.id for row in store.articles()] == ["weather"]
    assert all(key.startswith("weather") for key in found(store, "treaty Moscow"))


def test_a_word_of_the_title_finds_a_passage_without_it(store: Index) -> None:
    put(store, replace(WEATHER, title="Forecast for Reykjavik"))
    assert {hit.passage.id for hit in store.search("Reykjavik", None)} == {"weather#0", "weather#1"}


def test_an_article_without_passages_is_listed_and_not_found(store: Index) -> None:
    store.put_article(WEATHER, [], np.empty((0, DIMENSIONS), np.float32))
    assert store.articles()[0].passages == 0
    assert (store.count_articles(), store.count_documents()) == (1, 0)
    assert found(store, "Rain") == []


def test_the_contents_digest_follows_the_contents_not_the_way_there(store: Index, opening: Opening) -> None:
    empty = store.contents_digest()
    put(store, TREATY)
    one = store.contents_digest()
    put(store, WEATHER)
    assert len({empty, one, store.contents_digest()}) == 3
    other = opening("other")
    put(other, WEATHER, TREATY)
    assert other.contents_digest() == store.contents_digest()
    other.write_documents([Document(id="loose", content="loose")])
    assert other.contents_digest() != store.contents_digest()
    store.delete_article("weather")
    assert store.contents_digest() == one
    assert opening("third", encoder="another").contents_digest() != empty


def test_an_article_changed_through_haystack_is_known_as_changed(store: Index) -> None:
    put(store, TREATY, WEATHER)
    before = store.contents_digest()
    store.delete_documents(["news/treaty#0"])
    assert store.digests()["news/treaty"] != TREATY.digest
    assert store.contents_digest() != before
    store.delete_documents(["news/treaty#1", "no such"])
    assert store.digests() == {"weather": WEATHER.digest}


def test_several_articles_at_once_are_as_one_by_one(store: Index, opening: Opening) -> None:
    put(store, TREATY, WEATHER)
    other = opening("other")
    texts = {one.id: [passage.text for passage in passages(one)] for one in (TREATY, WEATHER)}
    other.put_articles([Entry(one, passages(one), vectors(texts[one.id])) for one in (TREATY, WEATHER)])
    assert other.contents_digest() == store.contents_digest()
    assert other.search("treaty", None) == store.search("treaty", None)


def test_passages_of_another_article_and_passages_without_vectors_are_refused(store: Index) -> None:
    put(store, WEATHER)
    two = vectors(["a", "b"])
    with pytest.raises(InvalidArticle, match="its own"):
        store.put_article(WEATHER, passages(TREATY), two)
    with pytest.raises(InvalidArticle, match="its own"):
        store.put_article(WEATHER, [passages(WEATHER)[0]] * 2, two)
    with pytest.raises(ValueError, match="one vector for each"):
        store.put_article(WEATHER, passages(WEATHER), two[:1])
    with pytest.raises(InvalidArticle, match="surrogate"):
        store.put_article(Article("weather", "\ud800", WEATHER.text), passages(WEATHER), two)
    assert store.article("weather") == WEATHER
    assert store.count_documents() == 2


def test_vectors_of_another_length_are_refused_and_nothing_is_written(store: Index) -> None:
    put(store, WEATHER)
    with pytest.raises(IndexIncompatible, match="dimensions"):
        store.put_article(TREATY, passages(TREATY), np.ones((2, 3), np.float32))
    with pytest.raises(IndexIncompatible, match="dimensions"):
        store.write_documents([Document(content="x", embedding=[1.0, 2.0])])
    with pytest.raises(IndexIncompatible, match="dimensions"):
        store.search("rain", np.ones(3, np.float32))
    assert [row.id for row in store.articles()] == ["weather"]
    assert store.count_documents() == 2


def test_overwriting_changes_what_is_found(opening: Opening) -> None:
    store = opening(dimensions=2)
    store.write_documents([Document(id="a", content="old words", embedding=[1.0, 0.0])])
    assert store.search("", np.array([1, 0], np.float32))[0].dense_score == pytest.approx(1)
    store.write_documents([Document(id="a", content="new words", embedding=[0.0, 1.0])], DuplicatePolicy.OVERWRITE)
    assert store.search("", np.array([1, 0], np.float32))[0].dense_score == pytest.approx(0)
    assert store.search("old", None) == []


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_an_embedding_that_is_not_finite_is_refused(opening: Opening, number: float) -> None:
    store = opening(dimensions=2)
    with pytest.raises(ValueError, match="finite"):
        store.write_documents([Document(content="x", embedding=[1.0, number])])
    assert store.count_documents() == 0


@pytest.mark.parametrize("meta", [{"at": date(2025, 1, 17)}, {"x": float("nan")}, {"x": "\ud800"}])
def test_meta_that_is_no_json_is_refused_and_nothing_is_written(store: Index, meta: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the last one's text is Python's own)
        store.write_documents([Document(id="good", content="x"), Document(id="bad", content="x", meta=meta)])
    assert store.count_documents() == 0


@pytest.mark.parametrize("top_k", [0, -1])
def test_fewer_than_one_hit_cannot_be_asked_for(store: Index, top_k: int) -> None:
    with pytest.raises(ValueError, match="top_k"):
        store.search("rain", None, top_k=top_k)


def test_equal_passages_stand_in_the_order_of_their_ids(store: Index) -> None:
    for key in ("c", "a", "b"):
        put(store, replace(article(key, "The same words."), title="Same"))
    assert found(store, "same words") == ["a#0", "b#0", "c#0"]


def test_weights_decide_which_list_counts(opening: Opening) -> None:
    store = opening(ranking=Ranking(bm25_weight=1, dense_weight=0))
    put(store, TREATY, WEATHER)
    assert store.search("Moscow", vectors(["Rain in the north."])[0])[0].passage.id == "news/treaty#1"


def test_the_index_is_there_after_it_was_closed(opening: Opening) -> None:
    store = opening(encoder="0123")
    put(store, TREATY)
    before = found(store, "Moscow"), store.contents_digest()
    store.close()
    store.close()
    with pytest.raises(IndexProblem, match="closed"):
        store.count_documents()
    again = opening(create=False)
    assert again.encoder == "0123"
    assert (found(again, "Moscow"), again.contents_digest()) == before


def test_settings_survive_serialisation(opening: Opening) -> None:
    store = opening(encoder="0123", ranking=Ranking(depth=7))
    store.close()
    again = index_from_dict(store.to_dict())
    assert again.to_dict() == store.to_dict()
    again.close()


def test_a_missing_index_is_named_and_not_made(opening: Opening) -> None:
    for _ in range(2):
        with pytest.raises(IndexMissing, match="pullquote index"):
            opening(create=False)


def test_an_index_of_another_encoder_is_refused(opening: Opening) -> None:
    store = opening(encoder="0123")
    put(store, TREATY)
    store.close()
    with pytest.raises(IndexIncompatible, match="0123"):
        opening(encoder="4567")
    store = opening(encoder="0123")
    store.delete_all_documents()
    store.close()
    store = opening(encoder="4567", dimensions=3)
    assert (store.encoder, store.count_articles()) == ("4567", 0)
    store.put_article(WEATHER, passages(WEATHER), np.ones((2, 3), np.float32))
    assert store.count_documents() == 2


def test_vectors_of_an_unknown_encoder_are_not_taken_for_ours(opening: Opening) -> None:
    store = opening()
    put(store, TREATY)
    store.close()
    with pytest.raises(IndexIncompatible, match="none recorded"):
        opening(encoder="0123")


def test_filters_restrict_both_lists_by_article_source_and_day(store: Index) -> None:
    days = [date(2025, 1, day) for day in (16, 17, 18)]
    for day in days:
        put(store, article(f"day{day.day}", "A treaty.", "Rain.", source=f"Paper {day.day % 2}", published=day))
    put(store, article("undated", "A treaty.", "Rain."))

    def named(**filters: Any) -> set[str]:
        hits = store.search("treaty", vectors(["treaty"])[0], Filters(**filters))
        return {hit.passage.article_id for hit in hits}

    assert named() == {"day16", "day17", "day18", "undated"}
    assert named(articles=("day17", "undated")) == {"day17", "undated"}
    assert named(sources=("Paper 0",)) == {"day16", "day18"}
    assert named(published_from=days[1]) == {"day17", "day18"}
    assert named(published_to=days[1]) == {"day16", "day17"}
    assert named(published_from=days[1], published_to=days[1], sources=("Paper 1",)) == {"day17"}
    assert named(articles=("none such",)) == set()


def test_sources_are_counted_and_days_are_bounds(store: Index) -> None:
    put(store, TREATY, WEATHER, replace(TREATY, id="again", published=date(2024, 5, 1)), article("b", "x", source="A"))
    sources = store.sources()
    assert list(sources.articles.items()) == [("A", 1), ("Gazette", 2)]
    assert (sources.first, sources.last) == (date(2024, 5, 1), date(2025, 1, 17))


def test_words_that_no_passage_and_no_title_holds_are_unknown(store: Index) -> None:
    put(store, TREATY)
    assert store.unknown_words("Which Treaties last, and why not in Paris? The title, twenty") == ["Paris"]


@pytest.mark.parametrize("question", ["TREATIES", "the tréaty", "Treaty's", "“treaty”", 'NEAR("treaty" *) OR title:x'])
def test_form_case_accents_and_syntax_do_not_hide_a_word(store: Index, question: str) -> None:
    put(store, TREATY, WEATHER)
    assert store.search(question, None)[0].passage.id == "news/treaty#0"


def test_no_word_and_no_vector_finds_nothing_and_no_word_with_a_vector_finds_by_meaning(store: Index) -> None:
    put(store, TREATY, WEATHER)
    assert store.search("???", None) == []
    hits = store.search("???", vectors(["Rain in the north."])[0])
    assert (hits[0].passage.id, hits[0].bm25_rank, hits[0].dense_rank) == ("weather#0", None, 1)


def test_an_id_that_no_text_can_have_names_nothing(store: Index) -> None:
    put(store, TREATY)
    assert store.article("\ud800") is None
    assert not store.delete_article("\ud800")
    assert not store.delete_article("")
