"""The last user message is the question; of what came before, as much as a history may hold."""

from __future__ import annotations

from typing import Any

import pytest

from service.openai.questions import check_answerable, to_chat_request
from service.openai.schemas import ChatCompletionRequest
from service.problems import Refused
from service.schemas import ChatRequest, Filters, Turn
from service.settings import Settings, load_settings

USER = {"role": "user", "content": "How long?"}


def _asked(*messages: dict[str, Any], settings: Settings | None = None, **fields: object) -> ChatRequest:
    request = ChatCompletionRequest.model_validate({"messages": list(messages), **fields})
    return to_chat_request(request, settings or Settings())


def test_the_last_user_message_is_the_question_and_earlier_turns_the_history() -> None:
    asked = _asked(
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Who signed it?"},
        {"role": "assistant", "content": "**Two \\[old\\] presidents** [1] [2]\n\n1. “…”"},
        {"role": "tool", "content": "42", "tool_call_id": "x"},
        {"role": "assistant", "content": None, "tool_calls": []},
        USER,
        {"role": "assistant", "content": "It runs for"},
    )
    assert asked.question == "How long?"
    assert asked.history == [
        Turn(role="user", content="Who signed it?"),
        Turn(role="assistant", content="Two [old] presidents"),
    ]


def test_text_parts_are_one_question() -> None:
    parts = [{"type": "text", "text": "How"}, {"type": "text", "text": "long?", "cache_control": {}}]
    assert _asked({"role": "user", "content": parts}).question == "How\nlong?"


def test_the_options_of_ours_are_passed_on() -> None:
    asked = _asked(USER, filters={"sources": ["S"]}, max_citations=2, min_confidence=0, rewrite=False)
    assert (asked.filters, asked.max_citations, asked.min_confidence) == (Filters(sources=["S"]), 2, 0)
    assert asked.rewrite is False


def test_a_conversation_longer_than_a_history_may_be_loses_its_oldest_turns() -> None:
    earlier = [{"role": "user", "content": f"turn {number}"} for number in range(50)]
    few = _asked(*earlier, USER, settings=load_settings({"max_history_turns": 3}))
    assert [turn.content for turn in few.history] == ["turn 47", "turn 48", "turn 49"]
    short = _asked(*earlier, USER, settings=load_settings({"max_history_chars": 20}))
    assert [turn.content for turn in short.history] == ["turn 48", "turn 49"]
    assert _asked(*earlier, USER, settings=load_settings({"max_history_turns": 0})).history == []


def test_a_message_without_text_is_a_blank_question() -> None:
    assert _asked({"role": "user", "content": None}).question == ""
    assert _asked({"role": "user", "content": []}).question == ""


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([{"role": "system", "content": "x"}], "messages: none of them is the user's"),
        ([USER, {"role": "user", "content": [{"type": "image_url"}]}], r"messages\[1\].content\[0\]: 'image_url'"),
    ],
)
def test_what_holds_no_question_is_refused_by_its_place(messages: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(Refused, match=message):
        _asked(*messages)


def test_a_picture_in_an_earlier_turn_is_let_be() -> None:
    assert _asked({"role": "user", "content": [{"type": "image_url"}]}, USER).history == []


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"n": 2}, "n"),
        ({"n": 0}, "n"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format"),
    ],
)
def test_what_a_reply_of_quotes_cannot_be_is_refused_by_its_field(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(Refused, match=f"^{name}: "):
        check_answerable(ChatCompletionRequest.model_validate({"messages": [USER], **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"n": 1, "tool_choice": "auto", "response_format": {"type": "text"}},
        {"n": None, "tool_choice": None, "response_format": None, "stream": None, "stream_options": None},
        {"temperature": 9, "top_p": "x", "max_tokens": -1, "stop": 3, "seed": [], "logprobs": {}, "user": 1},
        {"tools": [{"type": "function"}], "tool_choice": "none", "functions": [], "logit_bias": {}, "metadata": {}},
    ],
)
def test_what_changes_nothing_here_is_let_be(fields: dict[str, Any]) -> None:
    check_answerable(ChatCompletionRequest.model_validate({"messages": [USER], **fields}))
