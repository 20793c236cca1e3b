from __future__ import annotations

import re
import threading
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from service.api import create_app
from service.settings import Settings
from tests.service.standin import LOCAL, TREATY, StandIn, client_of

API = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")

_Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def _samples(client: TestClient) -> _Samples:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def _value(samples: _Samples, name: str, **labels: str) -> float | None:
    return samples.get((f"pullquote_{name}", frozenset(labels.items())))


def test_questions_are_counted_by_outcome_however_they_are_asked(client: TestClient) -> None:
    assert _value(_samples(client), "questions_total", outcome="answered") == 0
    chat = {"model": "pullquote", "messages": [{"role": "user", "content": "How long?"}]}
    for stream in (False, True):
        client.post("/v1/chat", json={"question": "How long?", "stream": stream})
        client.post("/v1/chat/completions", json={**chat, "stream": stream})
    client.post("/v1/chat", json={"question": "Who won?"})
    client.get("/v1/examples")
    samples = _samples(client)
    assert _value(samples, "questions_total", outcome="answered") == 4
    assert _value(samples, "questions_total", outcome="no_answer_read") == 1
    assert _value(samples, "questions_total", outcome="low_confidence") == 0
    assert _value(samples, "question_seconds_count") == 5
    assert round(_value(samples, "question_seconds_sum") or 0, 4) == 0.0152


def test_requests_are_counted_by_template_and_status_whatever_the_client_makes_up(client: TestClient) -> None:
    for article_id in (TREATY.id, "secret-one", "secret/two"):
        client.get(f"/v1/articles/{article_id}")
    client.get("/secret.php")
    client.request("SECRET", "/v1/sources")
    client.get("/v1/sources", headers={"host": "secret.example"})
    client.post("/v1/chat", json={"question": "secret?", "filters": {"sources": ["secret"]}})
    samples = _samples(client)
    read = {"method": "GET", "route": "/v1/articles/{article_id}"}
    assert _value(samples, "requests_total", **read, status="200") == 1
    assert _value(samples, "requests_total", **read, status="404") == 2
    assert _value(samples, "request_seconds_count", **read) == 3
    assert _value(samples, "requests_total", method="GET", route="none", status="404") == 1
    assert _value(samples, "requests_total", method="GET", route="none", status="403") == 1
    assert _value(samples, "requests_total", method="other", route="/v1/sources", status="405") == 1
    assert _value(samples, "requests_total", method="POST", route="/v1/chat", status="200") == 1
    assert "secret" not in client.get("/metrics").text.casefold()


def test_a_failure_is_counted_as_what_the_client_got() -> None:
    answerer = StandIn(failure=ValueError("a defect"))
    with client_of(answerer) as client:
        client.post("/v1/chat", json={"question": "How long?"})
        samples = _samples(client)
    assert _value(samples, "requests_total", method="POST", route="/v1/chat", status="500") == 1
    assert _value(samples, "question_seconds_count") == 0


def test_places_and_the_size_of_the_index_are_as_they_are_now(client: TestClient, answerer: StandIn) -> None:
    answerer.held.clear()
    asking = threading.Thread(target=client.post, args=("/v1/chat",), kwargs={"json": {"question": "How long?"}})
    asking.start()
    while not answerer.asked:
        asking.join(0.01)
    client.put("/v1/articles/rain", json={"text": "It rained."})
    samples = _samples(client)
    answerer.held.set()
    asking.join()
    assert _value(samples, "places_taken", gate="questions") == 1
    assert _value(samples, "places_taken", gate="changes") == 0
    assert _value(samples, "places", gate="questions") == Settings().concurrency + Settings().queue
    assert _value(samples, "index_articles") == 2
    assert _value(_samples(client), "places_taken", gate="questions") == 0


def test_figures_are_there_before_the_service_is_ready() -> None:
    gone_on = threading.Event()

    def open_slowly() -> StandIn:
        gone_on.wait(10)
        return StandIn()

    with TestClient(create_app(Settings(), open_slowly), base_url=LOCAL) as client:
        samples = _samples(client)
        gone_on.set()
    assert _value(samples, "ready") == 0
    assert _value(samples, "index_articles") is None


def test_two_applications_count_apart(client: TestClient) -> None:
    client.post("/v1/chat", json={"question": "How long?"})
    with client_of(StandIn()) as other:
        assert _value(_samples(other), "questions_total", outcome="answered") == 0
    assert _value(_samples(client), "questions_total", outcome="answered") == 1


def test_every_metric_is_documented_and_every_documented_one_exists(client: TestClient) -> None:
    families = list(text_string_to_metric_families(client.get("/metrics").text))
    found = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in families
        if family.name.startswith("pullquote_") and not family.name.endswith("_created")
    }
    assert set(re.findall(r"^\| `(pullquote_\w+)` \|", API, re.MULTILINE)) == found
