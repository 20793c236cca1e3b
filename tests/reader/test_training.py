"""The training recipe, run whole on a few questions and a network of two small layers."""

from __future__ import annotations

import gzip
import json
import math
import random
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from tests.reader.conftest import write_tokenizer

torch = pytest.importorskip("torch", reason="the models extra is not installed")
pytest.importorskip("transformers", reason="the models extra is not installed")

from tokenizers import Tokenizer  # noqa: E402 - after the guards above
from transformers import BertConfig, BertModel  # noqa: E402

from reader.training.examples import (  # noqa: E402
    Context,
    Example,
    Labelled,
    Pool,
    crossed_question,
    load_pool,
    neighbour,
    opposed_question,
    positive,
    removed,
    renamed,
    swapped_question,
)
from reader.training.plan import Plan, read_plan  # noqa: E402
from reader.training.train import (  # noqa: E402
    batches_of,
    build_network,
    collate,
    groups_of,
    loss_of,
    nearest_contexts,
    train,
    visits_of,
)

CITIES = ["Moscow", "Tehran", "Kazan", "Baku", "Astana", "Ankara", "Doha", "Muscat", "Minsk", "Tbilisi"]
PLAN = Plan(
    visits=(("towns", 1.5),), passes=2, beside=0.5, changed=0.5, window_tokens=(40, 60), batch_tokens=2000, seed=3
)
CPU = torch.device("cpu")
PLANS = Path(__file__).resolve().parents[2] / "reader" / "training" / "plans"


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


def tokenised(tokenizer: Tokenizer, text: str) -> dict[str, Any]:
    found = tokenizer.encode(text, add_special_tokens=False)
    starts, ends = zip(*found.offsets, strict=True)
    return {"text": text, "ids": tuple(found.ids), "starts": starts, "ends": ends, "sentences": (0,)}


def under(context: Context, word: str) -> tuple[int, int]:
    """The first and the last token of a word of a context."""
    at = context.text.index(word)
    return context.starts.index(at), context.ends.index(at + len(word))


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
        assert example.spans
        for first, last in example.spans:
            assert example.ids[first : last + 1] == answer
            assert example.window_at == len(question) + 2 <= first
        assert len(example.ids) <= len(question) + 3 + max(budget, len(answer))


def test_every_place_of_an_answer_in_its_window_is_a_target(pool: Pool, tokenizer: Tokenizer) -> None:
    twice = "He flew to Baku in May. Baku was warm. He left Baku in June."
    context = replace(pool.contexts[0], **tokenised(tokenizer, twice))
    first = twice.index("Baku")
    at = context.starts.index(first)
    width = sum(first <= start < first + len("Baku") for start in context.starts)
    item = Labelled("towns", "Where?", 0, at, at + width - 1)
    example = positive(Pool((context,), (item,)), item, ids(tokenizer, "Where?"), 500, random.Random(0))
    assert len(example.spans) == 3
    assert len({example.ids[first : last + 1] for first, last in example.spans}) == 1


def test_a_paragraph_without_its_answer_does_not_hold_it(pool: Pool, tokenizer: Tokenizer) -> None:
    made = [removed(pool, item, ids(tokenizer, item.question), 80, random.Random(0)) for item in pool.questions]
    assert any(made)
    for item, example in zip(pool.questions, made, strict=True):
        if example is not None:
            answer = pool.contexts[item.context].ids[item.first : item.last + 1]
            window = example.ids[example.window_at :]
            assert answer not in {window[i : i + len(answer)] for i in range(len(window))}
            assert example.spans == ()


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


def test_a_crossed_question_asks_with_another_name_or_number_of_its_paragraph(pool: Pool, tokenizer: Tokenizer) -> None:
    text = "He flew from Kazan to Moscow in 1990. In spring 1995 he came to Baku by train."
    context = replace(pool.contexts[0], **tokenised(tokenizer, text))
    item = Labelled("towns", "Where did he fly from Kazan in 1990?", 0, *under(context, "Moscow"))
    asked = {crossed_question(Pool((context,), (item,)), item, random.Random(seed)) for seed in range(20)}
    # Moscow, the answer, is never put in.
    assert asked == {"Where did he fly from Baku in 1990?", "Where did he fly from Kazan in 1995?"}


def test_a_word_after_the_is_crossed_like_a_name(pool: Pool, tokenizer: Tokenizer) -> None:
    text = "When the treaty ended, the union fell and the border closed in Kazan."
    context = replace(pool.contexts[0], **tokenised(tokenizer, text))
    item = Labelled("towns", "Where did the border close?", 0, *under(context, "Kazan"))
    asked = {crossed_question(Pool((context,), (item,)), item, random.Random(seed)) for seed in range(20)}
    assert asked == {"Where did the treaty close?", "Where did the union close?"}


def test_a_name_before_a_full_stop_is_taken_without_it(pool: Pool, tokenizer: Tokenizer) -> None:
    text = "He flew from Kazan to Moscow by train from Baku."
    context = replace(pool.contexts[0], **tokenised(tokenizer, text))
    item = Labelled("towns", "How did he leave Kazan?", 0, *under(context, "train"))
    asked = {crossed_question(Pool((context,), (item,)), item, random.Random(seed)) for seed in range(20)}
    assert asked == {"How did he leave Moscow?", "How did he leave Baku?"}


def test_a_renamed_paragraph_says_all_but_what_ties_it_to_the_question(tokenizer: Tokenizer) -> None:
    text = "He flew from Kazan to Moscow. Kazan was warm."
    context = Context(**tokenised(tokenizer, text))
    item = Labelled("towns", "Where did he fly from Kazan?", 0, *under(context, "Moscow"))
    other = Labelled("towns", "Who left Minsk?", 0, item.first, item.last)
    pool = Pool((context,), (item, other))
    example = renamed(pool, item, ids(tokenizer, item.question), tokenizer, 500, random.Random(0))
    assert example is not None
    assert example.spans == ()
    assert example.ids[: example.window_at] == (101, *ids(tokenizer, item.question), 102)
    said = ids(tokenizer, "He flew from Minsk to Moscow. Minsk was warm.")
    assert list(example.ids[example.window_at : -1]) == said


def test_a_paragraph_that_names_nothing_of_the_question_is_not_renamed(tokenizer: Tokenizer) -> None:
    context = Context(**tokenised(tokenizer, "He flew to Moscow."))
    item = Labelled("towns", "Where did Peter fly from Kazan?", 0, *under(context, "Moscow"))
    question = ids(tokenizer, item.question)
    assert renamed(Pool((context,), (item,)), item, question, tokenizer, 500, random.Random(0)) is None


def test_a_paragraph_with_nothing_to_cross_leaves_the_question_alone(pool: Pool) -> None:
    assert [crossed_question(pool, item, random.Random(0)) for item in pool.questions] == [None] * len(pool.questions)


@pytest.mark.parametrize(
    ("question", "opposed"),
    [
        ("Who won the first race?", {"Who lost the first race?", "Who won the last race?"}),
        ("Where did he fly?", {"Where did not he fly?"}),
        ("Which city?", {None}),
    ],
)
def test_an_opposed_question_turns_one_word_round(question: str, opposed: set[str | None]) -> None:
    item = Labelled("towns", question, 0, 0, 0)
    assert {opposed_question(item, random.Random(seed)) for seed in range(20)} == opposed


def test_batches_keep_within_their_tokens_and_lose_no_group(pool: Pool, tokenizer: Tokenizer) -> None:
    visits = visits_of(PLAN, pool)
    assert len(visits) == 2 * round(1.5 * len(pool.questions))
    groups = list(groups_of(PLAN, pool, tokenizer, nearest_contexts(pool, 5), visits))
    batches = list(batches_of(iter(groups), PLAN))
    assert sorted(g[0].ids for batch in batches for g in batch) == sorted(g[0].ids for g in groups)
    for batch in batches:
        windows = [example for group in batch for example in group]
        assert len(windows) * max(len(e.ids) for e in windows) <= PLAN.batch_tokens


def test_the_window_that_answers_comes_first_beside_one_that_does_not(pool: Pool, tokenizer: Tokenizer) -> None:
    visits = visits_of(PLAN, pool)
    groups = list(groups_of(PLAN, pool, tokenizer, nearest_contexts(pool, 5), visits))
    pairs = [group for group in groups if len(group) == 2]
    changed = [group for group in groups if not group[0].spans]
    assert len(pairs) / len(visits) == pytest.approx(PLAN.beside, abs=0.2)
    assert len(changed) / len(visits) == pytest.approx(PLAN.changed, abs=0.2)
    assert all(pair[0].spans and not pair[1].spans for pair in pairs)
    assert all(pair[0].ids[: pair[0].window_at] == pair[1].ids[: pair[1].window_at] for pair in pairs)


def test_the_loss_is_the_sum_of_its_three_parts_by_hand(start: Path) -> None:
    network = build_network(start).eval()
    two = (Example((2, 4, 3, 5, 6, 5, 3), 3, ((3, 3), (5, 5))), Example((2, 4, 3, 7, 3), 3, ()))
    one = (Example((2, 8, 3, 9, 3), 3, ()),)
    batch = collate([two, one], CPU)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        start_scores, end_scores, answers = network(batch.ids, batch.attention, batch.types)
    span, allowed, targets = 0.0, [[0, 3, 4, 5], [0, 3], [0, 3]], [[3, 5], [0], [0]]
    for scores in (start_scores.float(), end_scores.float()):
        for row, (within, wanted) in enumerate(zip(allowed, targets, strict=True)):
            probabilities = dict(zip(within, scores[row][within].softmax(0).tolist(), strict=True))
            span -= math.log(sum(probabilities[at] for at in wanted)) / 6
    yes, *no = answers.float().tolist()
    answerability = (math.log1p(math.exp(-yes)) + sum(math.log1p(math.exp(score)) for score in no)) / 3
    shared = math.log1p(math.exp(no[0] - yes))
    expected = span + PLAN.answerability_weight * answerability + PLAN.shared_weight * shared
    assert loss_of(network, [two, one], PLAN, CPU).item() == pytest.approx(expected, rel=1e-4)


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


def test_a_run_goes_on_from_a_trained_reader(start: Path, data: Path, tmp_path: Path) -> None:
    train(PLAN, data, start, tmp_path / "first", checkpoint_every=100)
    still = replace(PLAN, learning_rate=0.0, head_learning_rate=0.0, seed=4)
    train(still, data, start, tmp_path / "second", checkpoint_every=100, reader=tmp_path / "first")
    first = torch.load(tmp_path / "first" / "reader.pt", weights_only=True)
    second = torch.load(tmp_path / "second" / "reader.pt", weights_only=True)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(asdict(PLAN)), encoding="utf-8")
    assert read_plan(path) == PLAN


def test_a_plan_names_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"seed": 7, "window_tokens": [30, 40]}', encoding="utf-8")
    assert read_plan(path) == replace(Plan(), seed=7, window_tokens=(30, 40))


def test_a_plan_with_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"sede": 7}', encoding="utf-8")
    with pytest.raises(TypeError, match="sede"):
        read_plan(path)


@pytest.mark.parametrize("path", sorted(PLANS.glob("*.json")), ids=lambda path: path.stem)
def test_every_plan_that_was_run_can_be_read(path: Path) -> None:
    assert read_plan(path) != Plan()
