"""The commands and the service with their index on Qdrant: the client's local mode, in a folder."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from answering.answerer import Answerer
from service import cli
from service.api import create_app
from service.settings import load_settings

TREATY = "The pact was signed in Moscow. It runs for 20 years, both sides said."
HARBOUR = "The harbour of Brell was closed for repairs in March, the mayor said."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULLQUOTE_STORE", "qdrant")
    monkeypatch.setenv("QDRANT_URL", "local")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "pact.txt").write_text(TREATY, encoding="utf-8")
    (articles / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    return articles


def test_the_commands_index_ask_and_verify_and_follow_the_folder(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["ask", "How many years does the pact run?", "--json", "--min-confidence", "0"]
    assert cli.main(ask) == cli.ERROR
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "index_missing"
    assert cli.main(["index", str(folder), "--json"]) == cli.FINE
    assert json.loads(capsys.readouterr().out)["added"] == 2
    assert cli.main(ask) == cli.FINE
    response = capsys.readouterr().out
    citation = json.loads(response)["citations"][0]
    assert (citation["article_id"], TREATY[citation["start"] : citation["end"]]) == ("pact", citation["quote"])
    kept = folder.parent / "kept.json"
    kept.write_text(response, encoding="utf-8")
    assert cli.main(["verify", str(kept)]) == cli.FINE

    (folder / "pact.txt").write_text("Nothing was signed.", encoding="utf-8")
    (folder / "harbour.txt").unlink()
    (folder / "new.txt").write_text("The tunnel opened in 1954.", encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["index", str(folder), "--json"]) == cli.FINE
    report = json.loads(capsys.readouterr().out)
    assert {name: report[name] for name in ("added", "changed", "unchanged", "removed")} == {
        "added": 1,
        "changed": 1,
        "unchanged": 0,
        "removed": 1,
    }
    assert cli.main(["verify", str(kept)]) == cli.BROKEN_CITATION
    assert not (folder.parent / "index" / "index.sqlite").exists()


def test_the_service_answers_and_takes_changes(folder: Path) -> None:
    settings = load_settings()

    def opened() -> Answerer:
        return cli.open_answerer(settings, create=True)

    assert cli.main(["index", str(folder)]) == cli.FINE
    with TestClient(create_app(settings, opened), base_url="http://127.0.0.1") as client:
        while client.get("/readyz").status_code != HTTPStatus.OK:
            pass
        listed = client.get("/v1/articles").json()
        assert [row["id"] for row in listed["articles"]] == ["harbour", "pact"]
        question = {"question": "When was the harbour closed?", "min_confidence": 0}
        before = client.post("/v1/chat", json=question).json()
        assert before["citations"][0]["article_id"] == "harbour"
        assert client.post("/v1/chat", json=question).json()["id"] == before["id"]
        text = client.get("/v1/articles/harbour").json()["text"]
        assert client.delete("/v1/articles/harbour").status_code == HTTPStatus.NO_CONTENT
        assert client.get("/v1/articles/harbour").status_code == HTTPStatus.NOT_FOUND
        assert client.post("/v1/chat", json=question).json()["index"] != before["index"]
        assert client.put("/v1/articles/harbour", json={"text": text}).status_code == HTTPStatus.CREATED
        again = client.post("/v1/chat", json=question).json()
        assert again["answer"] == before["answer"]
        only = {**question, "filters": {"articles": ["pact"]}}
        found = client.post("/v1/chat", json=only).json()
        assert {place["article_id"] for place in found["citations"] + found.get("nearest", [])} == {"pact"}
        assert client.get("/metrics").status_code == HTTPStatus.OK
        assert client.get("/v1/sources").json()["sources"] == []
