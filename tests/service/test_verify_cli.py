from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.articles import article_from
from corpus.types import Passage, Span
from retrieval.store import SQLiteDocumentStore
from service import cli
from service.cli import main

TEXT = "The pact was signed in Moscow 🖋. It runs for 20 years."
TREATY = article_from("pact", TEXT)


def _claim(quote: str = "20 years", **fields: Any) -> dict[str, Any]:
    start = TREATY.text.find(quote)
    place = {"start": max(0, start), "end": max(0, start) + len(quote)}
    return {"article_id": "pact", "quote": quote, "article_sha256": TREATY.sha256, **place, **fields}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    with SQLiteDocumentStore(folder / "index.sqlite") as store:
        whole = Span(0, len(TREATY.text))
        passage = Passage(TREATY.id, 0, whole, TREATY.text, (whole,))
        store.put_article(TREATY, [passage], np.ones((1, 4), dtype=np.float32))
    monkeypatch.setenv("PULLQUOTE_INDEX", str(folder))
    return folder


def _file(folder: Path, content: object) -> str:
    file = folder / "cited.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(file)


@pytest.mark.usefixtures("index")
def test_a_line_for_each_citation_says_where_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = TREATY.text.index("20 years")
    name = _file(tmp_path, [_claim(), _claim(start=1, end=9)])
    assert main(["verify", name]) == cli.FINE
    assert capsys.readouterr().out == (
        f"exact    pact, characters {start} to {start + 8}\n"
        f"moved    pact, characters 1 to 9, now {start} to {start + 8}\n"
    )


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    ("claim", "line"),
    [
        (_claim("30 years"), "changed  pact, characters 0 to 8\n"),
        (_claim(article_id="gone\x1b[2J\n"), f"missing  gone , characters {_claim()['start']} to {_claim()['end']}\n"),
    ],
)
def test_a_quote_that_stands_no_more_exits_with_6(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], claim: dict[str, Any], line: str
) -> None:
    assert main(["verify", _file(tmp_path, [claim, _claim()])]) == cli.BROKEN_CITATION
    assert capsys.readouterr().out.startswith(line)


@pytest.mark.usefixtures("index")
def test_a_response_is_verified_with_its_alternatives_and_read_from_the_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"answer": "Moscow", "confidence": 0.2, "citations": [_claim("Moscow")]}
    response = {"status": "answered", "citations": [_claim()], "alternatives": [other]}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps([response, _claim("Oslo")]).encode())))
    assert main(["verify", "-", "--json"]) == cli.BROKEN_CITATION
    first, second, third = json.loads(capsys.readouterr().out)["citations"]
    place = {"start": _claim()["start"], "end": _claim()["end"]}
    assert first == {"article_id": "pact", "cited": place, "status": "exact", **place}
    assert (second["status"], second["start"]) == ("exact", TREATY.text.index("Moscow"))
    assert third == {
        "article_id": "pact", "cited": {"start": 0, "end": 4}, "status": "changed", "start": None, "end": None
    }  # fmt: skip


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("content", [[], {"status": "not_found", "citations": [], "alternatives": []}])
def test_where_nothing_is_cited_nothing_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: object
) -> None:
    assert main(["verify", _file(tmp_path, content)]) == cli.FINE
    assert capsys.readouterr().out == "no citations to verify\n"


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cited.json: EOF while parsing"),
        (b"\xff", "cited.json: expected value"),
        (b"[" * 100_000, "cited.json: recursion limit"),
        (b"NaN", "cited.json: expected value"),
        (b"7", "cited.json: it is no object; expected a citation"),
        (b"[[]]", "cited.json, item 1: it is no object"),
        (b'{"error": {"code": "overloaded"}}', "cited.json: article_id: required"),
        (b'[{"citations": [{}]}]', "cited.json, item 1, citation 1: article_id: required"),
        (json.dumps([_claim(), _claim(start="0")]).encode(), "cited.json, item 2: start: "),
        (json.dumps({"citations": [], "alternatives": [{"citations": [3]}]}).encode(), "alternative 1, citation 1: "),
    ],
)
def test_what_is_no_citation_is_named_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    assert main(["verify", _file(tmp_path, content), "--json"]) == cli.ERROR
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "invalid_citation"
    assert said in error["message"]


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("name", ["no/such.json", ".", "\0"])
def test_a_file_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["verify", name]) == cli.ERROR
    assert "expected a file of citations" in capsys.readouterr().err


def test_without_an_index_it_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = _file(tmp_path, _claim())
    assert main(["verify", name, "--index", str(tmp_path / "none")]) == cli.ERROR
    assert "pullquote index FOLDER" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
