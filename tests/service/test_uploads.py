from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from corpus.loading import Loaded, load_folder
from service.settings import load_settings
from tests.service.standin import StandIn, client_of

SEEDS = Path(__file__).parents[2] / "seeds"


def test_every_kind_of_file_is_read_as_indexing_its_folder_reads_it(client: TestClient, answerer: StandIn) -> None:
    for found in load_folder(SEEDS):
        assert isinstance(found, Loaded)
        response = client.put(f"/v1/files/{found.origin}", content=(SEEDS / found.origin).read_bytes())
        article = found.article
        expected = {"id": article.id, "title": article.title, "change": "added", "sha256": article.sha256}
        assert (response.status_code, response.json()) == (200, {"articles": [expected], "unreadable": []})
        assert answerer.known[article.id] == article


def test_the_rows_that_can_be_read_are_put_and_the_others_are_named(client: TestClient) -> None:
    rows = [
        {"id": "a", "text": "It rains."},
        {"id": "b"},
        {"id": "c", "text": "It snows."},
        {"id": "a", "text": "Fog."},
    ]
    body = "\n".join(map(json.dumps, rows)).encode()
    response = client.put("/v1/files/news.jsonl", content=body).json()
    assert [each["id"] for each in response["articles"]] == ["a", "c"]
    assert [each["path"] for each in response["unreadable"]] == ["news.jsonl"] * 2
    assert response["unreadable"][0]["reason"] == "line 2: text is missing"
    assert "is taken" in response["unreadable"][1]["reason"]


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.pdf", b"%PDF-1.7 broken", "broken PDF"),
        ("a.docx", b"PK", "no Word document"),
        ("a.txt", b"", "it is empty"),
        ("a.txt", b"caf\xe9", "wrong encoding"),
        ("a.jsonl", b"{}", "line 1: text is missing"),
        ("a.exe", b"It rains.", "expected a name that ends in .docx, "),
        ("a", b"It rains.", "expected a name that ends in"),
        ("a/..", b"It rains.", "begin with a dot"),
        ("../../etc/passwd.txt", b"It rains.", "begin with a dot"),
        ("/etc/passwd.txt", b"It rains.", "without empty parts"),
        ("a//b.txt", b"It rains.", "without empty parts"),
        (".txt", b"It rains.", "begin with a dot"),
        ("a\0b.txt", b"It rains.", "control character"),
        ("w" * 600 + ".txt", b"It rains.", "1 to 512 characters"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    client: TestClient, answerer: StandIn, name: str, body: bytes, reason: str
) -> None:
    before = dict(answerer.known)
    response = client.put("/v1/files/" + quote(name, safe=""), content=body)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "unreadable_file")
    assert reason in response.json()["error"]["message"]
    assert answerer.known == before


def test_a_file_over_the_limit_is_not_read() -> None:
    with client_of(StandIn(), load_settings({"max_article_body_bytes": 10})) as client:
        assert client.put("/v1/files/a.txt", content=b"It rains.").status_code == HTTPStatus.OK
        assert client.put("/v1/files/a.txt", content=b"It rains. ." * 9).status_code == 413
