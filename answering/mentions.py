"""What a question or an answer talks about: its names and noun phrases, and what their form tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from answering.english import (
    DETERMINERS,
    FEMALE,
    GROUPS,
    MALE,
    MONTHS,
    NO_PERSON,
    PEOPLE,
    PLACING,
    PREPOSITIONS,
    SUPPORT,
    TEXTS,
    TIMES,
    TITLES,
    TO_BE,
    Word,
    words_of,
)
from answering.phrases import ENDINGS, is_predicate, phrase_end

# "Spanish", "Chinese": said of something, mostly; a name rarely.
_OF_PEOPLES = ("ish", "ese")


class Kind(Enum):
    """What a phrase stands for, as far as its form tells."""

    PERSON = "person"
    PLACE = "place"
    THING = "thing"
    TIME = "time"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Mention:
    """One phrase.

    Attributes:
        text: as it stands.
        kind: ``NAME`` is a name of no known kind.
        plural: whether it is several.
        female: None where nothing tells.
        start: where it begins in its text.
        end: where it ends.
    """

    text: str
    kind: Kind
    plural: bool
    female: bool | None
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        """Whether it has a capital beyond a leading article."""
        return any(word[:1].isupper() for word in self.text.split() if word.lower() not in DETERMINERS)

    @property
    def is_whole_name(self) -> bool:
        """Whether it is a name alone, nothing of its bearer's ("Hume", not "Hume's father")."""
        return self.is_name and "'" not in self.text and "’" not in self.text


def mentions(text: str) -> list[Mention]:
    """The phrases of ``text``, in order; what a phrase is of ("Iran" in "the capital of Iran") comes before it."""
    words = words_of(text)
    found: list[Mention] = []
    at = 0
    while at < len(words):
        end = phrase_end(words, at)
        if end > at and is_predicate(words, at, end):
            at += 1
            continue
        if end > at:
            found += (_in_place(each, found, words, at, end) for each in _parts(text, words, at, end))
        at = max(end, at + 1)
    return found


def _in_place(mention: Mention, found: Sequence[Mention], words: Sequence[Word], at: int, end: int) -> Mention:
    """The mention as a place, if it follows one: "Illinois" in "at Cairo, Illinois"."""
    closes = end == len(words) or not words[end].is_word
    follows = closes and at > 0 and words[at - 1].text == "," and found and found[-1].end == words[at - 1].start
    return replace(mention, kind=Kind.PLACE) if follows and found[-1].kind is Kind.PLACE else mention


def _parts(text: str, words: Sequence[Word], at: int, end: int) -> list[Mention]:
    cuts = [n for n in range(at + 1, end - 1) if words[n].lower in ENDINGS]
    spans = [(at, cuts[0])] if cuts else []
    if not cuts:
        spans = [(n + 1, end) for n in range(at + 1, end - 1) if words[n].lower == "of"][:1]
    parts = (_mention(text, words, *span) for span in [*spans, (at, end)] if span[1] > span[0])
    return [part for part in parts if part is not None]


def _ends_clause(words: Sequence[Word], end: int) -> bool:
    return end == len(words) or words[end].lower not in PREPOSITIONS


def _mention(text: str, words: Sequence[Word], at: int, end: int) -> Mention | None:
    own = words[at:end]
    content = [word for word in own if word.lower not in DETERMINERS]
    if not content or all(word.lower in TEXTS for word in content):
        return None
    # Without a determiner or a capital, one word that ends like a verb is one.
    if own[0] is content[0] and len(content) == 1 and not content[0].is_capitalised:
        before = words[at - 1].lower if at > 0 else ""
        is_plural = _is_plural(content, False) and not content[0].lower.endswith("ed")
        is_asked_for = before in TO_BE and words[0].lower in {"what", "who"} and _ends_clause(words, end)
        if not is_plural and not is_asked_for and before not in SUPPORT | PREPOSITIONS and len(words) > 1:
            return None
    if len(own) == 1 and len(own[0].text) > 6 and own[0].text.endswith(_OF_PEOPLES):
        return None
    if own[0].lower in {"his", "her", "its", "their", "my", "your", "our", "this", "that", "these", "those"}:
        return None
    before = words[at - 1].lower if at > 0 else ""
    start, stop = own[0].start, own[-1].end
    return Mention(
        text[start:stop],
        _kind(own, content, before),
        _is_plural(content, own[0].lower == "the"),
        _female(content),
        start,
        stop,
    )


def _kind(own: Sequence[Word], content: Sequence[Word], before: str) -> Kind:
    owned = [number for number, word in enumerate(content) if word.lower in ENDINGS]
    content = content[owned[-1] + 1 :] if owned else content
    if not content:
        return Kind.THING
    lower = {word.lower for word in content}
    capitals = [word for word in content if word.is_capitalised]
    head = _head(content).lower
    if (lower & MONTHS and capitals) or all(word.text[0].isdigit() for word in content) or head in TIMES:
        return Kind.TIME
    if content[0].lower in TITLES or head in PEOPLE:
        return Kind.PERSON
    if not capitals or lower & NO_PERSON or own[0].lower == "the" or (len(capitals) == 1 and capitals[0].is_acronym):
        return Kind.THING
    return _kind_of_name(content, before)


def _kind_of_name(content: Sequence[Word], before: str) -> Kind:
    if before in PLACING:
        return Kind.PLACE
    is_full_name = sum(word.is_capitalised for word in content) > 1 and not any(word.is_acronym for word in content)
    return Kind.PERSON if is_full_name else Kind.NAME


def _head(content: Sequence[Word]) -> Word:
    for number, word in enumerate(content):
        if number and word.lower in PREPOSITIONS:
            return content[number - 1]
    return content[-1]


def _is_plural(content: Sequence[Word], has_article: bool) -> bool:
    head = _head(content)
    if any(word.lower in {"and", "&"} and word.start > head.start for word in content[:2]) or (
        head is content[-1] and any(word.lower in {"and", "&"} and content[-1].is_capitalised for word in content)
    ):
        return True
    if head.is_capitalised and not has_article:
        return False
    return head.lower in GROUPS or (head.lower.endswith("s") and not head.lower.endswith(("ss", "us", "is", "ics")))


def _female(content: Sequence[Word]) -> bool | None:
    lower = {word.lower for word in content}
    if lower & FEMALE:
        return True
    return False if lower & MALE else None
