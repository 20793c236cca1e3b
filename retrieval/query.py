"""A question into a full-text query in which nothing the person typed is syntax."""

from __future__ import annotations

import unicodedata
from typing import Final

from corpus.text import normalise

MAX_TERMS: Final = 64

# Words that stand in nearly every passage: as terms of an OR query they make the index read itself
# whole and move no ranking.
STOP_WORDS: Final = frozenset(
    # As one text, because a list of 140 strings cannot be read.
    """
    a about after again all also am an and any are as at be because been before being between both but by
    can could d did do does doing done during each either for from further had has have having he her here
    hers herself him himself his how i if in into is it its itself just ll m may me might more most much must
    my myself no nor not of off on once only or other our ours ourselves out over own re s same shall she
    should so some such t than that the their theirs them themselves then there these they this those through
    to too under until up upon us ve very was we were what when where which while who whom whose why will with
    within without would you your yours yourself yourselves
    """.split()  # noqa: SIM905 (as said above)
)
# What follows "how": searched for, because it may stand beside the answer, but nobody misses it in an article.
_MEASURES: Final = frozenset({"far", "long", "many", "often", "old"})


def terms(question: str) -> list[str]:
    """The words of ``question`` to search for, lower case, each once, in order, at most 64.

    A word is a run of letters, digits and marks, as the index's own tokenizer sees it. Stop words go,
    unless there is nothing else.
    """
    words = _words(question)
    return ([word for word in words if word not in STOP_WORDS] or list(words))[:MAX_TERMS]


def content_words(question: str) -> dict[str, str]:
    """The words of ``question`` that say what it is about: lower case, and as first typed; at most 64."""
    found = {word: typed for word, typed in _words(question).items() if word not in STOP_WORDS | _MEASURES}
    return dict(list(found.items())[:MAX_TERMS])


def _words(question: str) -> dict[str, str]:
    spaced = "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in normalise(question))
    words: dict[str, str] = {}
    for typed in spaced.split():
        words.setdefault(typed.lower(), typed)
    return words


def match_expression(question: str) -> str | None:
    """An FTS5 MATCH expression that finds passages with any word of ``question``; None if it has no word.

    Every word is a quoted string and words hold no quotes, so operators, columns, and prefixes a
    person types are never read as such.
    """
    words = terms(question)
    return " OR ".join(f'"{word}"' for word in words) if words else None
