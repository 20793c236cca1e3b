"""Follow-up questions made to stand alone, by rule: pronouns get their names, elliptical questions their clause.

``stand_alone`` walks through the conversation once. Every turn of the user's is made to stand alone by what came
before it, so that a name said at the start reaches the fifth "he". The rules are English; a question that none of
them fits, in whatever language, is left as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from answering.bridging import completed
from answering.ellipsis import bare, filled, swapped
from answering.english import ASKING, AUXILIARIES, COMMANDS, FOREIGN, NO_ANSWER, SUPPORT, words_of
from answering.mentions import Kind, Mention, mentions
from answering.pronouns import Known, Meant, resolved
from answering.types import Turn
from corpus.text import normalise

# A question this long says what it is about, and a history longer than this is looked at from its end.
_MOST_QUESTION_CHARS = 400
_MOST_ANSWER_CHARS = 200
_MOST_TURNS = 20
_MOST_REMEMBERED = 40

_LEADING = re.compile(r"(?:(?:and|but|so|ok|okay|also|well)\b[\s,]*)+(?=\w)", re.IGNORECASE)
_ABOUT = re.compile(r"(?:(?:what|how) about|and what of|and)\s+(\S.*?)[\s?.!]*$", re.IGNORECASE)
_MARKDOWN = re.compile(r"^[\s>#*_\-]+|[*_`]{1,3}|\[\d+\]|\s*[*_\s]+$")


@dataclass(frozen=True, slots=True)
class _Focus:
    """What the conversation is about so far.

    Attributes:
        question: the last one, stand-alone; "" before the first.
        answer: its answer's words; "" if there was none.
        remembered: mentions of the turns before, the latest turn's first.
        topic: the first thing that was named.
        meant: what the last question's pronouns were taken to mean.
    """

    question: str = ""
    answer: str = ""
    remembered: tuple[Mention, ...] = ()
    topic: Mention | None = None
    meant: Meant = field(default_factory=dict)


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """``question`` in words that need no history; itself, if it needs none or no rule helps.

    Only the last 20 turns count. Time is linear in their number; of each turn only the beginning is looked at.
    """
    focus = _Focus()
    for turn in history[-_MOST_TURNS:]:
        if turn.role == "user":
            focus = _asked(focus, normalise(turn.content[: 2 * _MOST_QUESTION_CHARS]).strip())
        else:
            focus = replace(focus, answer=_gist(turn.content))
    return _rewritten(question, focus)[0]


def _gist(content: str) -> str:
    """The first line of an answer without Markdown's marks; "" if it says that there is none."""
    lines = (_MARKDOWN.sub("", line).strip() for line in normalise(content[: 4 * _MOST_ANSWER_CHARS]).splitlines())
    line = next((line for line in lines if line), "")
    return "" if NO_ANSWER.match(line) else line[:_MOST_ANSWER_CHARS]


def _asked(focus: _Focus, question: str) -> _Focus:
    """The focus after ``question`` of the user's."""
    if len(question) > _MOST_QUESTION_CHARS or not _is_english(question):
        return replace(focus, answer="")
    alone, meant = _rewritten(question, focus)
    remembered = (*_said(focus), *focus.remembered)[:_MOST_REMEMBERED]
    named = [each for each in mentions(alone) if each.kind is not Kind.TIME]
    topic = focus.topic
    if topic is None or not topic.is_name:
        topic = next((each for each in named if each.is_name), topic or next(iter(named), None))
    if not any(each.is_name for each in mentions(question)):
        meant = {**focus.meant, **meant}
    return _Focus(alone, "", remembered, topic, meant)


def _said(focus: _Focus) -> list[Mention]:
    """The mentions of the last exchange, likeliest to be spoken of first."""
    asked, answered = mentions(focus.question), _answered(focus)
    words = words_of(focus.question)
    first = words[0].lower if words else ""
    if len(words) > 1 and first in ASKING:
        # "Which cities did the band visit?": what is asked for has no name yet.
        asked.sort(key=lambda each: each.start == words[1].start)
    asks_for_object = first == "what" and len(words) > 1 and words[1].lower in SUPPORT
    if answered and (asks_for_object or first in {"who", "whom", "which", "whose"}):
        # What was asked for is what is now spoken of, unless the question was about a person to begin with.
        people = [each for each in asked if each.kind is Kind.PERSON and each.text[0].isupper()]
        return [*people, *answered, *asked]
    return [*asked, *answered]


def _answered(focus: _Focus) -> list[Mention]:
    found = mentions(focus.answer)
    if not focus.question.lower().startswith("where"):
        return found
    return [replace(each, kind=Kind.PLACE) if each.is_name else each for each in found]


def _rewritten(question: str, focus: _Focus) -> tuple[str, Meant]:
    """The stand-alone question, and what its pronouns were taken to mean."""
    if not focus.question or len(question) > _MOST_QUESTION_CHARS or not _is_english(question):
        return question, {}
    leading = _LEADING.match(question)
    shorter = question[leading.end() :] if leading else question
    asking = bare(shorter)
    if asking is not None:
        return filled(asking, focus.question, focus.answer.rstrip(" .,;:")) or question, focus.meant
    known = Known(_said(focus), _by_frequency(focus.remembered), _answered(focus), focus.topic, focus.meant)
    about = _ABOUT.match(question)
    if about and words_of(about[1])[0].lower not in ASKING | AUXILIARIES | COMMANDS:
        other, meant = resolved(about[1], known)
        return swapped(focus.question, other) or _joined(question, other, _whole(focus)), meant
    named, meant = resolved(shorter, known)
    if named == shorter and not meant:
        named = completed(shorter, _whole(focus), f"{focus.question} {focus.answer}")
    return (question if named == shorter else named[:1].upper() + named[1:]), meant


def _whole(focus: _Focus) -> Mention | None:
    """What a part is most likely a part of: the last question's name, or its first thing."""
    asked = [each for each in mentions(focus.question) if each.kind is not Kind.TIME]
    return next((each for each in asked if each.is_name), next(iter(asked), focus.topic))


def _joined(question: str, other: str, whole: Mention | None) -> str:
    if whole is None or len(words_of(other)) > 3 or any(each.is_name for each in mentions(other)):
        return question
    return f"What about {other} and {whole.text}?"


def _by_frequency(remembered: Sequence[Mention]) -> list[Mention]:
    """What was named most often first: whom a conversation is about. A name counts by its last word."""
    last = [each.text.split()[-1] if each.is_name else each.text for each in remembered]
    counts = Counter(last)
    order = sorted(range(len(last)), key=lambda at: -counts[last[at]])
    return [remembered[at] for at in order]


def _is_english(question: str) -> bool:
    opening = [word.lower for word in words_of(question)[:6]]
    if not FOREIGN.isdisjoint(word.text for word in words_of(question)[:6]):
        return False
    return any(
        word in ASKING | AUXILIARIES | COMMANDS or word in {"and", "any", "anything", "anyone"} for word in opening
    )
