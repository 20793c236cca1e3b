"""The encoder's recipe, run whole on a few questions and a network of two small layers."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="the models extra is not installed")
pytest.importorskip("transformers", reason="the models extra is not installed")

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: E402 - after the guards above
from transformers import BertConfig, BertModel  # noqa: E402

from retrieval.training import measure  # noqa: E402
from retrieval.training.network import load_network  # noqa: E402
from retrieval.training.pairs import Corpus, holds, load, mine  # noqa: E402
from retrieval.training.train import (  # noqa: E402
    Plan,
    average,
    batches_of,
    loss_of,
    train,
)

CITIES = ["Moscow", "Tehran", "Kazan", "Baku", "Astana", "Ankara", "Doha", "Muscat"]
PLAN = Plan(shares=(("towns", 1.0),), batch=8, learning_rate=1e-3, seed=3)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    paragraphs = []
    for number in range(60):
        city, year = CITIES[number % len(CITIES)], 1950 + number
        context = f"Envoy number {number} spoke about trade. He then flew to {city} in {year}. Nobody met him there."
        answer = {"text": city, "answer_start": context.index(city)}
        question = f"Where did envoy {number} fly in {year}?"
        paragraphs.append({"context": context, "qas": [{"id": str(number), "question": question, "answers": [answer]}]})
    with gzip.open(folder / "towns.json.gz", "wt", encoding="utf-8") as file:
        json.dump({"data": [{"title": "Envoys_of_the_century", "paragraphs": paragraphs}]}, file)
    return folder


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    words = [chr(c) for c in range(33, 127)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words, *(f"##{word}" for word in words)]
    tokenizer = Tokenizer(
        models.WordPiece({word: number for number, word in enumerate(vocabulary)}, unk_token="[UNK]")  # noqa: S106 - no password
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def corpus(data: Path) -> Corpus:
    return load(data, dict(PLAN.shares), held_back=False, seed=1)


def letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """Counts of letters and digits as vectors: near for texts that are written alike."""
    rows = np.array([[text.lower().count(c) + 0.01 for c in "abcdefghijklmnopqrstuvwxyz0123456789"] for text in texts])
    vectors: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def test_every_question_has_the_passage_that_answers_it(corpus: Corpus) -> None:
    assert len(corpus.asked) > 40
    for asked in corpus.asked:
        assert holds(corpus.passages[asked.passage], asked.answers)
        assert asked.question.split()[-1].rstrip("?") in corpus.passages[asked.passage]
    assert set(corpus.titles) == {"Envoys of the century"}


def test_held_back_questions_are_the_others_over_the_same_passages(data: Path, corpus: Corpus) -> None:
    held = load(data, dict(PLAN.shares), held_back=True, seed=1)
    assert held.passages == corpus.passages
    assert len(held.asked) + len(corpus.asked) == 60
    assert not {asked.question for asked in held.asked} & {asked.question for asked in corpus.asked}


def test_a_share_draws_that_part_of_the_questions(data: Path) -> None:
    some = load(data, {"towns": 0.4}, held_back=False, seed=1)
    assert 10 < len(some.asked) < 40


def test_an_answer_is_held_as_whole_words_only() -> None:
    assert holds("He flew to Kazan, then home.", ("kazan",))
    assert not holds("The Kazanians met him.", ("kazan",))
    assert holds("It cost 1.5 (about) dollars", ("1.5 (about)",))


def test_a_hard_negative_holds_no_answer_and_is_another_paragraph(corpus: Corpus) -> None:
    negatives = mine(corpus, letters, letters, 3)
    assert sum(len(found) for found in negatives) > len(corpus.asked)
    for asked, found in zip(corpus.asked, negatives, strict=True):
        assert len(found) == len(set(found)) <= 3
        for index in found:
            assert index != asked.passage
            assert not holds(corpus.passages[index], asked.answers)


def test_a_batch_has_no_two_questions_of_one_paragraph(corpus: Corpus) -> None:
    doubled = replace(corpus, asked=corpus.asked * 2)
    batches = batches_of(doubled, PLAN)
    assert len(batches) >= 2 * len(corpus.asked) // PLAN.batch - 2
    for batch in batches:
        paragraphs = [doubled.paragraphs[doubled.asked[index].passage] for index in batch]
        assert len(set(paragraphs)) == PLAN.batch


def test_the_loss_is_the_cross_entropy_without_passages_that_answer_too(corpus: Corpus, start: Path) -> None:
    tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
    network = load_network(start).train(mode=False)
    batch = batches_of(corpus, PLAN)[0]
    none: list[tuple[int, ...]] = [() for _ in corpus.asked]
    plan = replace(PLAN, titled=0.0)
    found = loss_of(network, tokenizer, corpus, none, batch, plan, CPU).item()

    def vector(text: str) -> NDArray[np.float32]:
        with torch.no_grad():
            ids = torch.tensor([tokenizer.encode(text).ids])
            row: NDArray[np.float32] = network(ids, torch.ones_like(ids))[0].numpy()
        return row

    asked = [corpus.asked[index] for index in batch]
    losses = []
    for row, one in enumerate(asked):
        scores = [plan.scale * float(vector(one.question) @ vector(corpus.passages[other.passage])) for other in asked]
        kept = [
            score
            for column, score in enumerate(scores)
            if column == row or not holds(corpus.passages[asked[column].passage], one.answers)
        ]
        losses.append(np.log(np.exp(kept).sum()) - scores[row])
    assert found == pytest.approx(np.mean(losses), rel=0.05)  # bfloat16 against float32


def test_training_learns_and_a_stopped_run_ends_in_the_same_weights(
    data: Path, start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "whole").mkdir()
    negatives = [
        list(found)
        for found in mine(load(data, dict(PLAN.shares), held_back=False, seed=PLAN.seed), letters, letters, 2)
    ]
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "negatives.json").write_text(json.dumps(negatives), encoding="utf-8")
    train(PLAN, data, start, start, tmp_path / "whole", checkpoint_every=3)
    checkpoint = (tmp_path / "whole" / "checkpoint.pt").read_bytes()
    (tmp_path / "stopped" / "checkpoint.pt").write_bytes(checkpoint)
    train(PLAN, data, start, start, tmp_path / "stopped", checkpoint_every=100)
    assert "going on after batch" in capsys.readouterr().out
    whole, stopped = (torch.load(tmp_path / n / "tuned.pt", weights_only=True) for n in ("whole", "stopped"))
    assert all(torch.equal(whole[name], stopped[name]) for name in whole)
    before = BertModel.from_pretrained(start).state_dict()
    assert any(not torch.equal(whole[name], before[name]) for name in whole)


def test_the_average_lies_between_the_start_and_the_tuned(start: Path, tmp_path: Path) -> None:
    before = BertModel.from_pretrained(start).state_dict()
    tuned = {name: value + 1 for name, value in before.items() if not name.startswith("pooler")}
    torch.save(tuned, tmp_path / "tuned.pt")
    average(start, start, tmp_path / "tuned.pt", 0.75, tmp_path / "mixed")
    mixed = BertModel.from_pretrained(tmp_path / "mixed").state_dict()
    for name, value in mixed.items():
        moved = 0.0 if name.startswith("pooler") else 0.25
        assert torch.allclose(value.float(), before[name].float() + moved, atol=1e-5), name
    assert Tokenizer.from_file(str(tmp_path / "mixed" / "tokenizer.json")).get_vocab_size() > 100


def test_recall_counts_questions_whose_passage_comes_early_enough() -> None:
    rng = np.random.default_rng(4)
    passages = rng.normal(size=(30, 8)).astype(np.float32)
    passages /= np.linalg.norm(passages, axis=1, keepdims=True)
    right = [3, 7, 11, 19]
    questions = passages[right].copy()
    questions[1] = passages[8]
    nearer = int((passages @ passages[8] > passages[8] @ passages[7]).sum())
    assert measure.recall(questions, passages, right, (1, nearer, nearer + 1)) == [0.75, 0.75, 1.0]


def test_the_passages_searched_are_those_that_answer_and_as_many_others(corpus: Corpus) -> None:
    few = replace(corpus, asked=corpus.asked[:5])
    found = measure.drawn(few, 10, seed=random.Random(1).randrange(100))
    assert len(found) == 15
    assert found == sorted(found)
    assert {asked.passage for asked in few.asked} <= set(found)
