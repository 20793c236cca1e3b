"""The official client against a real server: what it sends is understood, and what it gets it keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionChunk

from answering.types import Turn
from corpus.errors import IndexBusy
from retrieval.types import Filters
from service.settings import load_settings
from tests.service.openai.test_chores import LIBRECHAT_TITLE, OPEN_WEBUI_TAGS, TITLE
from tests.service.serving import SOON_S, serving, until
from tests.service.standin import QUOTE, TREATY, StandIn

LONG: Any = [{"role": "user", "content": "How long does it run?"}]
WHO: Any = [{"role": "user", "content": "Who won?"}]


def _client(url: str) -> OpenAI:
    return OpenAI(base_url=f"{url}/v1", api_key="any", timeout=SOON_S, max_retries=0)


@pytest.fixture
def client(answerer: StandIn) -> Iterator[OpenAI]:
    with serving(answerer) as url, _client(url) as client:
        yield client


def _streamed(client: OpenAI, messages: Any, **options: Any) -> list[ChatCompletionChunk]:
    return list(client.chat.completions.create(model="pullquote", messages=messages, stream=True, **options))


def test_there_is_one_model(client: OpenAI) -> None:
    assert [(model.id, model.owned_by) for model in client.models.list()] == [("pullquote", "pullquote")]


def test_an_answer_comes_with_its_links_and_all_of_ours(client: OpenAI) -> None:
    said = client.chat.completions.create(model="pullquote", messages=LONG, temperature=0.7, max_tokens=5)
    assert said.id.startswith("chatcmpl-")
    assert (said.object, said.model) == ("chat.completion", "pullquote")
    (choice,) = said.choices
    assert (choice.finish_reason, choice.index, choice.message.role) == ("stop", 0, "assistant")
    content, annotations = choice.message.content, choice.message.annotations
    assert content is not None
    assert content.startswith(f"**{QUOTE}** [1]\n")
    assert annotations is not None
    (link,) = (each.url_citation for each in annotations)
    assert content[link.start_index : link.end_index] == f"[{TREATY.title}]({TREATY.url})"
    assert f"/articles/{TREATY.id}?sha256={TREATY.sha256}#" in content
    ours = (choice.message.model_extra or {})["pullquote"]
    assert (ours["status"], ours["answer"], ours["citations"][0]["article_sha256"]) == (
        *("answered", QUOTE),
        TREATY.sha256,
    )
    assert said.usage is not None
    assert said.usage.prompt_tokens == 6
    assert said.usage.total_tokens == 6 + said.usage.completion_tokens > 12


def test_links_to_articles_begin_with_the_address_people_reach_the_service_at(answerer: StandIn) -> None:
    with serving(answerer) as url, _client(url) as client:
        content = client.chat.completions.create(model="pullquote", messages=LONG).choices[0].message.content
        assert f"({url}/articles/{TREATY.id}?" in (content or "")
    settings = load_settings({"public_url": "https://quotes.example/ask/"})
    with serving(answerer, settings) as url, _client(url) as client:
        content = _streamed(client, LONG)[1].choices[0].delta.content
        assert f"(https://quotes.example/ask/articles/{TREATY.id}?" in (content or "")


def test_a_stream_says_the_same_in_parts(client: OpenAI) -> None:
    whole = client.chat.completions.create(model="pullquote", messages=LONG).choices[0].message
    first, reply, last = _streamed(client, LONG)
    assert len({part.id for part in (first, reply, last)}) == 1
    assert (first.choices[0].delta.role, first.choices[0].delta.content) == ("assistant", "")
    assert reply.choices[0].delta.content == whole.content
    assert reply.choices[0].delta.model_extra == {
        "annotations": [each.model_dump() for each in whole.annotations or ()],
        "pullquote": (whole.model_extra or {})["pullquote"],
    }
    assert [part.choices[0].finish_reason for part in (first, reply, last)] == [None, None, "stop"]


def test_usage_ends_a_stream_where_it_is_asked_for(client: OpenAI) -> None:
    *parts, last = _streamed(client, LONG, stream_options={"include_usage": True})
    assert all(part.usage is None for part in parts)
    assert (last.choices, last.usage) == ([], client.chat.completions.create(model="pullquote", messages=LONG).usage)


def test_the_clients_own_collector_keeps_links_and_all_of_ours(client: OpenAI) -> None:
    with client.chat.completions.stream(model="pullquote", messages=LONG) as stream:
        message = stream.get_final_completion().choices[0].message
    whole = client.chat.completions.create(model="pullquote", messages=LONG).choices[0].message
    assert message.annotations == whole.annotations
    assert message.model_extra == whole.model_extra


def test_what_the_articles_do_not_say_is_said(client: OpenAI) -> None:
    message = client.chat.completions.create(model="pullquote", messages=WHO).choices[0].message
    assert (message.content or "").startswith(
        "Not found. The articles do not answer the question. In no article: won.\n\nNearest passages:"
    )
    assert (message.model_extra or {})["pullquote"]["status"] == "not_found"
    assert _streamed(client, WHO)[1].choices[0].delta.content == message.content


def test_history_and_options_reach_the_answerer(client: OpenAI, answerer: StandIn) -> None:
    first = client.chat.completions.create(model="pullquote", messages=LONG).choices[0].message
    client.chat.completions.create(
        model="pullquote",
        messages=[
            *LONG,
            {"role": "assistant", "content": first.content},
            {"role": "user", "content": "How long else?"},
        ],
        extra_body={"filters": {"articles": [TREATY.id]}, "max_citations": 2, "min_confidence": 0.5},
    )
    asked = answerer.asked[-1]
    assert asked.question == "How long else?"
    assert asked.history == (Turn("user", "How long does it run?"), Turn("assistant", QUOTE))
    assert (asked.filters, asked.max_citations, asked.min_confidence) == (Filters((TREATY.id,)), 2, 0.5)


@pytest.mark.parametrize("stream", [False, True])
def test_a_chore_is_done_without_a_search(client: OpenAI, answerer: StandIn, stream: bool) -> None:
    def said(prompt: str) -> str | None:
        messages: Any = [{"role": "user", "content": prompt}]
        if stream:
            return "".join(part.choices[0].delta.content or "" for part in _streamed(client, messages))
        return client.chat.completions.create(model="pullquote", messages=messages).choices[0].message.content

    assert said(LIBRECHAT_TITLE) == TITLE
    assert said(OPEN_WEBUI_TAGS) == '{"tags": []}'
    assert not answerer.asked


@pytest.mark.parametrize(
    ("sent", "kind", "code", "message"),
    [
        ({"model": "gpt-4o"}, openai.NotFoundError, "unknown_model", "model: there is no 'gpt-4o' here"),
        ({"messages": []}, openai.UnprocessableEntityError, "invalid_request", "messages: "),
        (
            {"messages": [{"role": "user", "content": " "}]},
            openai.UnprocessableEntityError,
            "invalid_question",
            "question: there is nothing in it",
        ),
        ({"n": 3}, openai.UnprocessableEntityError, "invalid_request", "n: "),
        ({"extra_body": {"max_citations": 0}}, openai.UnprocessableEntityError, "invalid_request", "max_citations: "),
        ({"user": "x" * 300_000}, openai.APIStatusError, "body_too_large", "the body is over"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_keeps_its_status_and_the_client_shows_its_words(
    client: OpenAI,
    answerer: StandIn,
    sent: dict[str, Any],
    kind: type[Exception],
    code: str,
    message: str,
    stream: bool,
) -> None:
    with pytest.raises(kind, match=message) as caught:
        client.chat.completions.create(**{"model": "pullquote", "messages": LONG, "stream": stream, **sent})
    assert isinstance(caught.value, openai.APIStatusError)
    assert caught.value.code == code
    assert not answerer.asked


def test_what_fails_in_mid_stream_is_raised_by_the_client(client: OpenAI, answerer: StandIn) -> None:
    answerer.failure = IndexBusy("the index is being written")
    with pytest.raises(openai.APIError, match="the index is being written") as caught:
        _streamed(client, LONG)
    assert caught.value.code == "index_busy"
    with pytest.raises(openai.InternalServerError, match="the index is being written"):
        client.chat.completions.create(model="pullquote", messages=LONG)


def test_more_than_can_wait_is_refused_and_a_client_that_leaves_frees_its_place() -> None:
    answerer = StandIn()
    answerer.held.clear()
    with serving(answerer, load_settings({"queue": 0})) as url, _client(url) as client:
        stream = client.chat.completions.create(model="pullquote", messages=LONG, stream=True)
        assert next(iter(stream)).choices[0].delta.role == "assistant"
        with pytest.raises(openai.InternalServerError, match="ask again") as refused:
            client.chat.completions.create(model="pullquote", messages=LONG, stream=True)
        assert refused.value.status_code == 503
        assert refused.value.response.headers["retry-after"] == "1"
        stream.close()
        answerer.held.set()

        def is_free() -> bool:
            try:
                return len(_streamed(client, LONG)) == 3
            except openai.InternalServerError:
                return False

        until(is_free)


def test_many_streams_at_once_are_each_whole() -> None:
    with (
        serving(StandIn(), load_settings({"concurrency": 2, "queue": 100})) as url,
        _client(url) as client,
        ThreadPoolExecutor(16) as pool,
    ):
        asked: list[Any] = [[{"role": "user", "content": f"How long, {number}?"}] for number in range(32)]
        for messages, parts in zip(asked, pool.map(lambda each: _streamed(client, each), asked), strict=True):
            assert [part.choices[0].finish_reason for part in parts] == [None, None, "stop"]
            ours = (parts[1].choices[0].delta.model_extra or {})["pullquote"]
            assert ours["question"] == messages[0]["content"]


def test_the_readmes_example_runs(client: OpenAI, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    section = readme.partition("## From an OpenAI client\n")[2].partition("\n## ")[0]
    (example,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert "http://127.0.0.1:8000/v1" in example
    exec(example.replace("http://127.0.0.1:8000/v1", str(client.base_url)), {})  # noqa: S102 - the README's own code
    content, quote = capsys.readouterr().out.rsplit("\n", 2)[:2]
    assert content.startswith(f"**{QUOTE}** [1]\n")
    assert quote == QUOTE
