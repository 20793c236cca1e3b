"""The words of a question, each with the other ways it may be written in an article. Pure functions.

The index keeps the words of the text as they stand (runs of letters and digits, without case, accents and
endings: FTS5's ``porter unicode61``), so that "1,000" is two words there and "U.S." is too. What is written
as several words is searched for as a phrase: words that stand side by side. All is done to the question, and
nothing to the index, which so needs no second form of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from corpus.text import normalise
from retrieval.peoples import names_of_people

# A number with separators, letters with full stops, or words with hyphens, with nothing of a word beside it.
_JOINED: Final = re.compile(
    r"""(?<![^\s"'“‘(\[$€£])(?:"""
    r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?|\d+\.\d+"
    r"|(?:[^\W\d_]\.)+[^\W\d_]\.?"
    r"|[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)+"
    r""")(?![^\s.,;:!?'’"”)\]%])"""
)
_GROUPED: Final = re.compile(r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?")
_DECIMAL: Final = re.compile(r"\d+\.\d+")
# Four digits that may be a year are never written with a separator.
_LONG: Final = re.compile(r"(?!(?:1[1-9]|20)\d\d$)\d{4,9}")
_STOPPED: Final = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\.?")
_CAPITALS: Final = re.compile(r"[A-Z]{2,3}")
_HYPHENATED: Final = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)+")
_PREFIXED: Final = re.compile(r"(anti|co|non|multi|pre|re|semi)([a-z]{4,})", re.IGNORECASE)

# One ending of a Slavic name, as it is written in Latin letters.
_ENDINGS: Final = (("skyy", "skiy", "skij", "skii", "sky", "ski"), ("ey", "ei", "ej"))
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d"})


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a question.

    Attributes:
        typed: as it stands in the question.
        forms: what to search for, any of them: lower case, phrases with one space between words; at least one.
    """

    typed: str
    forms: tuple[str, ...]


Rule = Callable[[str], tuple[Term, ...]]
"""How something written is searched for; nothing if the rule does not apply to it."""


def numbers(written: str) -> tuple[Term, ...]:
    """One number in every form: "1,000", "1 000" and "1000"; and "2.5" is not a 2 and a 5."""
    if _GROUPED.fullmatch(written):
        whole, _, part = written.partition(".")
        joined = "".join(char for char in whole if char.isdigit())
        return (Term(written, (spaced(written), spaced(f"{joined} {part}"))),)
    if _DECIMAL.fullmatch(written):
        return (Term(written, (spaced(written),)),)
    if _LONG.fullmatch(written):
        return (Term(written, (written, spaced(f"{int(written):,}"))),)
    return ()


def initialisms(written: str) -> tuple[Term, ...]:
    """One name with and without full stops: "U.S." and "US"."""
    if _STOPPED.fullmatch(written) or _CAPITALS.fullmatch(written):
        letters = [char.lower() for char in written if char != "."]
        return (Term(written, ("".join(letters), " ".join(letters))),)
    return ()


def hyphens(written: str) -> tuple[Term, ...]:
    """One word with and without hyphens: "co-operation" and "cooperation"; its parts are words too."""
    if _HYPHENATED.fullmatch(written):
        parts = spaced(written).split()
        joined = "".join(parts)
        return tuple(Term(part, (part, joined)) for part in parts)
    if found := _PREFIXED.fullmatch(written):
        return (Term(written, (written.lower(), " ".join(found.groups()).lower())),)
    return ()


def spellings(written: str) -> tuple[Term, ...]:
    """A name's other transliterations: "Sergey", "Sergei" and "Sergej"; "Łukasz" and "Lukasz"."""
    if not written[:1].isupper() or not written.isalpha():
        return ()
    word = written.lower()
    found = [word, word.translate(_LETTERS)]
    for endings in _ENDINGS:
        ending = next((ending for ending in endings if word.endswith(ending)), None)
        if ending is not None and len(word) > len(ending) + 2:
            found += [word.removesuffix(ending) + other for other in endings]
            break
    forms = tuple(dict.fromkeys(found))
    return (Term(written, forms),) if len(forms) > 1 else ()


def peoples(written: str) -> tuple[Term, ...]:
    """A country and its people: "the president of Iran" and "the Iranian president"."""
    forms = names_of_people(written)
    return (Term(written, forms),) if forms else ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """How a question's words are found: the first rule that applies to something written counts.

    Attributes:
        names: whether neighbours with capitals are searched for as a phrase too (docs/lab-log.md: it moves nothing).
    """

    rules: tuple[Rule, ...] = (numbers, initialisms, hyphens, peoples, spellings)
    names: bool = False


SHIPPED: Final = Analysis()
PLAIN: Final = Analysis(())


def analyse(question: str, analysis: Analysis = SHIPPED) -> list[Term]:
    """The words of ``question`` in order, those that come again too.

    What no rule knows is the words it is made of. A question of several words without a small letter says
    nothing by its capitals: its rules do not count.
    """
    text = normalise(question)
    rules = () if text.isupper() and " " in text else analysis.rules
    found: list[Term] = []
    for written in _written(text):
        terms = next((terms for rule in rules if (terms := rule(written))), ())
        found += terms or [Term(word, (word.lower(),)) for word in split(written)]
    return found


def spaced(text: str) -> str:
    """The words of ``text`` with one space between them, lower case."""
    return " ".join(split(text)).lower()


def _written(text: str) -> Iterator[str]:
    end = 0
    for found in _JOINED.finditer(text):
        yield from split(text[end : found.start()])
        yield found[0]
        end = found.end()
    yield from split(text[end:])


def split(text: str) -> list[str]:
    """The words of ``text``: runs of letters, digits and marks, as the index's own tokenizer sees them."""
    return "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in text).split()
