"""Questions that leave out what the last one said: "Why?", "How long?", "Who else?", "And in Iran?", "What about gas?".

The last question lends its clause. Where its own asking word was the subject, or the object, the answer takes that
place: "Who signed the treaty?" - "Putin" - "When?" becomes "When was it that Putin signed the treaty?", a form that
needs no verb to be inflected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from answering.english import (
    ASKING,
    AUXILIARIES,
    DETERMINERS,
    PREPOSITIONS,
    SUPPORT,
    VERBS,
    Word,
    words_of,
)
from answering.mentions import Kind, Mention, mentions

_MOST_BARE_WORDS = 5
_MOST_ANSWER_CHARS = 60
_MOST_SWAPPED_WORDS = 8
_EVENT = re.compile(
    r"(when|where|why|how) (?:did|does|will|has|was) (?:it|this|that) (?:happen(?:ed)?|take place|occur|done)[\s?.!]*",
    re.IGNORECASE,
)
_SOMEONE = {"who": "someone", "whom": "someone"}
_CIRCUMSTANCE = frozenset({"when", "where", "why", "how"})
_FOLLOWERS = frozenset(
    {"else", "exactly", "so", "come", "long", "many", "much", "often", "far", "old", "big", "large", "not"}
)


@dataclass(frozen=True, slots=True)
class _Clause:
    """A question taken apart: "how many soldiers" + "does" + "Iran have"."""

    asking: tuple[Word, ...]
    auxiliary: str
    rest: str


def bare(question: str) -> str | None:
    """The asking words, if ``question`` is nothing else ("And since when?" gives "since when"); None if it is more.

    "Where did it happen?" is nothing else either.
    """
    event = _EVENT.fullmatch(question.strip())
    return event[1] if event else _bare(question)


def _bare(question: str) -> str | None:
    words = [word for word in words_of(question) if word.is_word]
    lower = [word.lower for word in words]
    if not words or len(words) > _MOST_BARE_WORDS:
        return None
    opens = 1 if lower[0] in PREPOSITIONS and len(lower) > 1 else 0
    if lower[opens] not in ASKING:
        return None
    rest = lower[opens + 1 :]
    if any(word in AUXILIARIES | VERBS | DETERMINERS | PREPOSITIONS for word in rest):
        return None
    if rest and rest[0] not in _FOLLOWERS:
        # "Which country?"; but "What empires survived?" is a question.
        is_noun = len(rest) == 1 and lower[opens] in {"which", "what", "whose"} and not rest[0].endswith("ed")
        return " ".join(word.text for word in words) if is_noun else None
    if len(rest) > 2:
        return None
    return " ".join(word.text for word in words).removesuffix(" exactly").removesuffix(" not").removesuffix(" so")


def filled(asking: str, question: str, answer: str) -> str | None:
    """``asking`` before the clause of the stand-alone ``question``, with ``answer`` ("" for none) in its gap."""
    clause = _taken_apart(question)
    if clause is None:
        return None
    first = clause.asking[0].lower if clause.asking else ""
    own = " ".join(word.text for word in clause.asking)
    if asking.lower().endswith(" else") and asking.lower().split()[0] == first:
        return _sentence(f"{asking} {question[clause.asking[-1].end :].strip(' ?.!')}")
    if asking.lower() == own.lower():
        return question
    noun = " ".join(word.text for word in clause.asking[1:] if word.lower not in _FOLLOWERS)
    if clause.auxiliary and (not first or (first in _CIRCUMSTANCE and not noun)):
        return _sentence(f"{asking} {clause.auxiliary} {clause.rest}")
    known = answer if 0 < len(answer) <= _MOST_ANSWER_CHARS else noun
    gap = known or _SOMEONE.get(first, "something")
    if not clause.auxiliary:
        words = f"{asking} was it that {gap} {clause.rest}"
    elif clause.auxiliary.lower() in SUPPORT and not clause.rest.startswith("be "):
        # An object that nobody named is better left out: "When did Iran sell?"
        words = f"{asking} {clause.auxiliary} {clause.rest} {known}"
    else:
        words = f"{asking} {clause.auxiliary} {gap} {clause.rest}"
    return _sentence(words)


def swapped(question: str, other: str) -> str | None:
    """The stand-alone ``question`` asked about ``other`` ("Iran", "in the summer"); None if it has no place for it."""
    words = words_of(other)
    if not words or len(words) > _MOST_SWAPPED_WORDS:
        return None
    if words[0].lower in PREPOSITIONS:
        return _with_circumstance(question, other, words[0].lower)
    place = _slot(question, other)
    if place is None:
        return None
    return _sentence(question[: place.start] + other + question[place.end :])


def _slot(question: str, other: str) -> Mention | None:
    """The phrase of ``question`` that ``other`` is most like: a name's for a name, else one that begins likewise."""
    found = mentions(question)
    words = [word for word in words_of(other) if word.lower not in DETERMINERS]
    if any(word.is_capitalised for word in words):
        kinds = {each.kind for each in mentions(other)} - {Kind.NAME}
        names = [each for each in found if each.is_name]
        # "And Pezeshkian?" after what both said.
        names = [each for each in names if other.lower() in each.text.lower()] or names
        return min(
            [each for each in names if each.kind in kinds] or names, key=lambda each: len(each.text), default=None
        )
    opens, head = words_of(other)[0].lower in DETERMINERS, words_of(other)[-1].lower
    alike = [each for each in found if not each.is_name and (each.text.split()[0].lower() in DETERMINERS) is opens]
    return next((each for each in alike if each.text.lower().endswith(head)), alike[-1] if alike else None)


def _with_circumstance(question: str, other: str, preposition: str) -> str:
    body = question.rstrip(" ?.!")
    for mention in mentions(body):
        before = words_of(body[: mention.start])
        if before and before[-1].lower == preposition:
            return _sentence(body[: before[-1].start] + other + body[mention.end :])
    return _sentence(f"{body} {other}")


def _taken_apart(question: str) -> _Clause | None:
    body = question.rstrip(" ?.!")
    words = words_of(body)
    if not words:
        return None
    if words[0].lower in AUXILIARIES:
        return _Clause((), words[0].lower, body[words[0].end :].strip())
    opens = 1 if words[0].lower in PREPOSITIONS and len(words) > 1 else 0
    if words[opens].lower not in ASKING:
        return None
    for at in range(opens + 1, min(len(words), opens + 6)):
        word = words[at]
        if word.lower in AUXILIARIES:
            auxiliary = "is" if word.lower in {"'s", "’s"} else word.text
            return _Clause(tuple(words[opens:at]), auxiliary, body[word.end :].strip())
        if at == opens + 1 and (word.lower in VERBS or word.lower.endswith("ed")):
            break
    verb = words[opens].end
    return _Clause((words[opens],), "", body[verb:].strip()) if words[opens].lower in {"who", "what"} else None


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(" ?.!")
    return text[:1].upper() + text[1:] + "?"
