"""``pullquote chat``: a conversation in the terminal. It keeps the turns, as a client of the HTTP API would."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TextIO

from answering.types import Answered, Ask, Outcome, Turn
from corpus.errors import PullquoteError
from corpus.text import normalise
from service.settings import Settings
from service.terminal import one_line, print_around, print_line, print_outcome
from service.translation import checked_question, to_response
from service.types import Answerer

_HELP = """\
Ask a question, or go on from the last one ("And when?").
  open N    the article around quote N
  /forget   begin a new conversation
  /help     this
  /quit     leave (so do Ctrl-D, and Ctrl-C at the prompt)"""
_PROMPT = "> "


@dataclass
class Conversation:
    """What was said so far, and what can be opened."""

    turns: list[Turn] = field(default_factory=list)
    last: Outcome | None = None

    def add(self, outcome: Outcome, settings: Settings) -> None:
        """Remember a question and its answer, and forget the oldest beyond what a request may carry."""
        answer = outcome.answer.text if isinstance(outcome, Answered) else ""
        self.turns += [Turn("user", outcome.question), Turn("assistant", answer)]
        self.last = outcome
        while self.turns and (
            len(self.turns) > settings.max_history_turns
            or sum(len(turn.content) for turn in self.turns) > settings.max_history_chars
        ):
            del self.turns[:2]

    def forget(self) -> None:
        """Begin anew."""
        self.turns.clear()
        self.last = None


def chat(answerer: Answerer, settings: Settings, *, as_json: bool, given: TextIO | None = None) -> None:
    """Answer line after line until there is no more, or the person leaves.

    With a terminal there is a prompt, and lines are recalled with the arrow keys where readline is at hand.
    Otherwise every line is a question, and with ``as_json`` every answer a line of JSON.

    Raises:
        KeyboardInterrupt: at Ctrl-C where there is no prompt.
    """
    source = given or sys.stdin
    interactive = source.isatty() and not as_json
    conversation = Conversation()
    if interactive:
        with contextlib.suppress(ImportError):
            # Importing it is what gives input() its history.
            importlib.import_module("readline")
        print_line("Ask the articles. /help lists what else you can type.")
    for line in _prompted() if interactive else source:
        said = normalise(line).strip()
        if said == "/quit":
            return
        try:
            if said:
                _answer(said, conversation, answerer, settings, as_json=as_json)
        except PullquoteError as error:
            _print_error(error, as_json=as_json)
        except KeyboardInterrupt:
            if not interactive:
                raise
            print_line("stopped")
        if interactive and said:
            print_line("")


def _prompted() -> Iterator[str]:
    while True:
        try:
            line = input(_PROMPT)
        except (EOFError, KeyboardInterrupt):
            print_line("")
            return
        yield line


def _answer(said: str, conversation: Conversation, answerer: Answerer, settings: Settings, *, as_json: bool) -> None:
    if not as_json and _obeyed(said, conversation, answerer):
        return
    ask = Ask(checked_question(said, settings), history=tuple(conversation.turns), asked_on=date.today())
    outcome = answerer.ask(ask)
    conversation.add(outcome, settings)
    if as_json:
        print_line(to_response(outcome, ask, settings).model_dump_json(), raw=True)
        return
    if outcome.searched != outcome.question:
        print_line(f"({one_line(outcome.searched)})")
    print_outcome(outcome)


def _obeyed(said: str, conversation: Conversation, answerer: Answerer) -> bool:
    """Whether ``said`` was a command, which is then done."""
    word, _, rest = said.partition(" ")
    if word.lower() == "open" and rest.strip().isdecimal():
        _open(int(rest), conversation.last, answerer)
    elif said == "/help":
        print_line(_HELP)
    elif said == "/forget":
        conversation.forget()
        print_line("Forgotten. The next question stands alone.")
    elif said.startswith("/"):
        print_line(f"{one_line(word)} is no command; /help lists them.")
    else:
        return False
    return True


def _open(number: int, last: Outcome | None, answerer: Answerer) -> None:
    shown = last.answer.citations if isinstance(last, Answered) else last.nearest if last else ()
    if not 1 <= number <= len(shown):
        print_line(f"There is no quote {number}; expected one from 1 to {len(shown)}." if shown else "Nothing to open.")
        return
    chosen = shown[number - 1]
    article = answerer.store.article(chosen.article_id)
    quoted = getattr(chosen, "quote", None) or getattr(chosen, "text", "")
    if article is None or chosen.span.slice(article.text) != quoted:
        print_line(f"{one_line(chosen.article_id)} has changed since; ask again.")
        return
    print_around(article, chosen.span)


def _print_error(error: PullquoteError, *, as_json: bool) -> None:
    if as_json:
        print_line(json.dumps({"error": {"code": error.code, "message": str(error)}}), raw=True)
    else:
        print_line(one_line(str(error)))
