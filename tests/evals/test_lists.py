"""What a list answer is worth."""

from __future__ import annotations

import pytest

from corpus.types import Passage, Span
from evals.lists import Listed, figures, items_of, judged_on_the_other_half
from reader.types import Candidate


def found(text: str, *words: tuple[str, float]) -> tuple[Candidate, ...]:
    passage = Passage("a", 0, Span(0, len(text)), text, ())
    return tuple(
        Candidate(passage, Span(at := text.index(word), at + len(word)), word, margin, None, margin)
        for word, margin in words
    )


@pytest.mark.parametrize(
    ("quote", "items"),
    [
        ("Jamaica, Cuba and Barbados", ["Jamaica", "Cuba", "Barbados"]),
        ("trade, energy, and security", ["trade", "energy", "security"]),
        ("oil & gas; grain", ["oil", "gas", "grain"]),
        ("Andorra", ["Andorra"]),
        ("and", ["and"]),
    ],
)
def test_a_quote_that_is_a_list_counts_by_its_items(quote: str, items: list[str]) -> None:
    assert items_of(quote) == items


def test_the_figures_by_hand() -> None:
    # Three gold answers and four items; two are equal, "red apples" shares a run of one word of two with "apples".
    measured = figures([(["the Cuba", "apples"], ["Cuba", "red apples", "pears"]), (["oil"], ["Oil."])])
    assert measured.precision == 2 / 4
    assert measured.recall == 2 / 3
    assert measured.f1 == pytest.approx(4 / 7)
    near_said, near_gold = (1 + 0.5 + 0 + 1) / 4, (1 + 1 + 1) / 3
    assert measured.partial_f1 == pytest.approx(2 * near_said * near_gold / (near_said + near_gold))


def test_saying_nothing_is_worth_nothing() -> None:
    assert figures([(["Cuba"], [])]).f1 == figures([(["Cuba"], [])]).partial_f1 == 0


def test_spans_within_the_gap_are_said_in_the_order_of_the_text() -> None:
    candidates = found("Jamaica first, then Cuba, not Kent.", ("Cuba", 5), ("Jamaica", 4), ("Kent", 1))
    question = Listed("Which?", ("Cuba", "Jamaica"), candidates)
    assert question.said(0) == ["Cuba"]
    assert question.said(1) == ["Jamaica", "Cuba"]
    assert question.said(4) == ["Jamaica", "Cuba", "Kent"]
    assert Listed("Which?", ("Cuba",), ()).said(4) == []


def test_the_gap_is_judged_on_the_questions_it_was_not_picked_on() -> None:
    text = "Jamaica first, then Cuba, not Kent."
    both = Listed("Which?", ("Jamaica", "Cuba"), found(text, ("Cuba", 5), ("Jamaica", 3)))
    one = Listed("Which?", ("Cuba",), found(text, ("Cuba", 5), ("Kent", 3)))
    # Picked on "both" it is 2 and says a wrong Kent to "one"; picked on "one" it is 0 and withholds Jamaica.
    measured = judged_on_the_other_half([both, one])
    assert (measured.precision, measured.recall) == (2 / 3, 2 / 3)
