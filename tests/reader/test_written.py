"""Questions written for paragraphs of the training data."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path

import pytest

from tests.reader.conftest import write_squad

pytest.importorskip("torch", reason="the models extra is not installed")

from tokenizers import Tokenizer

from reader.training.drawing import Drawing, nearest_contexts, visits_of
from reader.training.examples import OWN, Asked, Pool, answer_text, load_pool
from reader.training.plan import Plan
from reader.training.written import DATASET, digest, read_written, with_written_questions

TREATY = "The treaty was signed in Moscow by Putin and lasts 20 years."
TOWN = "The town hall was built by a mason in 1911 and burnt down in 1940."
OF_THE_FILE = {TREATY: ("Who signed it?", "Putin"), TOWN: ("Who built it?", "a mason")}
PLAN = Plan(visits=(("towns", 1), (DATASET, 1)), passes=1, beside=0, changed=1, window_tokens=(60, 60))
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "train"


def asked(question: str, text: str, answer: str) -> tuple[str, int, int]:
    return question, text.index(answer), text.index(answer) + len(answer)


WRITTEN = {
    digest(TREATY): Asked(
        (asked("Where was it signed?", TREATY, "Moscow"), asked("How long does it last?", TREATY, "20 years")),
        ("Who refused to sign it?", "When was it signed?", "How many states does it bind?"),
    ),
    digest("A paragraph that nobody has."): Asked((("Who has it?", 0, 1),), ("Who lost it?",)),
}


@pytest.fixture(scope="module")
def pool(small_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Pool:
    folder = tmp_path_factory.mktemp("data")
    paragraphs = []
    for text, (question, answer) in [*OF_THE_FILE.items(), *OF_THE_FILE.items()]:  # each in two data sets, as it were
        answers = [{"text": answer, "answer_start": text.index(answer)}]
        paragraphs.append({"context": text, "qas": [{"id": question, "question": question, "answers": answers}]})
    write_squad(folder / "towns.json.gz", paragraphs)
    return load_pool(folder, small_tokenizer, ["towns"], held_back=False)


def test_written_questions_stand_behind_the_pool_s_own_once_a_paragraph(pool: Pool) -> None:
    found = with_written_questions(pool, WRITTEN)
    assert found.contexts == pool.contexts
    assert found.questions[: len(pool.questions)] == pool.questions
    written = found.questions[len(pool.questions) :]
    told = [(item.question, answer_text(found.contexts[item.context], item), item.dataset) for item in written]
    assert told == [("Where was it signed?", "Moscow", DATASET), ("How long does it last?", "20 years", DATASET)]
    assert [item.unanswered for item in written] == [
        ("Who refused to sign it?", "How many states does it bind?"),
        ("When was it signed?",),
    ]


def test_unanswerable_questions_of_a_file_come_with_the_answered_ones(
    small_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    answers = [{"text": "Moscow", "answer_start": TREATY.index("Moscow")}]
    asked = [("Where was it signed?", answers), *((question, []) for question in ("When?", "Why?"))]
    paragraphs = [
        {"context": text, "qas": [{"id": question, "question": question, "answers": found} for question, found in some]}
        for text, some in ((TREATY, asked), (TOWN, asked[1:]))
    ]
    write_squad(tmp_path / "towns.json.gz", paragraphs)
    (found,) = load_pool(tmp_path, small_tokenizer, ["towns"], held_back=False).questions
    assert (found.question, found.unanswered) == ("Where was it signed?", ("When?", "Why?"))


def test_what_a_paragraph_does_not_answer_is_visited_beside_what_it_does(
    pool: Pool, small_tokenizer: Tokenizer
) -> None:
    whole = with_written_questions(pool, WRITTEN)
    drawing = Drawing(PLAN, whole, small_tokenizer, nearest_contexts(whole, 1), visits_of(PLAN, whole), {})
    at = [number for number, visit in enumerate(drawing.visits) if whole.questions[visit].unanswered]
    assert len(at) == 2
    for number in at:
        item = whole.questions[drawing.visits[number]]
        groups = list(drawing.groups(number))
        questions = [
            small_tokenizer.encode(text, add_special_tokens=False).ids for text in (item.question, *item.unanswered)
        ]
        shown = whole.contexts[item.context].ids
        assert [group[0].ids for group in groups] == [(101, *ids, 102, *shown, 102) for ids in questions]
        assert [bool(group[0].spans) for group in groups] == [True] + [False] * len(item.unanswered)


def test_what_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "written.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for name, found in WRITTEN.items():
            record = {"paragraph": name, "answered": found.answered, "unanswered": found.unanswered}
            print(json.dumps(record), file=file)
    assert read_written(path) == WRITTEN


def test_every_committed_question_is_asked_once_of_its_paragraph_and_whole() -> None:
    written = read_written()
    assert len(written) > 1000
    assert all(one < other for one, other in pairwise(written))
    for found in written.values():
        questions = [question for question, _, _ in found.answered] + list(found.unanswered)
        assert found.answered
        assert found.unanswered
        assert len({question.lower() for question in questions}) == len(questions)
        assert all(question == question.strip() and 0 < len(question) <= 200 for question in questions)


def test_every_committed_answer_is_whole_words_of_a_paragraph_of_the_training_data() -> None:
    if not SHARED.is_dir():
        pytest.skip("the training data is not at hand")
    texts = {}
    for path in sorted(SHARED.glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            paragraphs = [paragraph for article in json.load(file)["data"] for paragraph in article["paragraphs"]]
        texts.update({digest(paragraph["context"]): paragraph["context"] for paragraph in paragraphs})
    written = read_written()
    assert written.keys() <= texts.keys()
    for name, found in written.items():
        for question, start, end in found.answered:
            answer = texts[name][start:end]
            assert answer
            assert answer == answer.strip(), question
            assert start == 0 or not (texts[name][start - 1].isalnum() and answer[0].isalnum()), question
            assert end == len(texts[name]) or not (texts[name][end].isalnum() and answer[-1].isalnum()), question


def test_invented_news_are_whole_and_ask_what_they_answer_and_what_not() -> None:
    with gzip.open(OWN / "invented_news.json.gz", "rt", encoding="utf-8") as file:
        paragraphs = [paragraph for part in json.load(file)["data"] for paragraph in part["paragraphs"]]
    assert len(paragraphs) > 1000
    assert len({paragraph["context"] for paragraph in paragraphs}) == len(paragraphs)
    for paragraph in paragraphs:
        answers = [qa["answers"][0] for qa in paragraph["qas"] if qa["answers"]]
        assert 0 < len(answers) < len(paragraph["qas"])
        for answer in answers:
            start, text = answer["answer_start"], answer["text"]
            assert paragraph["context"][start : start + len(text)] == text == text.strip() != ""
