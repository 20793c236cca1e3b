"""What the encoder is taught with, and the lesson, run whole on a few paragraphs and networks of few small layers."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the models extra is not installed")
pytest.importorskip("transformers", reason="the models extra is not installed")

from tokenizers import Tokenizer  # noqa: E402 - after the guards above
from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel  # noqa: E402

from corpus.held_back import is_held_back  # noqa: E402
from corpus.splitting import split  # noqa: E402
from corpus.types import Article  # noqa: E402
from retrieval.encoder import LEFT_OUT, SETTINGS_FILE, TOKENIZER_FILE, WEIGHTS  # noqa: E402
from retrieval.shortening import WORDS  # noqa: E402
from retrieval.training import distil as lesson  # noqa: E402
from retrieval.training.network import SentenceNetwork, load_network, mpnet_ids  # noqa: E402
from retrieval.training.texts import Texts, draw, glosses, paragraphs, pieces, read_texts  # noqa: E402

PARAGRAPHS = 60
CPU = torch.device("cpu")
CITIES = ["Moscow", "Tehran", "Kazan", "Baku", "Astana", "Ankara", "Doha", "Muscat"]
PLAN = lesson.Plan(layers=(0, 2), steps=12, questions=6, others=10, learning_rate=3e-3, seed=3)


def context(number: int) -> str:
    city = CITIES[number % 8]
    return (
        f"Envoy number {number} spoke about the trade in wool. He then flew to {city} in {1900 + number}. "
        "Nobody met him there. It was, as they say, a cold and very long winter."
    )


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    shipped = Tokenizer.from_file(str(WEIGHTS / TOKENIZER_FILE))
    shipped.no_truncation()
    return shipped


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    told = []
    for number in range(PARAGRAPHS):
        text = context(number)
        city = CITIES[number % 8]
        answered = {
            "question": f"Where did envoy {number} fly?",
            "answers": [{"text": city, "answer_start": text.index(city)}],
        }
        told.append({"context": text, "qas": [answered, {"question": f"Who met envoy {number}?", "answers": []}]})
    with gzip.open(folder / "towns.json.gz", "wt", encoding="utf-8") as file:
        json.dump({"data": [{"title": "Envoys", "paragraphs": told}]}, file)
    record = {
        "paragraph": hashlib.sha256(context(1).encode()).hexdigest()[:16],
        "answered": [["Which trade?", 0, 5]],
        "unanswered": ["Which wool?"],
    }
    with gzip.open(folder / "written.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n" + json.dumps({**record, "paragraph": "0" * 16}) + "\n")
    return folder


@pytest.fixture(scope="module")
def texts(data: Path, tokenizer: Tokenizer) -> Texts:
    found = paragraphs([data], data / "written.jsonl.gz")
    return draw(found, ["entity: what there is"], mixed=20, seed=1, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> Path:
    folder = tmp_path_factory.mktemp("start")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=32, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> Path:
    folder = tmp_path_factory.mktemp("larger")
    torch.manual_seed(2)
    config = MPNetConfig(
        vocab_size=tokenizer.get_vocab_size() + 5, hidden_size=48, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64,
    )  # fmt: skip
    MPNetModel(config).save_pretrained(folder)
    return folder


def written(texts: Texts, row: int, tokenizer: Tokenizer, *, shortened: bool = False) -> str:
    begin, end = texts.bounds[row : row + 2]
    ids = texts.tokens[begin:end]
    text: str = tokenizer.decode(ids[texts.kept[begin:end]].tolist() if shortened else ids.tolist())
    return text


def test_held_back_paragraphs_are_left_out_and_written_questions_added(data: Path) -> None:
    found = paragraphs([data], data / "written.jsonl.gz")
    assert len(found) == sum(not is_held_back(context(number)) for number in range(PARAGRAPHS)) < PARAGRAPHS
    questions = {question: start for one in found for question, start in one.questions}
    assert questions["Which trade?"] == 0
    assert questions["Which wool?"] == questions["Who met envoy 1?"] == -1


def test_pairs_are_questions_with_the_passage_that_answers_them(texts: Texts, tokenizer: Tokenizer) -> None:
    assert len(texts.pairs) >= 25
    for question, passage in texts.pairs:
        asked = written(texts, question, tokenizer)
        assert passage in texts.passages
        assert asked.endswith("?")
        assert asked == written(texts, question, tokenizer, shortened=True)
        if asked.startswith("where"):
            assert f"number {asked.split()[3]} " in written(texts, passage, tokenizer)


def test_all_but_questions_are_shortened(texts: Texts, tokenizer: Tokenizer) -> None:
    passage = int(texts.passages[0])
    assert "cold and very long winter" in written(texts, passage, tokenizer)
    assert "say cold long winter" in written(texts, passage, tokenizer, shortened=True)
    assert written(texts, len(texts.bounds) - 2, tokenizer) == "entity : what there is"


def test_texts_come_back_from_their_file(texts: Texts, tmp_path: Path) -> None:
    texts.save(tmp_path / "texts.npz")
    back = read_texts(tmp_path / "texts.npz")
    for name in Texts.__slots__:
        assert np.array_equal(getattr(back, name), getattr(texts, name))


def test_pieces_are_sentences_and_runs_of_sentences() -> None:
    text = "One crane fell down. Two cranes fell down later. Then nobody came. Four men had come before."
    (passage,) = split(Article("a", "a", text))
    found = list(pieces(passage, random.Random(1)))
    assert found[:3] == ["One crane fell down.", "Two cranes fell down later.", "Four men had come before."]
    assert len(found) == 5
    assert all(piece in text and piece.endswith(".") for piece in found)


def test_a_gloss_is_a_word_with_its_definition(tmp_path: Path) -> None:
    line = '00021939 03 n 02 sea_fog 0 mist 0 001 @ 00002684 n 0000 | fog over the sea; "thick as pea soup"  \n'
    (tmp_path / "data.noun").write_text(f"  1 This is the licence.\n{line}", encoding="utf-8")
    assert list(glosses(tmp_path)) == ['sea fog: fog over the sea; "thick as pea soup"']


def test_mpnet_is_given_the_ids_of_its_own_vocabulary() -> None:
    ids = torch.tensor([[101, 1996, 102, 0]])
    assert mpnet_ids(ids, torch.tensor([[1, 1, 1, 0]])).tolist() == [[0, 2000, 2, 1]]


@pytest.mark.parametrize("kind", ["start", "larger"])
def test_a_network_gives_the_mean_over_its_tokens_whatever_is_beside_it(
    kind: str, texts: Texts, request: pytest.FixtureRequest
) -> None:
    network = load_network(request.getfixturevalue(kind)).train(mode=False)
    rows = lesson.Rows.of(texts.tokens, texts.bounds, CPU)
    found = lesson.vectors_of(network, rows, CPU)
    assert torch.allclose(found.float().norm(dim=1), torch.ones(len(found)), atol=2e-3)
    for row in (0, 5, len(found) - 1):
        ids, attention = rows.batch(torch.tensor([row]), int(rows.lengths(torch.tensor(row))))
        assert bool((attention == 1).all())
        with torch.no_grad():
            own = ids if kind == "start" else mpnet_ids(ids, attention)
            mean = network.encoder(own, attention).last_hidden_state.mean(1)
        cosine = torch.nn.functional.cosine_similarity(mean, found[row : row + 1].float())
        assert cosine.item() == pytest.approx(1, abs=2e-3)  # bfloat16 in batches


def test_principal_directions_keep_cosines_and_the_turn_brings_them_to_the_start() -> None:
    torch.manual_seed(5)
    plane = torch.nn.functional.normalize(torch.randn(200, 6), dim=1)
    basis = torch.linalg.qr(torch.randn(20, 6))[0]
    joined = plane @ basis.T  # (200, 20), in six directions
    cut = joined @ lesson.principal(joined, 6)
    assert torch.allclose(cut @ cut.T, joined @ joined.T, atol=1e-4)
    turn = lesson.turned(cut, plane)
    assert torch.allclose(turn @ turn.T, torch.eye(6), atol=1e-5)
    assert torch.allclose(cut @ turn, plane, atol=1e-3)


def test_targets_have_the_mean_of_the_teachers_cosines() -> None:
    torch.manual_seed(6)
    one, other = (torch.nn.functional.normalize(torch.randn(100, width), dim=1) for width in (3, 5))
    start = torch.nn.functional.normalize(torch.randn(100, 8), dim=1)
    found = lesson.targets_of([one, other], start).float()
    assert torch.allclose(found @ found.T, (one @ one.T + other @ other.T) / 2, atol=5e-3)  # float16


def test_near_passages_are_the_nearest_but_the_right_one(texts: Texts) -> None:
    torch.manual_seed(7)
    targets = torch.nn.functional.normalize(torch.randn(len(texts.bounds) - 1, 16), dim=1).half()
    pairs = torch.from_numpy(texts.pairs)
    near = lesson.near_passages(texts, targets, pairs)
    for (question, right), found in zip(texts.pairs.tolist(), near.tolist(), strict=True):
        others = [passage for passage in texts.passages.tolist() if passage != right]
        assert set(found) <= set(others)
        best = max(others, key=lambda passage: float(targets[question].float() @ targets[passage].float()))
        assert float(targets[question].float() @ targets[found[0]].float()) == pytest.approx(
            float(targets[question].float() @ targets[best].float()), abs=2e-3
        )


def test_the_loss_is_the_cosine_and_the_cross_entropy_with_teacher_and_label() -> None:
    torch.manual_seed(8)
    plan = lesson.Plan(questions=2, others=1, scale=4.0, labelled=0.25, vectors=3.0)
    vectors, wanted = (torch.nn.functional.normalize(torch.randn(7, 5), dim=1) for _ in range(2))
    loss, cosine = lesson.loss_of(vectors, wanted, plan)
    v, w = vectors.double().numpy(), wanted.double().numpy()
    own = np.mean([v[i] @ w[i] for i in range(7)])
    entropies = []
    for question in range(2):
        said, taught = (np.exp(4 * np.array([x[question] @ x[place] for place in range(2, 6)])) for x in (v, w))
        right = 0.75 * taught / taught.sum()
        right[question] += 0.25
        entropies.append(-(right * np.log(said / said.sum())).sum())
    assert cosine.item() == pytest.approx(own, abs=1e-5)
    assert loss.item() == pytest.approx(3 * (1 - own) + np.mean(entropies), abs=1e-4)


def test_vectors_stand_in_the_order_of_the_batch(start: Path, texts: Texts) -> None:
    network = load_network(start).train(mode=False)
    rows = lesson.shortened(texts, CPU)
    chosen = torch.tensor([9, 3, 0, 7, 7, 1, 12])
    with torch.no_grad():
        found = lesson.encoded(network, rows, chosen)
        for row, vector in zip(chosen.tolist(), found, strict=True):
            alone = network(*rows.batch(torch.tensor([row]), int(rows.lengths(torch.tensor(row)))))[0]
            assert torch.allclose(vector, alone, atol=1e-5)


def test_a_student_has_the_named_layers_of_its_start(start: Path) -> None:
    whole, student = load_network(start), lesson.student_of(start, (0, 2))
    assert student.encoder.config.num_hidden_layers == 2
    for at, of in enumerate((0, 2)):
        for mine, its in zip(
            student.encoder.encoder.layer[at].parameters(), whole.encoder.encoder.layer[of].parameters(), strict=True
        ):
            assert torch.equal(mine, its)


def test_a_lesson_brings_vectors_nearer_and_a_stopped_one_ends_in_the_same_weights(
    start: Path, larger: Path, texts: Texts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = lesson.taught_by([larger, start], start, lesson.Rows.of(texts.tokens, texts.bounds, CPU), CPU)
    assert targets.shape == (len(texts.bounds) - 1, 32)
    lesson.distil(PLAN, texts, targets, start, start, tmp_path / "whole", every=5)
    (tmp_path / "stopped").mkdir()
    (tmp_path / "stopped" / "checkpoint.pt").write_bytes((tmp_path / "whole" / "checkpoint.pt").read_bytes())
    lesson.distil(PLAN, texts, targets, start, start, tmp_path / "stopped", every=100)
    told = capsys.readouterr().out
    assert told.count("texts are read by") == 2
    assert "going on after step 10" in told
    whole, stopped = (load_network(tmp_path / name / "mixed") for name in ("whole", "stopped"))
    for mine, its in zip(whole.parameters(), stopped.parameters(), strict=True):
        assert torch.equal(mine, its)

    def nearness(network: SentenceNetwork) -> float:
        found = lesson.vectors_of(network, lesson.shortened(texts, CPU), CPU)
        return float((found.float() * targets.float()).sum(1).mean())

    assert nearness(whole) > nearness(lesson.student_of(start, PLAN.layers)) + 0.02
    settings = json.loads((tmp_path / "whole" / "mixed" / SETTINGS_FILE).read_text(encoding="utf-8"))
    assert settings == {LEFT_OUT: list(WORDS)}
