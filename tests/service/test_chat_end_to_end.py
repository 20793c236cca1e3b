"""The doors with all that stands behind them: the shipped models over the starter articles."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from answering.answerer import Answerer
from service import cli
from service.api import create_app
from service.settings import Settings, load_settings
from tests.service.standin import LOCAL

SEEDS = Path(__file__).parents[2] / "seeds"
NEWS = "The bridge over the Tarn was opened on 3 May 1998 by Mayor Ada Holm. It cost 40 million crowns to build."


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    assert cli.main(["index", str(SEEDS), "--index", str(folder), "--json"]) == cli.FINE
    return folder


@pytest.fixture(scope="module")
def service(index: Path) -> Iterator[TestClient]:
    chosen = load_settings({"index": index})

    def opened() -> Answerer:
        return Answerer.open(chosen.index, top_k=chosen.top_k, min_confidence=chosen.min_confidence)

    with TestClient(create_app(chosen, opened), base_url=LOCAL) as client:
        give_up = time.monotonic() + 60
        while client.get("/readyz").status_code != HTTPStatus.OK:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        yield client


def _assert_quotes_slice(client: TestClient, body: dict[str, Any]) -> None:
    places = body["citations"] + [place for other in body["alternatives"] for place in other["citations"]]
    for place in places:
        article = client.get(f"/v1/articles/{place['article_id']}").json()
        text = article["text"]
        assert text[place["start"] : place["end"]] == place["quote"]
        around = place["before"] + place["quote"] + place["after"]
        first = place["start"] - len(place["before"])
        assert text[first : first + len(around)] == around
        assert place["article_sha256"] == article["sha256"]
    for place in body["nearest"]:
        text = client.get(f"/v1/articles/{place['article_id']}").json()["text"]
        assert text[place["start"] : place["end"]] == place["text"]


def test_how_long_the_treaty_lasts_is_cited_from_several_articles(service: TestClient) -> None:
    body = service.post("/v1/chat", json={"question": "how long does the treaty last?"}).json()
    assert body["status"] == "answered"
    assert body["answer"].lower() in {"20 years", "20-year", "two decades"}
    assert len({place["article_id"] for place in body["citations"]}) > 1
    _assert_quotes_slice(service, body)


@pytest.mark.parametrize("question", ["Who won the 2024 World Series?", "How many soldiers does Iran have?"])
def test_what_the_articles_do_not_say_is_not_found(service: TestClient, question: str) -> None:
    body = service.post("/v1/chat", json={"question": question}).json()
    assert (body["status"], body["answer"], body["citations"]) == ("not_found", None, [])
    _assert_quotes_slice(service, body)


def test_the_same_question_gets_the_same_answer(service: TestClient) -> None:
    def ask() -> dict[str, Any]:
        body: dict[str, Any] = service.post("/v1/chat", json={"question": "Where was the treaty signed?"}).json()
        return {**body, "timings_ms": None}

    assert ask() == ask()


def test_articles_that_tell_one_story_name_each_other(service: TestClient) -> None:
    listed = service.get("/v1/articles").json()["articles"]
    told = {each["id"]: each["same_story"] for each in listed if each["same_story"]}
    assert told == {"kremlin-ceremony": ["treaty-signed"], "treaty-signed": ["kremlin-ceremony"]}


def test_a_stream_ends_in_the_answer_given_without_one(service: TestClient) -> None:
    question = {"question": "how long does the treaty last?"}
    said = service.post("/v1/chat", json={**question, "stream": True}).text.strip().split("\n\n")
    names, data = zip(*(each.split("\n", 1) for each in said), strict=True)
    assert names == ("event: searched", "event: hits", "event: answer", "event: done")
    _, hits, answer, _ = (json.loads(each.removeprefix("data: ")) for each in data)
    assert len(hits["hits"]) >= load_settings().top_k
    for place in answer["citations"]:
        assert any(
            hit["article_id"] == place["article_id"] and hit["start"] <= place["start"] and place["end"] <= hit["end"]
            for hit in hits["hits"]
        )
    assert {**answer, "timings_ms": None} == {**service.post("/v1/chat", json=question).json(), "timings_ms": None}


@pytest.mark.parametrize("question", ["how long does the treaty last?", "Who won the 2024 World Series?"])
def test_an_openai_client_gets_the_same_answer(service: TestClient, question: str) -> None:
    asked = {"model": "pullquote", "messages": [{"role": "user", "content": question}]}
    message = service.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]
    said = service.post("/v1/chat", json={"question": question}).json()
    assert {**message["pullquote"], "timings_ms": None} == {**said, "timings_ms": None}
    shown = said["citations"] or said["nearest"]
    assert [link["url_citation"]["title"] for link in message["annotations"]] == [place["title"] for place in shown]
    assert message["content"].startswith(f"**{said['answer']}** [1]" if said["answer"] else "Not found. ")
    *_, done = service.post("/v1/chat/completions", json={**asked, "stream": True}).text.split("\n\n")[:-1]
    assert done == "data: [DONE]"


def test_an_article_is_answered_from_once_it_is_put_and_no_more_once_it_is_gone(service: TestClient) -> None:
    question = {"question": "When was the bridge over the Tarn opened?"}
    before = service.post("/v1/chat", json=question).json()
    assert service.put("/v1/articles/news/bridge", json={"text": NEWS, "title": "A bridge"}).status_code == 201
    there = service.post("/v1/chat", json=question).json()
    assert "3 May 1998" in there["answer"]
    assert {place["article_id"] for place in there["citations"]} == {"news/bridge"}
    assert there["index"] != before["index"]
    assert (
        service.put("/v1/articles/news/bridge", json={"text": NEWS, "title": "A bridge"}).json()["change"]
        == "unchanged"
    )
    assert service.delete("/v1/articles/news/bridge").status_code == HTTPStatus.NO_CONTENT
    after = service.post("/v1/chat", json=question).json()
    assert {**after, "timings_ms": None} == {**before, "timings_ms": None}


def test_the_examples_are_several_and_answered(service: TestClient) -> None:
    questions = service.get("/v1/examples").json()["questions"]
    assert len(questions) >= 4
    assert len({question.split()[0] for question in questions}) > 1
    asked = [service.post("/v1/chat", json={"question": question}).json() for question in questions]
    assert [each["question"] for each in asked if each["status"] != "answered"] == []


def test_filters_leave_the_rest_out(service: TestClient) -> None:
    listed = service.get("/v1/articles").json()["articles"]
    chosen = listed[0]["id"]
    body = service.post(
        "/v1/chat", json={"question": "What is said of Iran?", "filters": {"articles": [chosen]}, "min_confidence": 0}
    ).json()
    assert {place["article_id"] for place in body["citations"] + body["nearest"]} <= {chosen}
    for nothing in ({"articles": ["no such\u0000article"]}, {"sources": ['"; DROP TABLE articles; --']}):
        body = service.post("/v1/chat", json={"question": "What is said of Iran?", "filters": nothing}).json()
        assert (body["status"], body["reason"], body["nearest"]) == ("not_found", "no_hit", [])


@given(st.text(min_size=1, max_size=80))
@settings(max_examples=25, deadline=None)
def test_no_question_is_a_fault_of_the_service(service: TestClient, question: str) -> None:
    response = service.post("/v1/chat", json={"question": question, "min_confidence": 0})
    if response.status_code == HTTPStatus.OK:
        _assert_quotes_slice(service, response.json())
    else:
        assert response.json()["error"]["code"] == "invalid_question"


@pytest.mark.parametrize(
    "question",
    ['treaty" OR NEAR(iran', "treaty*^2 -x : (", "🕊 treaty?", "كم تستمر المعاهدة؟", "treaty\u0000", "AND OR NOT"],
)
def test_the_stores_query_syntax_is_never_reached(service: TestClient, question: str) -> None:
    body = service.post("/v1/chat", json={"question": question}).json()
    assert body["status"] in {"answered", "not_found"}
    _assert_quotes_slice(service, body)


def test_an_empty_index_is_not_found_with_its_reason(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(), lambda: Answerer.open(tmp_path, create=True)), base_url=LOCAL) as client:
        while client.get("/readyz").status_code != HTTPStatus.OK:
            time.sleep(0.05)
        body = client.post("/v1/chat", json={"question": "how long does the treaty last?"}).json()
        assert (body["status"], body["reason"], body["nearest"]) == ("not_found", "empty_index", [])


def test_the_command_answers_as_the_service_does(
    service: TestClient, index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = "how long does the treaty last?"
    assert cli.main(["ask", question, "--index", str(index), "--json"]) == cli.FINE
    said = json.loads(capsys.readouterr().out)
    asked = service.post("/v1/chat", json={"question": question}).json()
    assert {**said, "timings_ms": None} == {**asked, "timings_ms": None}
    assert cli.main(["ask", "Who won the 2024 World Series?", "--index", str(index)]) == cli.NOT_FOUND


def test_indexing_again_changes_nothing(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["index", str(SEEDS), "--index", str(index), "--json"]) == cli.FINE
    report = json.loads(capsys.readouterr().out)
    assert (report["added"], report["changed"], report["removed"], report["passages"]) == (0, 0, 0, 0)
    assert report["unchanged"] > 0


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_indexed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "bridge.txt").write_text(NEWS, encoding="utf-8")
    (articles / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    assert cli.main(["index", str(articles), "--index", str(tmp_path / "index")]) == cli.SOME_UNREADABLE
    said = capsys.readouterr()
    assert said.out.startswith("1 added, ")
    assert "broken.pdf: " in said.err
