"""Pronouns of a question replaced by what they stand for in the conversation before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from answering.english import (
    ADVERBS,
    AUXILIARIES,
    CLAUSES,
    DETERMINERS,
    HE,
    PREPOSITIONS,
    PRONOUNS,
    SHE,
    TEXTS,
    TIMES,
    TO_BE,
    VERBS,
    Word,
    words_of,
)
from answering.mentions import Kind, Mention, mentions

_FORMS = {
    form: forms[0]
    for forms in (("he", *HE), ("she", *SHE), ("it", "its"), ("they", "them", "their", "theirs"))
    for form in forms
}
Fits = Callable[[Mention], bool]

_IT = frozenset({"it", "its"})
_THEY = frozenset({"they", "them", "their", "theirs"})
_POSSESSIVE = frozenset({"his", "her", "hers", "its", "their", "theirs"})
_BEHIND = AUXILIARIES | PREPOSITIONS | VERBS | ADVERBS
_SUBJECTS = frozenset({"he", "she", "they"})
_FINITE = AUXILIARIES | VERBS
_NO_NOUN = PRONOUNS | AUXILIARIES | PREPOSITIONS | VERBS | DETERMINERS | ADVERBS | CLAUSES | {"to"}
# "It" that stands for nothing: "is it true that", "how long does it take to", "what is it like to".
# "How long did it take to build?" ends with a verb that lacks its object, and that is "it".
_EMPTY_IT = re.compile(
    r"\b(?:is|was|be)\s+it\s+(?:\w+\s+){1,4}(?:to\s+\w+\s+\w|that\b)"
    r"|\bit\s+(?:is|was|be|takes?|took|costs?|means?)\s+(?:\w+\s+){0,3}(?:to\s+\w+\s+\w|that\b)"
    r"|\btime is it\b|\bit (?:rain|snow)",
    re.IGNORECASE,
)


Meant = dict[str, Mention]
Replacement = tuple[int, str, Mention]


@dataclass(frozen=True, slots=True)
class Known:
    """What a conversation offers a pronoun.

    Attributes:
        last: what the last exchange mentioned, likeliest first.
        before: what was mentioned before that, likeliest first.
        answered: what the last answer mentioned: what "that" points at.
        topic: what the conversation is about.
        meant: what the last question's pronouns meant, by their nominative.
    """

    last: Sequence[Mention]
    before: Sequence[Mention]
    answered: Sequence[Mention]
    topic: Mention | None
    meant: Meant

    @property
    def said(self) -> list[Mention]:
        """Everything, likeliest first."""
        return [*self.last, *self.before, *([self.topic] if self.topic else [])]


def resolved(question: str, known: Known) -> tuple[str, Meant]:
    """``question`` with a mention in place of each pronoun that it does not explain itself, and what those meant."""
    words = words_of(question)
    own = mentions(question)
    pieces: list[str] = []
    done, at = 0, 0
    meant: Meant = {}
    while at < len(words):
        pointed = _pointed(words, at, own, known)
        found = pointed or _personal(question, words, at, own, known)
        if found is None:
            at += 1
            continue
        after, text, mention = found
        # Once is enough: "Did he thank his family?" needs one name.
        if all(mention.text != each.text for each in meant.values()):
            pieces += [question[done : words[at].start], text]
            done = words[after - 1].end
        meant[_FORMS.get(words[at].lower, words[at].lower)] = mention
        at = after
    return "".join([*pieces, question[done:]]), meant


def _personal(
    question: str, words: Sequence[Word], at: int, own: Sequence[Mention], known: Known
) -> Replacement | None:
    """He, she, it, they and their forms: the word after, the text in their place, and whom it names."""
    lower = words[at].lower
    fits = _preferences(lower)
    if not fits or (lower == "it" and _is_empty(question, words, at)):
        return None
    possessive = lower in _POSSESSIVE and (lower != "her" or _is_noun(words, at + 1))
    is_subject = lower in _SUBJECTS or (lower == "it" and at + 1 < len(words) and words[at + 1].lower in _FINITE)
    if _explains(words, at, own, fits, possessive or is_subject):
        return None
    # Who was "he" a question ago still is, and is not "she".
    others = {each.text for form, each in known.meant.items() if {form, _FORMS[lower]} == {"he", "she"}}
    meant = known.meant.get(_FORMS[lower]) or _first([each for each in known.said if each.text not in others], *fits)
    if meant is None:
        return None
    text = _definite(meant.text)
    return at + 1, (_owner(text) if possessive else text), meant


def _is_empty(question: str, words: Sequence[Word], at: int) -> bool:
    start = words[at].start
    follows_do = at > 0 and words[at - 1].lower == "do"
    return follows_do or any(found.start() <= start < found.end() for found in _EMPTY_IT.finditer(question))


def _pointed(words: Sequence[Word], at: int, own: Sequence[Mention], known: Known) -> Replacement | None:
    """That, this one, these shows, there, then, the tower: as ``_personal``."""
    said = [*known.answered, *known.said]
    has_name = any(each.is_name for each in own)
    match words[at].lower:
        case "there" if _is_adverb(words, at):
            place = _first(said, _is_place, _is_thing)
            return (at + 1, f"in {_definite(place.text)}", place) if place else None
        case "then" if at and _is_last(words, at):
            time = _first(said, _is_time)
            return (at + 1, f"in {time.text}", time) if time else None
        case "the" if not has_name and _is_noun(words, at + 1) and not _is_noun(words, at + 2):
            noun = words[at + 1].lower
            full = _first(said, lambda each: each.is_name and each.text.lower().endswith(f" {noun}"))
            return (at + 2, _definite(full.text), full) if full else None
        case "this" | "that" | "these" | "those":
            return _pointing(words, at, said, None if has_name else known.topic)
    return None


def _pointing(words: Sequence[Word], at: int, said: Sequence[Mention], topic: Mention | None) -> Replacement | None:
    before = words[at - 1].lower if at else ""
    after = words[at + 1].lower if at + 1 < len(words) else ""
    if _is_noun(words, at + 1) and after not in {"one", "ones"}:
        opens_clause = words[at].lower == "that" and (at == 0 or before not in PREPOSITIONS | AUXILIARIES)
        return None if opens_clause or words[at + 1].is_capitalised else _pointed_noun(words, at, said, topic)
    width = 2 if after in {"one", "ones"} else 1
    is_alone = before in _NO_NOUN and (_is_last(words, at) or after in _BEHIND)
    if (width == 1 and not is_alone) or any(word.text in ".?!" for word in words[:at]):
        return None
    meant = _first(said, _is_thing, _is_place)
    return (at + width, _definite(meant.text), meant) if meant else None


def _pointed_noun(words: Sequence[Word], at: int, said: Sequence[Mention], topic: Mention | None) -> Replacement | None:
    end = at + 1
    while _is_noun(words, end):
        end += 1
    noun = words[end - 1].lower
    phrase = " ".join(word.text for word in words[at + 1 : end])
    if noun in TEXTS:
        return (end, _definite(topic.text), topic) if topic else None
    if noun in TIMES:
        time = _first(said, _is_time)
        preposition = "" if words[at - 1].lower in PREPOSITIONS else "in "
        return (end, preposition + time.text, time) if time else None
    known = _first(said, lambda each: each.text.lower().split()[-1] == noun)
    if known:
        return end, _definite(known.text), known
    return (end, f"the {phrase} of {_definite(topic.text)}", topic) if topic else None


def _preferences(lower: str) -> tuple[Fits, ...]:
    """What a pronoun may stand for, likeliest first; empty for what is none."""
    if lower in HE | SHE:
        other = lower in HE
        return (
            lambda each: (
                each.kind is Kind.PERSON and each.is_whole_name and not each.plural and each.female is not other
            ),
            lambda each: each.kind in {Kind.NAME, Kind.PERSON} and not each.plural and each.female is not other,
        )
    if lower in _IT:
        return (
            lambda each: each.kind in {Kind.THING, Kind.NAME} and not each.plural,
            lambda each: each.kind is Kind.PLACE,
            lambda each: each.kind is Kind.THING,
        )
    if lower in _THEY:
        return (
            lambda each: each.plural and each.kind is not Kind.TIME,
            lambda each: each.kind in {Kind.NAME, Kind.PERSON},
            lambda each: each.kind is Kind.THING,
        )
    return ()


def _explains(words: Sequence[Word], at: int, own: Sequence[Mention], fits: Sequence[Fits], anywhere: bool) -> bool:
    """Whether the question itself says who is meant.

    A subject and an object of one clause are two ("Did Iran sign it?"): a name before an object explains it only
    across a clause's border. A pronoun that says whose, or is a subject itself, is explained ``anywhere``.
    """
    start = words[at].start
    for mention in own:
        if (
            mention.end > start
            or mention.kind is Kind.TIME
            or not (mention.is_name or any(fit(mention) for fit in fits))
        ):
            continue
        between = [word for word in words[:at] if word.start >= mention.end]
        if anywhere or any(word.lower in CLAUSES or word.text in ",;:?!." for word in between):
            return True
    return False


def _first(said: Sequence[Mention], *fits: Fits) -> Mention | None:
    return next((each for fit in fits for each in said if fit(each)), None)


def _is_thing(mention: Mention) -> bool:
    return mention.kind in {Kind.THING, Kind.NAME}


def _is_place(mention: Mention) -> bool:
    return mention.kind is Kind.PLACE


def _is_time(mention: Mention) -> bool:
    return mention.kind is Kind.TIME


def _is_last(words: Sequence[Word], at: int) -> bool:
    return not any(word.is_word for word in words[at + 1 :])


def _is_adverb(words: Sequence[Word], at: int) -> bool:
    """Whether "there" is a place: "Who was there?", not "Was there a war?" or "How many wars were there?"."""
    before = words[at - 1].lower if at else ""
    if before in TO_BE:
        return _is_last(words, at) and words[0].lower != "how"
    return before not in {"out", "over"} and (_is_last(words, at) or words[at + 1].lower in PREPOSITIONS | CLAUSES)


def _is_noun(words: Sequence[Word], at: int) -> bool:
    return at < len(words) and words[at].is_word and words[at].text[0] not in "'’" and words[at].lower not in _NO_NOUN


def _definite(text: str) -> str:
    return re.sub(r"^(?:an?|any|some)\s", "the ", text, flags=re.IGNORECASE)


def _owner(text: str) -> str:
    return f"{text}'" if text.endswith("s") else f"{text}'s"
