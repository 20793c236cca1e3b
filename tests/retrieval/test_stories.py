"""Articles that tell one story are known as that, whatever the order they came in and whatever goes again."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from corpus.types import Article
from retrieval import stories
from retrieval.copies import Sentence, sentence
from retrieval.index import Index
from retrieval.store import SQLiteDocumentStore
from retrieval.stories import fingerprints, one_story, saying, told
from tests.retrieval.indexes import KINDS, opening_in
from tests.retrieval.samples import article, put

WORDS = [a + b for a, b in itertools.product(("ka", "lo", "mi", "nu", "pe", "ra", "si", "to"), repeat=2)]


def lines(seed: int, count: int = 40) -> list[str]:
    """Sentences of made-up words: those of one seed share no run of words with those of another."""
    chosen = random.Random(seed)
    return [f"{' '.join(chosen.choice(WORDS) for _ in range(12)).capitalize()}." for _ in range(count)]


def reworded(original: Sequence[str], seed: int) -> list[str]:
    """Every fourth word another one."""
    chosen = random.Random(seed)
    return [
        " ".join(chosen.choice(WORDS) if at % 4 == 3 else word for at, word in enumerate(line[:-1].split())) + "."
        for line in original
    ]


WIRE = article("wire", *lines(1))
CUT = article("cut", *lines(1)[:22])
REWRITE = article("rewrite", *reworded(lines(1), seed=7))
SHUFFLED = article("shuffled", *random.Random(3).sample(reworded(lines(1), seed=8), 40))
SHARED_END = article("shared-end", *lines(2, 28), *lines(1)[28:])
OTHER = article("other", *lines(4))
ALL = [WIRE, CUT, REWRITE, SHUFFLED, SHARED_END, OTHER]
PAIRS = {("cut", "wire"), ("rewrite", "wire"), ("cut", "rewrite")}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteDocumentStore]:
    with SQLiteDocumentStore(tmp_path / "index.sqlite") as opened:
        yield opened


@pytest.fixture(params=KINDS)
def index(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Index]:
    with opening_in(tmp_path, request.param) as opening:
        yield opening()


def pairs(store: Index) -> set[tuple[str, str]]:
    both = {(row.id, other) for row in store.articles() for other in row.same_story}
    assert both == {(other, one) for one, other in both}
    return {pair for pair in both if pair[0] < pair[1]}


def test_copies_cuts_and_rewrites_are_found_and_shared_paragraphs_are_none(index: Index) -> None:
    put(index, *ALL)
    assert pairs(index) == PAIRS


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_indexing_changes_nothing(index: Index, seed: int) -> None:
    put(index, *random.Random(seed).sample(ALL, len(ALL)))
    assert pairs(index) == PAIRS


def test_a_deleted_article_leaves_the_story_and_a_replaced_one_joins_by_its_new_text(index: Index) -> None:
    put(index, *ALL)
    index.delete_article("wire")
    assert pairs(index) == {("cut", "rewrite")}
    put(index, Article("other", "Title", WIRE.text))
    assert pairs(index) == {("cut", "rewrite"), ("cut", "other"), ("other", "rewrite")}
    put(index, Article("cut", "Title", OTHER.text))
    assert pairs(index) == {("other", "rewrite")}


def test_a_passage_of_a_rewrite_stands_behind_what_is_new(index: Index) -> None:
    put(index, WIRE, OTHER)
    asked = WIRE.text.split("\n")[0]
    wire = index.search(asked, None, top_k=1)[0].passage
    put(index, REWRITE)
    hits = [hit for hit, _ in index.search_documents(asked, None, top_k=3, copies=1)]
    assert [hit.copy_of for hit in hits] == [None, None, None, wire.id]
    assert (hits[0].passage.article_id, hits[3].passage.id) == ("wire", f"rewrite#{wire.number}")


def test_nothing_is_left_behind_when_all_go(store: SQLiteDocumentStore) -> None:
    put(store, *ALL)
    store.delete_documents([f"cut#{number}" for number in range(22)])
    assert "cut" not in {one for pair in pairs(store) for one in pair}
    store.delete_all_documents()
    with sqlite3.connect(store.path) as connection:
        left = connection.execute("SELECT (SELECT count(*) FROM fingerprints) + (SELECT count(*) FROM stories)")
        assert left.fetchone() == (0,)
    connection.close()


def test_a_put_that_fails_leaves_the_stories_as_they_were(
    store: SQLiteDocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, WIRE, CUT)

    def fail(*_: object) -> None:
        raise RuntimeError("stopped")

    monkeypatch.setattr(stories, "note", fail)
    with pytest.raises(RuntimeError):
        put(store, Article("cut", "Title", OTHER.text))
    assert pairs(store) == {("cut", "wire")}


def test_more_articles_than_are_looked_at_are_still_indexed(
    store: SQLiteDocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "_MOST_ARTICLES", 3)
    put(store, *(Article(f"wire{number}", "Title", WIRE.text) for number in range(6)))
    assert [len(row.same_story) for row in store.articles()] == [5, 5, 5, 3, 3, 3]


def test_fingerprints_are_a_sample_of_one_in_sixteen_and_those_of_a_part_lie_in_the_whole() -> None:
    text = " ".join(lines(5, 400))[:20_000]
    marks = fingerprints(text)
    assert marks == sorted(set(marks))
    assert len(marks) == pytest.approx(len(text.split()) / 16, rel=0.25)
    part = text[: text.rindex(" ", 0, 9_000)]
    assert set(fingerprints(part)) <= set(marks)
    assert set(fingerprints(text.upper())) == set(marks)
    assert max(marks) < 2**32


def test_fingerprints_of_one_text_are_the_same_everywhere() -> None:
    assert fingerprints(" ".join(lines(6, 8))) == [
        878802805, 1194871302, 1312322247, 1466613974, 2300219244, 3422132615,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "Two words", "…"])
def test_a_text_of_fewer_than_three_words_has_no_fingerprint(text: str) -> None:
    assert fingerprints(text) == []


def test_the_heaviest_chain_in_order_is_what_counts() -> None:
    def said(*texts: str) -> list[Sentence]:
        return [sentence(text) for text in texts]

    a, b, c = "a b c d", "e f g h i j", "k l m n o p"
    assert told(said(a, b, c), said(a, b, c)) == 1.0
    assert told(said(a, b, c), said(c, a, b)) == pytest.approx(10 / 16)
    assert told(said(a, b, c), said(c, b, a)) == pytest.approx(6 / 16)
    assert told(said(a, a), said(a)) == 0.5
    assert told(said(a), []) == told([], said(a)) == 0.0


def test_two_texts_without_sentences_are_no_story() -> None:
    assert not one_story(saying(""), saying(""))
    assert not one_story(saying("Yes."), saying("Yes."))
