"""Others' files, read as they are."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import GoldError
from corpus.types import Article
from evals.foreign import read_beir, read_haystack

COLUMNS = {
    "questions": ["When did it open?", "Who paid?"],
    "ground_truth_answers": [["1932"], []],
    "ground_truth_documents": [[{"content": "…", "meta": {"article_id": "bridge"}}], []],
}
OBJECTS = [
    {"query": "When did it open?", "answers": ["1932"], "documents": ["bridge"]},
    {"question": "Who paid?", "ground_truth_answers": []},
]


@pytest.mark.parametrize("text", [json.dumps(COLUMNS), json.dumps(OBJECTS), "\n".join(map(json.dumps, OBJECTS)) + "\n"])
def test_haystacks_columns_objects_and_lines_are_the_same_questions(bridge: Article, tmp_path: Path, text: str) -> None:
    file = tmp_path / "inputs.json"
    file.write_text(text, encoding="utf-8")
    opened, paid = read_haystack(file, {bridge.id: bridge})
    assert (opened.question, opened.answers, opened.article) == ("When did it open?", ("1932",), "bridge")
    assert opened.span is not None
    assert opened.span.slice(bridge.text) == "1932"
    assert (paid.answers, paid.article, paid.span) == ((), None, None)


def test_an_answer_that_stands_in_no_named_article_is_judged_by_its_words(bridge: Article, tmp_path: Path) -> None:
    file = tmp_path / "inputs.jsonl"
    rows = [
        {"question": "Who?", "answer": "Ida", "documents": ["bridge", "gone"]},
        {"question": "Who?", "answer": "Ida"},
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    for gold in read_haystack(file, {bridge.id: bridge}):
        assert (gold.answers, gold.article, gold.span) == (("Ida",), None, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no question"),
        ("{", "line 1: no JSON"),
        ('[{"answers": ["x"]}]', "question 1: question"),
        ('[{"question": " "}]', "question 1: question"),
        (json.dumps(COLUMNS | {"ground_truth_answers": [["1932"]]}), "lists of one length"),
    ],
)
def test_a_haystack_file_that_breaks_its_form_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "inputs.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GoldError, match=message):
        read_haystack(file, {})


def write_collection(folder: Path, qrels: str, *, packed: bool = False) -> Path:
    files: dict[str, list[dict[str, Any]]] = {
        "corpus.jsonl": [
            {"_id": "d1", "title": "Bridges", "text": "The bridge opened in 1932."},
            {"_id": "d2", "title": "", "text": "Ferries crossed the strait before."},
            {"_id": "d3", "title": "", "text": "  "},
        ],
        "queries.jsonl": [{"_id": "q1", "text": "when did the bridge open"}, {"_id": "q2", "text": "never judged"}],
    }
    for name, rows in files.items():
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(content) if packed else content)
    (folder / "qrels").mkdir(exist_ok=True)
    (folder / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_a_beir_folder_is_read_with_its_head_and_without_what_is_not_judged(tmp_path: Path, packed: bool) -> None:
    qrels = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n"
    collection = read_beir(write_collection(tmp_path, qrels, packed=packed))
    assert [article.id for article in collection.articles] == ["d1", "d2"]
    assert collection.articles[0].title == "Bridges"
    assert collection.queries == {"q1": "when did the bridge open"}
    assert collection.relevant == {"q1": frozenset({"d1"})}


@pytest.mark.parametrize("qrels", ["q1\td1\t1\nq1\td2\tmuch\n", "q1\td1\t1\nq1\n"])
def test_a_judgement_that_is_none_names_its_line(tmp_path: Path, qrels: str) -> None:
    with pytest.raises(GoldError, match="line 2: expected a query's id"):
        read_beir(write_collection(tmp_path, qrels))


def test_a_folder_without_its_files_says_which_are_expected(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"expected corpus\.jsonl"):
        read_beir(tmp_path)
