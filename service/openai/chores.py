"""Chores that chat clients give a model beside the questions: a title for the conversation, tags, follow-ups. Pure.

Open WebUI and LibreChat send them to the model the person talks to. They are no questions to the articles: searching
would cost a turn and put nonsense into the client's side bar. They are known by their build, which has outlived many
wordings: one message alone, that holds a transcript and asks for something about it. A title is the person's own
question, shortened; for the rest there is an honest nothing, in the form asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from service.openai.questions import text_of
from service.openai.schemas import ChatCompletionRequest, ChatMessage

_TITLE_CHARS = 60
# Instructions of all clients are far shorter; what is searched for them is bounded.
_INSTRUCTION_CHARS = 8_000
_OPENING, _CLOSING = "<chat_history>", "</chat_history>"
# What is asked for, by the key of the JSON it is to come in, and what is answered: all but the title is empty.
_EMPTY: Mapping[str, object] = {"tags": [], "follow_ups": [], "queries": [], "text": "", "prompt": ""}
_KEY = re.compile(r'\{\s*"(title|' + "|".join(_EMPTY) + r')"\s*:')
_ASKS = re.compile(
    r"\b(?:generate|create|write|give|provide|suggest|make|come up with)\b.{0,200}?\b(title|tags?|follow.?ups?)\b",
    re.IGNORECASE | re.DOTALL,
)
_TURN = re.compile(r"^(?:\|\|>)?[ \t]*(user|human|ai|assistant|response)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_HEAD = re.compile(r"^conversation:[ \t]*$", re.IGNORECASE | re.MULTILINE)
_CONVERSATION = re.compile(r"\b(?:conversation|chat)\b", re.IGNORECASE)
_PERSON = frozenset({"user", "human"})


def chore_reply(request: ChatCompletionRequest) -> str | None:
    """The reply to a chore; None if the request is a question."""
    prompt = _alone(request.messages)
    if prompt is None:
        return None
    instruction, transcript, is_marked = _taken_apart(prompt)
    turns = _turns(transcript)
    both_speak = len({is_person for is_person, _ in turns}) == 2
    if not instruction.strip() or not (is_marked or both_speak or _CONVERSATION.search(instruction)):
        return None
    if key := _KEY.search(instruction):
        wanted = key[1]
        return json.dumps({wanted: _EMPTY.get(wanted, _title(turns, transcript))}, ensure_ascii=False)
    asked = _ASKS.search(instruction)
    if asked is None:
        return None
    if asked[1].lower() != "title":
        return "[]"
    title = _title(turns, transcript)
    wants_json = request.response_format is not None and request.response_format.type != "text"
    return json.dumps({"title": title}, ensure_ascii=False) if wants_json else title


def _alone(messages: Sequence[ChatMessage]) -> str | None:
    """The text of the one message that is not the system's, or of a system message that stands alone."""
    said = [each for each in messages if each.role not in ("system", "developer")] or messages[-1:]
    return text_of(said[0]) if len(said) == 1 and said[0].role != "assistant" else None


def _taken_apart(prompt: str) -> tuple[str, str, bool]:
    """What is asked, the transcript it is asked about, and whether that stands between marks."""
    opening, closing = prompt.find(_OPENING), prompt.rfind(_CLOSING)
    if 0 <= opening < closing:
        instruction = prompt[:opening] + prompt[closing + len(_CLOSING) :]
        return instruction[:_INSTRUCTION_CHARS], prompt[opening + len(_OPENING) : closing], True
    first = _HEAD.search(prompt) or _TURN.search(prompt)
    at = first.start() if first else 0
    return prompt[: min(at, _INSTRUCTION_CHARS)], _HEAD.sub("", prompt[at:], count=1), False


def _turns(transcript: str) -> list[tuple[bool, str]]:
    """Whether the person said it, and what was said, in turn."""
    found = list(_TURN.finditer(transcript))
    ends = [*(each.start() for each in found), len(transcript)][1:]
    return [(each[1].lower() in _PERSON, transcript[each.end() : end]) for each, end in zip(found, ends, strict=True)]


def _title(turns: Sequence[tuple[bool, str]], transcript: str) -> str:
    asked = (text for is_person, text in turns if is_person and text.strip(' \t\n"'))
    said = next(asked, "" if turns else transcript)
    title = " ".join(said[:1_000].split()).strip(' "')
    if len(title) <= _TITLE_CHARS:
        return title or "Conversation"
    cut = title[: _TITLE_CHARS - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:.") + "…"
