"""What counts as said again, and how hits are spread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.splitting import sentences
from corpus.types import Passage
from retrieval.copies import Spread, said_again, saying, sentence, spread
from tests.retrieval.samples import whole

STORM = (
    "A storm tore the roof off the old market hall in Ostwick on Sunday night. "
    "Nobody was hurt, because the hall is closed at weekends. "
    "The mayor said that the repairs would cost the town 40,000 crowns. "
    "Traders may use the school yard until the work is done."
)
HARBOUR = (
    "The harbour of Ostwick will be dredged in spring, the port authority said. "
    "Larger ferries could then call twice a day. "
    "Fishermen fear that the work will drive the herring away."
)


def never(_: str, __: str) -> bool:
    return False


def always(_: str, __: str) -> bool:
    return True


def places(*passages: Passage, wanted: int = 8) -> Spread:
    return spread(passages, wanted, never)


def test_a_wire_copy_stands_after_what_is_new() -> None:
    assert places(whole("a", STORM), whole("b", STORM), whole("c", HARBOUR)) == Spread((0, 2), ((1, 0),))


def test_a_window_that_was_cut_elsewhere_is_a_copy_of_the_two_it_lies_in() -> None:
    first, second, third, fourth = (STORM[span.start : span.end] for span in sentences(STORM))
    found = places(whole("a", f"{first} {second}"), whole("a2", f"{third} {fourth}"), whole("b", f"{second} {third}"))
    assert found == Spread((0, 1), ((2, 1),))


def test_a_copy_with_a_paragraph_more_says_something_new() -> None:
    longer = f"{STORM} The insurers have refused to pay, and the council meets about it on Thursday evening in public."
    assert places(whole("a", STORM), whole("b", longer)) == Spread((0, 1), ())
    assert places(whole("b", longer), whole("a", STORM)) == Spread((0,), ((1, 0),))


def test_an_update_with_another_number_says_something_new() -> None:
    update = STORM.replace("40,000", "90,000").replace("Sunday", "Monday")
    assert places(whole("a", STORM), whole("b", update)).copies == ()
    assert places(whole("a", STORM), whole("b", STORM.replace("Sunday", "Monday"))).copies == ((1, 0),)


def test_a_number_in_words_is_the_number_in_digits() -> None:
    assert sentence("two of the three") == sentence("2 of the 3")


REWRITTEN = (
    "On Sunday night a storm tore off the roof of the old market hall in Ostwick. "
    "No one was hurt because the hall is shut at weekends. "
    "The town would pay 40,000 crowns for the repairs, the mayor said. "
    "Until the work is done, traders may use the yard of the school."
)


def test_a_rewrite_is_a_copy_only_where_its_article_is_known_to_tell_the_story() -> None:
    passages = [whole("a", STORM), whole("b", REWRITTEN)]
    assert spread(passages, 8, never) == Spread((0, 1), ())
    assert spread(passages, 8, always) == Spread((0,), ((1, 0),))
    assert spread(passages, 8, lambda one, other: (one, other) == ("a", "b")).copies == ((1, 0),)


def test_no_more_passages_are_taken_than_are_wanted() -> None:
    taken = iter([whole("a", STORM), whole("b", STORM), whole("c", HARBOUR), whole("d", HARBOUR)])
    assert spread(taken, 2, never) == Spread((0, 2), ((1, 0),))
    assert next(taken).article_id == "d"


def test_copies_are_looked_for_a_little_further_than_what_is_wanted() -> None:
    taken = iter([whole("a", STORM), whole("b", HARBOUR), whole("c", STORM), whole("d", STORM)])
    assert spread(taken, 1, never, further=2) == Spread((0,), ((2, 0),))
    assert next(taken).article_id == "d"


def test_passages_without_a_sentence_that_tells_something_are_never_copies() -> None:
    empty, heading = whole("a", ""), whole("b", "More on this")
    assert places(empty, empty, heading, heading) == Spread((0, 1, 2, 3), ())


def test_a_passage_whose_sentences_are_not_known_is_compared_whole() -> None:
    unknown = Passage("x", 0, whole("x", STORM).span, STORM, ())
    assert len(saying(unknown).sentences) == 1
    assert places(whole("a", STORM), unknown).copies == ((1, 0),)


@pytest.mark.parametrize(("pairs", "share"), [(0.2, 1.0), (0.99, 0.0)])
def test_the_share_of_pairs_decides_what_is_said_again(pairs: float, share: float) -> None:
    assert said_again(saying(whole("b", REWRITTEN)), [saying(whole("a", STORM))], pairs) == share


LINES = st.lists(st.sampled_from([*STORM.split(". "), *HARBOUR.split(". "), "More", ""]), max_size=3).map(". ".join)


@given(st.lists(LINES, max_size=8), st.integers(1, 4))
def test_every_passage_that_is_taken_stands_somewhere_once_and_the_first_always_first(
    texts: list[str], wanted: int
) -> None:
    passages = [whole(f"a{number}", text) for number, text in enumerate(texts)]
    found = spread(passages, wanted, never)
    placed = sorted([*found.new, *(place for place, _ in found.copies)])
    assert placed == list(range(len(placed)))
    assert len(found.new) <= wanted
    assert found.new[:1] == (0,)[: len(texts)]
    assert all(original in found.new and original < place for place, original in found.copies)
    if len(found.new) < wanted:
        assert len(placed) == len(texts)
