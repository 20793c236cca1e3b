"""Words that may stand for each other, and what is changed by them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the models extra is not installed")

from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from reader.training.examples import Context, Labelled
from reader.training.exchanges import exchange, exchanged, like_words

TEXT = "In 1998 the army won seven battles near Kazan. It was officially praised in Moscow."
LIKES = {
    "army": ("navy",),
    "won": ("lost",),
    "seven": ("eight", "nine"),
    "battles": ("wars",),
    "kazan": ("moscow",),
    "officially": (),
    "unofficially": (),
}


def asked(question: str, answer: str, seeds: int = 40) -> set[str | None]:
    """All that a question becomes; ``answer`` is what it asks for."""
    words = [(start, start + len(word)) for word, start in zip(TEXT.split(), _starts(), strict=True)]
    starts, ends = zip(*words, strict=True)
    context = Context(TEXT, tuple(range(len(words))), starts, ends, (0,))
    at = next(i for i, (start, end) in enumerate(words) if TEXT[start:end].rstrip(".") == answer)
    pairs = [exchange(LIKES, context, Labelled("towns", question, 0, at, at), random.Random(n)) for n in range(seeds)]
    return {None if pair is None else exchanged(question, *pair) for pair in pairs}


def _starts() -> list[int]:
    return [0, *(i + 1 for i, character in enumerate(TEXT) if character == " ")]


def test_a_word_of_the_paragraph_is_exchanged_for_one_of_its_kind() -> None:
    assert asked("How many battles did the army win?", "seven") == {
        "How many wars did the army win?",
        "How many battles did the navy win?",
    }


def test_a_word_keeps_its_capital() -> None:
    assert asked("Army of seven?", "Kazan") == {"Navy of seven?", "Army of eight?", "Army of nine?"}


def test_what_the_paragraph_does_not_say_stays() -> None:
    assert asked("Where did the navy win?", "Kazan") == {None}


def test_no_word_becomes_the_answer_or_was_it() -> None:
    assert asked("Where near Kazan was it?", "Moscow") == {None}
    assert asked("What is Kazan?", "Kazan") == {None}


def test_a_prefix_turns_a_word_round() -> None:
    assert asked("Who was officially there?", "army") == {"Who was unofficially there?", None}


@given(seed=st.integers(0, 1000))
def test_a_number_is_exchanged_for_another_near_it(seed: int) -> None:
    context = Context(TEXT, (0,), (0,), (2,), (0,))
    pair = exchange({}, context, Labelled("towns", "Who won in 1998?", 0, 0, 0), random.Random(seed))
    assert pair is not None
    word, other = pair
    assert word == "1998"
    assert 0 < abs(int(other) - 1998) <= 30


def test_a_word_is_exchanged_wherever_it_stands_alone() -> None:
    assert exchanged("Army, army: armies.", "army", "navy") == "navy, navy: armies."
    assert exchanged("a.b aXb", "a.b", r"\1") == r"\1 aXb"


@pytest.fixture
def start(tmp_path: Path) -> tuple[Path, Tokenizer]:
    """Six words on a circle, those of like meaning near each other."""
    angles = {
        "king": 0.0,
        "kings": 0.1,
        "kingly": 0.2,
        "queen": 0.3,
        "queens": 0.4,
        "river": 3.0,
        "##er": 0.01,
        "a": 0.02,
    }
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(angles)}, unk_token="a"))  # noqa: S106 - no password
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    rows = np.array([[np.cos(angle), np.sin(angle)] for angle in angles.values()], np.float32)
    save_file({"embeddings.word_embeddings.weight": rows}, tmp_path / "model.safetensors")
    return tmp_path, tokenizer


def test_words_of_a_kind_are_near_have_the_same_ending_and_another_beginning(start: tuple[Path, Tokenizer]) -> None:
    likes = like_words(*start)
    assert likes.keys() == {"king", "kings", "kingly", "queen", "queens", "river"}
    assert likes["king"] == ("queen",)  # not "kings", its form, nor "queens" and "river", of other endings
    assert likes["queens"] == ("kings",)
    assert likes["kingly"] == ()
