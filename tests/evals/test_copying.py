"""Copies made by rule are what they say they are, and their truth holds."""

from __future__ import annotations

import pytest

from corpus.splitting import sentences, split
from corpus.types import Article
from evals.copying import Way, copied, original

TEXT = "\n\n".join(
    f"Paragraph {number} tells of the bridge over the Orre. Its {number + 20} arches were built by hand, people say."
    for number in range(10)
)
ARTICLE = Article("bridge", "The bridge", TEXT)


@pytest.mark.parametrize("way", Way)
def test_a_copy_has_an_id_of_its_own_and_is_the_same_every_time(way: Way) -> None:
    made = copied(ARTICLE, way, 1)
    assert made.article.id != ARTICLE.id
    assert made.article.title != ARTICLE.title
    assert made == copied(ARTICLE, way, 1)
    assert (made.article.text == TEXT) is (way is Way.HEADLINE)


@pytest.mark.parametrize(
    ("way", "left", "changed"),
    [(Way.CUT, 14, 0), (Way.SHORT, 8, 0), (Way.REWORDED_10, 20, 2), (Way.REWORDED_30, 20, 6), (Way.SPUN, 20, 20)],
)
def test_as_many_sentences_are_left_and_changed_as_it_says(way: Way, left: int, changed: int) -> None:
    known = [span.slice(TEXT) for span in sentences(TEXT)]
    made = copied(ARTICLE, way, 1)
    text = made.article.text
    parts = [text[start:end].strip() for start, end in zip(made.starts, [*made.starts[1:], len(text)], strict=True)]
    assert len(parts) == left
    assert sum(known[number] != part for number, part in zip(made.parts, parts, strict=True)) == changed


@pytest.mark.parametrize("way", [None, Way.FRONT, Way.CUT, Way.SPUN, Way.SHUFFLED])
def test_a_passage_is_known_to_say_the_sentences_it_was_made_from(way: Way | None) -> None:
    made = original(ARTICLE) if way is None else copied(ARTICLE, way, 1)
    said: dict[int, int] = {}
    for passage in split(made.article):
        for number, chars in made.says(passage).items():
            assert number not in said
            said[number] = chars
    assert set(said) == {number for number in made.parts if number >= 0}
    assert all(chars == len(sentences(TEXT)[number]) for number, chars in said.items())
