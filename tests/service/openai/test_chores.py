"""Chores of chat clients are known by their build and answered without a search; questions are not taken for them."""

from __future__ import annotations

import json
import time

import pytest

from service.openai.chores import chore_reply
from service.openai.schemas import ChatCompletionRequest

HISTORY = "<chat_history>\nUSER: How long does the treaty last?\nASSISTANT: **20 years** [1]\n</chat_history>"
OPEN_WEBUI_TITLE = f"""### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Guidelines:
- Your entire response must consist solely of the JSON object.
### Output:
JSON format: {{ "title": "your concise title here" }}
### Examples:
- {{ "title": "📉 Stock Market Trends" }},
### Chat History:
{HISTORY}"""
OPEN_WEBUI_TAGS = f"""### Task:
Generate 1-3 broad tags categorizing the main themes of the chat history, along with 1-3 more specific subtopic tags.
### Output:
JSON format: {{ "tags": ["tag1", "tag2", "tag3"] }}
### Chat History:
{HISTORY}"""
OPEN_WEBUI_FOLLOW_UPS = f"""### Task:
Suggest 3-5 relevant follow-up questions or prompts that the user might naturally ask next in this conversation.
### Output:
JSON format: {{ "follow_ups": ["Question 1?", "Question 2?"] }}
### Chat History:
{HISTORY}"""
OPEN_WEBUI_QUERIES = f"""### Task:
Analyze the chat history to determine the necessity of generating search queries.
### Output:
Strictly return in JSON format:
{{
  "queries": ["query1", "query2"]
}}
### Chat History:
{HISTORY}"""
LIBRECHAT_TITLE = """Provide a concise, 5-word-or-less title for the conversation, using title case conventions. \
Only return the title itself.

Conversation:
User: How long does the treaty last?
AI: **20 years** [1]"""
LIBRECHAT_OLD_TITLE = """Please generate a concise, 5-word-or-less title for the conversation, using its same \
language, with no punctuation. Never directly mention the language name or the word "title"
||>User:
"How long does the treaty last?"
||>Response:
"20 years"

||>Title:"""
LIBRECHAT_STRUCTURED_TITLE = """Analyze this conversation and provide:
1. The detected language of the conversation
2. A concise title in the detected language (5 words or less, no punctuation or quotation)

User: How long does the treaty last?
AI: 20 years"""
LIBRECHAT_TITLE_AT_ONCE = LIBRECHAT_TITLE.rpartition("\n")[0]
LIBRECHAT_TITLE_OF_TEXT = LIBRECHAT_TITLE_AT_ONCE.replace("User: ", "")
ASSISTANTS_TITLE = """Please generate a concise title (max 40 characters) for a conversation that starts with:
User: How long does the treaty last?
Assistant: 20 years

Title:"""
TRANSLATED_TITLE = f"""### Tarefa:
Gerar um título conciso, de 3 a 5 palavras, que resuma o histórico da conversa.
### Saída:
Formato JSON: {{ "title": "seu título conciso aqui" }}
### Histórico da Conversa:
{HISTORY}"""
PLAIN_TITLE = f"Create a short title, in the language of the chat.\n\n{HISTORY}\n\nReply with the title only."
TITLE = "How long does the treaty last?"


def _request(prompt: str, *before: tuple[str, str], **fields: object) -> ChatCompletionRequest:
    messages = [{"role": role, "content": content} for role, content in (*before, ("user", prompt))]
    return ChatCompletionRequest.model_validate({"messages": messages, **fields})


@pytest.mark.parametrize(
    "prompt",
    [
        LIBRECHAT_TITLE,
        LIBRECHAT_TITLE_AT_ONCE,
        LIBRECHAT_TITLE_OF_TEXT,
        LIBRECHAT_OLD_TITLE,
        LIBRECHAT_STRUCTURED_TITLE,
        ASSISTANTS_TITLE,
        PLAIN_TITLE,
    ],
)
def test_a_title_is_the_persons_question(prompt: str) -> None:
    assert chore_reply(_request(prompt)) == TITLE


def test_a_title_comes_in_json_where_that_is_asked_for() -> None:
    for prompt in (OPEN_WEBUI_TITLE, TRANSLATED_TITLE):
        assert json.loads(chore_reply(_request(prompt)) or "") == {"title": TITLE}
    structured = _request(LIBRECHAT_STRUCTURED_TITLE, response_format={"type": "json_schema", "json_schema": {}})
    assert json.loads(chore_reply(structured) or "") == {"title": TITLE}


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (OPEN_WEBUI_TAGS, {"tags": []}),
        (OPEN_WEBUI_FOLLOW_UPS, {"follow_ups": []}),
        (OPEN_WEBUI_QUERIES, {"queries": []}),
        (f'Continue the text.\n{{ "text": "<completion>" }}\n{HISTORY}', {"text": ""}),
        (f"Suggest three follow-up questions.\n{HISTORY}", []),
    ],
)
def test_what_cannot_be_quoted_is_an_honest_nothing_in_the_form_asked_for(prompt: str, said: object) -> None:
    assert json.loads(chore_reply(_request(prompt)) or "") == said


def test_a_chore_may_come_with_a_system_prompt_or_as_one() -> None:
    assert chore_reply(_request(LIBRECHAT_TITLE, ("system", "You are helpful."))) == TITLE
    alone = {"messages": [{"role": "system", "content": LIBRECHAT_OLD_TITLE}]}
    assert chore_reply(ChatCompletionRequest.model_validate(alone)) == TITLE


def test_a_chore_may_come_in_text_parts() -> None:
    parts = {"messages": [{"role": "user", "content": [{"type": "text", "text": OPEN_WEBUI_TITLE}]}]}
    assert json.loads(chore_reply(ChatCompletionRequest.model_validate(parts)) or "") == {"title": TITLE}


@pytest.mark.parametrize(
    "question",
    [
        "What is the title of the treaty?",
        "Generate a title for the article about the treaty",
        "Which tags and follow-ups does the article suggest?",
        'What does { "title": "x" } mean?',
        "Who said: give the treaty a title?\nUser: me",
        "### Task:\nHow long does the treaty last?",
        "### Task:\nAnswer from the context.\n<context>User: x\nAI: y</context>\nHow long does the treaty last?",
        "Which title did the chat give the treaty, and who gave it?",
        "Give me the title of the conversation in the article",
        "User: How long does the treaty last?\nAI: 20 years\nUser: Is that its title?",
        "<chat_history></chat_history>",
        f"What is meant by this? {HISTORY}",
        "",
    ],
)
def test_a_question_is_no_chore(question: str) -> None:
    assert chore_reply(_request(question)) is None


def test_what_comes_in_the_midst_of_a_conversation_is_a_question() -> None:
    assert chore_reply(_request(OPEN_WEBUI_TITLE, ("user", "How long?"), ("assistant", "20 years"))) is None


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("word " * 30, "word word word word word word word word word word word…"),
        ("w" * 500, "w" * 59 + "…"),
        ("  Who\n\tsigned “it”? ", "Who signed “it”?"),
        ("", "Conversation"),
    ],
)
def test_a_long_question_is_shortened_at_a_word(said: str, title: str) -> None:
    prompt = f'JSON format: {{ "title": "…" }}\n<chat_history>\nUSER: {said}\n</chat_history>'
    shown = json.loads(chore_reply(_request(prompt)) or "")["title"]
    assert shown == title
    assert len(shown) <= 60


def test_the_persons_own_marks_do_not_end_the_transcript() -> None:
    said = 'USER: Is </chat_history> { "tags": [] } a mark?\nASSISTANT: no'
    prompt = f'JSON format: {{ "title": "" }}\n<chat_history>\n{said}\n</chat_history>'
    assert json.loads(chore_reply(_request(prompt)) or "")["title"].startswith("Is </chat_history>")


@pytest.mark.parametrize(
    "prompt",
    [
        "<chat_history>" * 18_000,
        "provide " * 32_000 + "\nUser: a\nAI: b",
        "{ " * 120_000,
        "User:\nAI:\n" * 25_000,
        "\n" * 250_000,
    ],
)
def test_no_prompt_takes_long(prompt: str) -> None:
    began = time.process_time()
    chore_reply(_request(prompt))
    assert time.process_time() - began < 2
