"""Where a phrase of a question or an answer begins and ends, by its words alone.

A phrase is a run of words with content, a determiner before it included. A name without an article ends where its
capitals end; an ``of`` or ``between`` behind a noun carries on, an ``and`` only between names.
"""

from __future__ import annotations

from collections.abc import Sequence

from answering.english import (
    ADVERBS,
    ASKING,
    AUXILIARIES,
    COMMANDS,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    SUPPORT,
    TO_BE,
    VERBS,
    Word,
)

_OPEN = (
    ASKING | AUXILIARIES | PREPOSITIONS | PRONOUNS | ADVERBS | VERBS | COMMANDS | {"and", "or", "but", "if", "because"}
)
# "Last" is a verb too: "will the cooperation agreement last?"
_BEHIND_VERBS = (PREPOSITIONS | DETERMINERS | ADVERBS | PRONOUNS) - VERBS
_NEVER_NAMES = ASKING | PRONOUNS | AUXILIARIES | DETERMINERS | {"and", "or", "but", "if"}
_CARRIED_ON_BY = frozenset({"of", "between"})
_JOINED_IN_NAMES = frozenset({"of", "the", "de", "del", "von", "van", "bin", "al", "la"})
ENDINGS = frozenset({"'s", "’s"})
JOINING = _CARRIED_ON_BY | _JOINED_IN_NAMES | {"and", "&", "'s", "’s"}


def phrase_end(words: Sequence[Word], at: int) -> int:
    """The word after the phrase that begins at ``at``; ``at`` itself if none does."""
    end = at
    if _is_determiner(words, end):
        end += 1
    begin = end
    while end < len(words):
        if _is_content(words[end], end):
            if end > begin and _breaks_off(words, end, has_article=begin > at):
                break
            end += 1
        elif end > begin and _carries_on(words, end):
            end += 1
            if end < len(words) and words[end].lower in DETERMINERS:
                end += 1
        else:
            break
    if end == begin:
        return at
    return _without_verb(words, at, begin, end)


def _breaks_off(words: Sequence[Word], at: int, *, has_article: bool) -> bool:
    """Whether the word at ``at``, though it has content, is of another phrase than the one before it."""
    word, before = words[at], words[at - 1]
    if word.is_capitalised:
        # "England manager Alf Ramsey": without an article a name is a phrase of its own.
        return not has_article and not before.is_capitalised and before.lower not in JOINING
    if not _is_name(before, at - 1) or word.text[0].isdigit():
        return False
    # A name without an article ends with its capitals; what stands behind it is mostly a verb.
    before_name = at + 1 < len(words) and words[at + 1].is_capitalised
    return not has_article or before_name or word.lower.endswith("ed")


def _is_determiner(words: Sequence[Word], at: int) -> bool:
    # "The songs that Putin likes": what stands before a name opens a clause.
    pointing = words[at].lower in {"this", "that", "these", "those"}
    return words[at].lower in DETERMINERS and not (pointing and at + 1 < len(words) and words[at + 1].is_capitalised)


def _is_content(word: Word, at: int) -> bool:
    if not word.is_word or word.text[0] in "'’":
        return False
    if word.is_capitalised and at > 0:
        # "US" is a name, and "us" is none.
        return word.lower not in _NEVER_NAMES or word.is_acronym
    return word.lower not in _OPEN and word.lower not in DETERMINERS


def _is_name(word: Word, at: int) -> bool:
    return word.is_capitalised and _is_content(word, at)


def _carries_on(words: Sequence[Word], at: int) -> bool:
    after = at + 1
    if after >= len(words):
        return False
    before = words[at - 1]
    if words[at].lower in ENDINGS:
        # "Putin's visit" goes on; "What's" was no phrase to begin with.
        return _is_content(words[after], after)
    if words[after].lower in DETERMINERS and after + 1 < len(words):
        after += 1
    if not _is_content(words[after], after):
        return False
    if words[at].lower in {"and", "&"}:
        return _is_name(before, at - 1) and words[at + 1].is_capitalised
    if words[at].lower in _JOINED_IN_NAMES and _is_name(before, at - 1) and words[after].is_capitalised:
        return True
    return words[at].lower in _CARRIED_ON_BY


def _without_verb(words: Sequence[Word], at: int, begin: int, end: int) -> int:
    """``end`` without the verb a subject runs into: "did the bridge *open*", "was the treaty *signed*"."""
    while end > begin + 1 and words[end - 1].lower in JOINING:
        end -= 1
    supported = at > 0 and words[at - 1].lower in SUPPORT
    last = words[end - 1]
    if end - begin > 1 and not last.is_capitalised and _is_predicated(words, at, end):
        return end - 1
    if end - begin > 1 and not last.is_capitalised and words[end - 2].lower not in ENDINGS | _CARRIED_ON_BY:
        closes = end == len(words) or not words[end].is_word or words[end].lower in _BEHIND_VERBS
        if (supported and closes) or last.lower.endswith(("ed", "ing")):
            return end - 1
    return end


def _is_predicated(words: Sequence[Word], at: int, end: int) -> bool:
    """Whether the phrase ends in what is said of it: "Is the museum *free*?", "Why is blood *red*?"."""
    if end < len(words) and words[end].is_word:
        return False
    openings = [word.lower for word in words[:at]]
    return bool(openings) and openings[-1] in TO_BE and openings[:-1] in ([], ["why"])


def is_predicate(words: Sequence[Word], at: int, end: int) -> bool:
    """In "What causes cancer?" a verb is the first word of what looks like a phrase; there is no other verb."""
    if at != 1 or words[0].lower not in {"what", "who"} or words[1].is_capitalised:
        return False
    return words[0].lower == "who" or not any(word.lower in AUXILIARIES for word in words[end:])
