"""Questions about a part whose whole was named before: "What are the side effects?" asks of something.

Only one short form counts: a copula, a noun phrase with "the", and nothing else. Longer questions mostly say themselves
what they are about.
"""

from __future__ import annotations

import re

from answering.english import ADVERBS, AUXILIARIES, PREPOSITIONS, PRONOUNS, VERBS, words_of
from answering.mentions import Mention

_PART = re.compile(
    r"(?:(?:what|who|which|where|how many|how big|how reliable) (?:is|are|was|were)|what's)"
    r" (?P<the>the (?:[\w\-]+ ?){1,3})[?.! ]*",
    re.IGNORECASE,
)
# "Where was the treaty signed": behind a noun that is a verb. "What is the speed" ends in no participle.
_PARTICIPLE = re.compile(r"\w{2,}(?<!e)ed|going", re.IGNORECASE)
_CLOSED = (ADVERBS | AUXILIARIES | PREPOSITIONS | PRONOUNS | VERBS) - {
    "other",
    "main",
    "last",
    "first",
    "cost",
    "start",
    "end",
}


def completed(question: str, whole: Mention | None, said: str) -> str:
    """``question`` with "of ``whole``" behind its noun phrase, if it has the form.

    Args:
        question: a question without a pronoun that could be resolved.
        whole: what the conversation is about.
        said: the last exchange; a noun that stands in it is no new part.
    """
    form = _PART.fullmatch(question)
    if form is None or whole is None or not (whole.is_name or whole.text.startswith(("the ", "a ", "an "))):
        return question
    nouns = words_of(form["the"])[1:]
    if any(word.is_capitalised or word.lower in _CLOSED for word in nouns):
        return question
    if any(_PARTICIPLE.fullmatch(word.text) for word in nouns[1:]):
        return question
    if nouns[-1].lower in {word.lower for word in words_of(said)}:
        return question
    return f"{question[: form.end('the')].rstrip()} of {whole.text}?"
