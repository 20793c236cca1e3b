"""The training recipe, run whole on a few questions and a network of two small layers."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from tests.reader.conftest import write_tokenizer

torch = pytest.importorskip("torch", reason="the models extra is not installed")
pytest.importorskip("transformers", reason="the models extra is not installed")

from tokenizers import Tokenizer  # noqa: E402 - after the guards above
from transformers import BertConfig, BertModel  # noqa: E402

from reader.training.examples import Pool, load_pool, neighbour, positive, removed, swapped_question  # noqa: E402
from reader.training.train import Plan, batches_of, examples_of, nearest_contexts, train, visits_of  # noqa: E402

CITIES = ["Moscow", "Tehran", "Kazan", "Baku", "Astana", "Ankara", "Doha", "Muscat", "Minsk", "Tbilisi"]
PLAN = Plan(visits=(("towns", 2.0),), unanswerable=0.5, window_tokens=(40, 60), batch_tokens=2000, seed=3)


def write_questions(folder: Path) -> Path:
    paragraphs = []
    for number, city in enumerate(CITIES * 3):
        first = f"The envoy number {number} spoke at noon about trade and energy. "
        context = first + f"He then flew home to {city} in {1990 + number}. Nobody met him there."
        question = f"Where did envoy {number} fly in {1990 + number}?"
        answer = {"text": city, "answer_start": context.index(city)}
        paragraphs.append({"context": context, "qas": [{"id": str(number), "question": question, "answers": [answer]}]})
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / "towns.json.gz", "wt", encoding="utf-8") as file:
        json.dump({"data": [{"title": "towns", "paragraphs": paragraphs}]}, file)
    return folder


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_tokenizer(tmp_path_factory.mktemp("start"))
    size = len(Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab())
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_questions(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def tokenizer(start: Path) -> Tokenizer:
    return Tokenizer.from_file(str(start / "tokenizer.json"))


@pytest.fixture(scope="module")
def pool(data: Path, tokenizer: Tokenizer) -> Pool:
    return load_pool(data, tokenizer, ["towns"], held_back=False)


def ids(tokenizer: Tokenizer, text: str) -> list[int]:
    found: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return found


def test_every_answer_lies_under_its_tokens(pool: Pool) -> None:
    assert len(pool.questions) > 20
    for item in pool.questions:
        context = pool.contexts[item.context]
        assert context.text[context.starts[item.first] : context.ends[item.last]] in CITIES


def test_held_back_paragraphs_are_the_others(data: Path, tokenizer: Tokenizer, pool: Pool) -> None:
    held = load_pool(data, tokenizer, ["towns"], held_back=True)
    assert len(held.questions) + len(pool.questions) == 3 * len(CITIES)
    assert not {c.text for c in held.contexts} & {c.text for c in pool.contexts}


@pytest.mark.parametrize("budget", [12, 30, 500])
def test_a_window_holds_its_answer_at_its_target(pool: Pool, tokenizer: Tokenizer, budget: int) -> None:
    rng = random.Random(0)
    for item in pool.questions:
        question = ids(tokenizer, item.question)
        example = positive(pool, item, question, budget, rng)
        answer = pool.contexts[item.context].ids[item.first : item.last + 1]
        assert example.ids[example.first : example.last + 1] == answer
        assert example.window_at == len(question) + 2
        assert example.window_at <= example.first
        assert len(example.ids) <= len(question) + 3 + max(budget, len(answer))


def test_a_paragraph_without_its_answer_does_not_hold_it(pool: Pool, tokenizer: Tokenizer) -> None:
    made = [removed(pool, item, ids(tokenizer, item.question), 80, random.Random(0)) for item in pool.questions]
    assert any(made)
    for item, example in zip(pool.questions, made, strict=True):
        if example is not None:
            answer = pool.contexts[item.context].ids[item.first : item.last + 1]
            window = example.ids[example.window_at :]
            assert answer not in {window[i : i + len(answer)] for i in range(len(window))}
            assert (example.first, example.last) == (0, 0)


def test_a_neighbour_that_holds_the_answer_is_no_negative(pool: Pool, tokenizer: Tokenizer) -> None:
    item = pool.questions[0]
    city = pool.contexts[item.context].ids[item.first : item.last + 1]
    for other in range(len(pool.contexts)):
        made = neighbour(pool, item, ids(tokenizer, item.question), other, 80, random.Random(0))
        text_ids = pool.contexts[other].ids
        holds = city in {text_ids[i : i + len(city)] for i in range(len(text_ids))}
        assert (made is None) == holds


def test_a_swapped_question_asks_what_the_paragraph_does_not_know(pool: Pool) -> None:
    swapped = 0
    for item in pool.questions:
        question = swapped_question(pool, item, random.Random(item.context))
        if question is not None:
            new = set(question.rstrip("?").split()) - set(item.question.rstrip("?").split())
            assert len(new) == 1
            assert new.pop() not in pool.contexts[item.context].text
            swapped += 1
    assert swapped > len(pool.questions) / 2


def test_batches_keep_within_their_tokens_and_lose_no_example(pool: Pool, tokenizer: Tokenizer) -> None:
    near = nearest_contexts(pool, 5)
    visits = visits_of(PLAN, pool)
    examples = list(examples_of(PLAN, pool, tokenizer, near, visits))
    batches = list(batches_of(iter(examples), PLAN))
    assert sorted(e.ids for batch in batches for e in batch) == sorted(e.ids for e in examples)
    assert all(len(batch) * max(len(e.ids) for e in batch) <= PLAN.batch_tokens for batch in batches)
    assert sum(e.first == 0 for e in examples) / len(examples) == pytest.approx(1 / 3, abs=0.05)


def test_a_run_that_was_stopped_ends_in_the_same_weights(
    start: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(PLAN, data, start, tmp_path / "whole", checkpoint_every=100)

    save = torch.save

    def save_then_stop(state: object, path: Path) -> None:
        save(state, path)
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", save_then_stop)
    with pytest.raises(KeyboardInterrupt):
        train(PLAN, data, start, tmp_path / "stopped", checkpoint_every=2)
    monkeypatch.undo()
    (tmp_path / "stopped" / "checkpoint.part").rename(tmp_path / "stopped" / "checkpoint.pt")
    train(PLAN, data, start, tmp_path / "stopped", checkpoint_every=100)

    whole = torch.load(tmp_path / "whole" / "reader.pt", weights_only=True)
    resumed = torch.load(tmp_path / "stopped" / "reader.pt", weights_only=True)
    assert whole.keys() == resumed.keys()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
