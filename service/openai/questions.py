"""From a conversation to a question with its history. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from service.openai.replies import answer_in
from service.openai.schemas import ChatCompletionRequest, ChatMessage
from service.problems import invalid
from service.schemas import ChatRequest, Turn
from service.settings import Settings


def to_chat_request(request: ChatCompletionRequest, settings: Settings) -> ChatRequest:
    """The last user message as the question, and of what came before it as much as a history may hold.

    Clients send the whole conversation, however long; the oldest turns are left out. Of an earlier reply of this
    service only the answer is kept.

    Raises:
        Refused: 422 if there is no user message, or it holds anything but text.
    """
    messages = request.messages
    last = max((at for at, each in enumerate(messages) if each.role == "user"), default=None)
    if last is None:
        raise invalid("messages: none of them is the user's; expected the question in the last user message")
    content = messages[last].content
    for at, part in enumerate(content if isinstance(content, list) else ()):
        if part.type != "text":
            raise invalid(f"messages[{last}].content[{at}]: {part.type[:50]!r} cannot be read here; expected text")
    return ChatRequest(
        question=text_of(messages[last]),
        history=_history(messages[:last], settings),
        filters=request.filters,
        max_citations=request.max_citations,
        min_confidence=request.min_confidence,
        rewrite=request.rewrite,
        asked_on=request.asked_on,
    )


def text_of(message: ChatMessage) -> str:
    """The text of a message; what is no text is left out."""
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    return "\n".join(part.text or "" for part in message.content if part.type == "text")


def check_answerable(request: ChatCompletionRequest) -> None:
    """Refuse what a reply of quotes cannot be.

    Raises:
        Refused: 422 that names the field.
    """
    if request.n not in (None, 1):
        raise invalid(f"n: {request.n} replies cannot be given, the same question has one answer; expected 1")
    if isinstance(request.tool_choice, dict) or request.tool_choice == "required":
        raise invalid('tool_choice: no tool is ever called here; expected "auto" or "none"')
    if request.response_format is not None and request.response_format.type != "text":
        raise invalid(
            'response_format: replies are quotes and take no other form; expected "text". The message\'s field '
            "pullquote holds the answer as data"
        )


def _history(earlier: Sequence[ChatMessage], settings: Settings) -> list[Turn]:
    turns: list[Turn] = []
    left_chars = settings.max_history_chars
    for message in reversed(earlier):
        if message.role not in ("user", "assistant"):
            continue
        text = text_of(message)
        content = answer_in(text) if message.role == "assistant" else text
        left_chars -= len(content)
        if left_chars < 0 or len(turns) == settings.max_history_turns:
            break
        if content.strip():
            turns.append(Turn(role=message.role, content=content))
    return turns[::-1]
