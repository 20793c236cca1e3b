"""A question into a full-text query in which nothing the person typed is syntax."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from corpus.text import normalise
from retrieval.analysis import SHIPPED, Analysis, Term, analyse, split

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
# The one stop word that is a name in capitals; others in capitals are meant as operators, or as nothing.
_COUNTRY: Final = "US"
# What follows "how": searched for, because it may stand beside the answer, but nobody misses it in an article.
_MEASURES: Final = frozenset({"far", "long", "many", "often", "old"})


def terms(question: str, analysis: Analysis = SHIPPED) -> list[str]:
    """What to search for: words and phrases, lower case, each once, the words first; at most 64.

    Stop words go, unless there is nothing else.
    """
    words = analyse(question, analysis)
    kept = [term for term in words if not _is_among(term, STOP_WORDS)] or words
    forms = [form for term in kept for form in term.forms]
    return list(dict.fromkeys([*forms, *(_names(question) if analysis.names else [])]))[:MAX_TERMS]


def content_words(question: str) -> list[Term]:
    """The words of ``question`` that say what it is about, each once, as first typed; at most 64."""
    first: dict[tuple[str, ...], Term] = {}
    for term in analyse(question):
        if not _is_among(term, STOP_WORDS | _MEASURES):
            first.setdefault(term.forms, term)
    return list(first.values())[:MAX_TERMS]


def match_expression(question: str, analysis: Analysis = SHIPPED) -> str | None:
    """An FTS5 MATCH expression that finds passages with any word of ``question``; None if it has no word.

    Every word or phrase is a quoted string and words hold no quotes, so operators, columns, and prefixes a
    person types are never read as such.
    """
    words = terms(question, analysis)
    return " OR ".join(f'"{word}"' for word in words) if words else None


def _is_among(term: Term, words: frozenset[str]) -> bool:
    is_name = len(term.forms) > 1 and (term.typed == _COUNTRY or "." in term.typed)
    return term.forms[0] in words and not is_name


def _names(question: str) -> list[str]:
    """Each two neighbours that begin with capitals, with nothing but a space between them, as a phrase."""
    text = normalise(question)
    written = text.split(" ") if any(map(str.islower, text)) else []
    found = []
    for one, other in pairwise(written):
        first, second = split(one)[:1], split(other)[:1]
        if first == [one] and _may_name(first) and _may_name(second) and other.startswith(second[0]):
            found.append(f"{first[0]} {second[0]}".lower())
    return found


def _may_name(words: list[str]) -> bool:
    return bool(words) and words[0][0].isupper() and (words[0] == _COUNTRY or words[0].lower() not in STOP_WORDS)
