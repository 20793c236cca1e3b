"""Which passages are read, and which are not, when the first ones answer well."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from corpus.types import Passage, Span
from reader.turns import Copy, Turns, mentions, read_in_turns
from reader.types import Candidate


class LoggingReader:
    """Finds the first word of each passage, as sure as the number behind it; remembers what it read."""

    def __init__(self) -> None:
        self.read_ids: list[str] = []

    def read(self, question: str, passages: Sequence[Passage], *, per_passage: int = 3) -> list[list[Candidate]]:
        assert question == "where?"
        assert per_passage == 2
        found = []
        for passage in passages:
            self.read_ids.append(passage.id)
            word, log_odds, *_ = passage.text.split()
            found.append([Candidate(passage, Span(0, len(word)), word, 0.0, None, float(log_odds))])
        return found


def passages(*texts: str) -> list[Passage]:
    return [Passage("a", number, Span(0, len(text)), text, ()) for number, text in enumerate(texts)]


def read(turns: Turns, *texts: str) -> tuple[list[list[str]], list[str]]:
    reader = LoggingReader()
    found = read_in_turns(reader, "where?", passages(*texts), per_passage=2, turns=turns)
    return [[candidate.text for candidate in each] for each in found], reader.read_ids


def test_an_unsure_first_turn_is_followed_by_all_the_rest() -> None:
    found, ids = read(Turns(first=2, sure=3.0), "Kazan 1", "Baku 2.9", "Minsk 0", "Doha 0")
    assert found == [["Kazan"], ["Baku"], ["Minsk"], ["Doha"]]
    assert ids == ["a#0", "a#1", "a#2", "a#3"]


def test_after_a_sure_first_turn_only_what_mentions_its_answer_is_read() -> None:
    found, ids = read(Turns(first=2, sure=3.0), "Kazan 1", "Moscow 3", "Minsk 0", "Doha 0 not moscow", "Baku 9")
    assert found == [["Kazan"], ["Moscow"], [], ["Doha"], []]
    assert ids == ["a#0", "a#1", "a#3"]


def test_by_default_every_passage_is_read() -> None:
    texts = [f"Kazan {number}" for number in range(9)]
    assert read(Turns(), *texts)[1] == [f"a#{number}" for number in range(9)]


def test_fewer_passages_than_the_first_turn_are_read_once() -> None:
    assert read(Turns(first=4, sure=0.0), "Kazan 5") == ([["Kazan"]], ["a#0"])
    assert read(Turns(first=4, sure=0.0)) == ([], [])


def with_copies(
    turns: Turns, texts: Sequence[str], copies: Sequence[tuple[str, str]]
) -> tuple[list[list[str]], list[str]]:
    reader = LoggingReader()
    every = passages(*texts, *(text for text, _ in copies))
    given = [Copy(passage, of) for passage, (_, of) in zip(every[len(texts) :], copies, strict=True)]
    found = read_in_turns(reader, "where?", every[: len(texts)], per_passage=2, turns=turns, copies=given)
    return [[candidate.text for candidate in each] for each in found], reader.read_ids


def test_a_copy_is_read_last_and_only_if_it_and_its_original_say_the_best_answer() -> None:
    copies = [("Minsk 9", "a#1"), ("Doha 0 in Moscow", "a#1"), ("Moscow 3", "a#0"), ("Moscow 1", "a#2")]
    found, ids = with_copies(Turns(first=1), ["Kazan 1", "Moscow 2", "Moscow 0"], copies)
    assert found == [["Kazan"], ["Moscow"], ["Moscow"], [], ["Doha"], [], ["Moscow"]]
    assert ids == ["a#0", "a#1", "a#2", "a#4", "a#6"]


def test_after_a_sure_first_turn_copies_are_read_on_the_same_condition() -> None:
    copies = [("Kazan 0", "a#0"), ("Kazan 3", "a#1")]
    found, ids = with_copies(Turns(first=1, sure=0.0), ["Kazan 1", "Minsk 2"], copies)
    assert found == [["Kazan"], [], ["Kazan"], []]
    assert ids == ["a#0", "a#2"]


def test_without_an_answer_no_copy_is_read() -> None:
    assert with_copies(Turns(), [], [("Kazan 1", "a#9")]) == ([[]], [])


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("A 20-year pact", "20 years", True),
        ("They signed it", "the signing", True),
        ("In Moscow on Friday", "in Tehran", False),
        ("ISTANBUL", "Istanbul", True),
        ("anything", "of a", True),
        ("", "Moscow", False),
    ],
)
def test_a_mention_is_a_word_of_the_answer_whatever_its_ending(text: str, answer: str, expected: bool) -> None:
    assert mentions(text, answer) is expected
