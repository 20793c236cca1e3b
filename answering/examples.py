"""Questions that articles answer, made by rule from their sentences. Pure; English alone.

A rule turns a plain statement with a subject at its head into a question after one part of it ("The treaty lasts 20
years" into "How long does the treaty last?"). Rules are few and strict: a sentence that is not exactly of their form
makes no question. Whoever shows a question first asks it, and keeps it only if the answer is the part left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from answering.matching import same
from answering.types import Answered, Outcome
from corpus.splitting import sentences
from corpus.types import Article

_OPENING_CHARS = 20_000
_PER_ARTICLE = 3
_NAME = r"[A-Z][a-z]+(?: (?:of |the )?[A-Z][a-z]+){0,3}"
_THING = rf"(?:The (?:[a-z]+ ){{0,2}}[a-z]+|{_NAME})"
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = rf"(?:(?:\d{{1,2}} )?{_MONTH}(?: \d{{1,2}},)? \d{{4}}|\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}}|1[89]\d\d|20\d\d)"
_DONE = r"(?:[a-z]+ed|built|held|won|sent|made|begun|written|founded|chosen|sold|struck)"
_COUNT = r"\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty"
_LASTS = r"last|run"
# Heads of sentences that point at something said before them: alone they ask after nothing.
_POINTERS = frozenset(
    "it he she they this that these those there here both one we you his her its their in on at by but and so".split()  # noqa: SIM905 - one text reads better than 26 strings
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question made from a sentence.

    Attributes:
        question: a whole English question.
        answer: the part of the sentence that it asks after.
        article_id: the article that the sentence stands in.
    """

    question: str
    answer: str
    article_id: str


_RULES: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), question)
    for pattern, question in (
        (
            rf"(?P<s>{_THING}) (?:will )?(?P<v>{_LASTS})s? (?:for )?(?P<a>(?:{_COUNT}) (?:years|months|weeks|days))\b",
            "How long does {s} {v}?",
        ),
        (rf"(?P<s>{_THING}) (?P<b>was|were) (?P<v>{_DONE}) (?:in|on) (?P<a>{_DAY})\b", "When {b} {s} {v}?"),
        (rf"(?P<s>{_THING}) (?P<b>was|were) (?P<v>{_DONE}) by (?P<a>(?:[A-Z]\w+ ){{0,2}}{_NAME})\b", "Who {v} {s}?"),
        (
            rf"(?P<s>{_THING}) (?P<b>was|were) (?P<v>{_DONE}) in (?P<a>[A-Z][a-z]+(?: [A-Z][a-z]+)?)\b",
            "Where {b} {s} {v}?",
        ),
        (
            r".{0,200}?\b(?P<s>[A-Z][a-z]+(?:ian|ish|ese|can) (?:President|Foreign Minister|Prime Minister)) "
            r"(?P<a>[A-Z][a-z]+ [A-Z][a-z]+)\b",
            "Who is the {s}?",
        ),
        (rf"(?P<s>{_NAME}), (?P<a>the [a-z]+ (?:of|for) [^,]{{3,60}}), [a-z]", "Who is {s}?"),
        (rf"(?P<a>{_COUNT}) (?P<s>[a-z]+s) were (?P<v>{_DONE})\b", "How many {s} were {v}?"),
        (rf"(?P<s>{_THING}) (?:cost|costs) (?P<a>(?:about )?[$€£]?\d[^,.;]{{2,40}})", "How much does {s} cost?"),
    )
)
# Past participles that are not the past tense too: "Who written it?" is no question.
_PARTICIPLES = {"written": "wrote", "begun": "began", "chosen": "chose"}


def examples_of(article: Article) -> list[Example]:
    """Questions made from the opening of ``article``, in its order, at most three and each once."""
    opening = article.text[:_OPENING_CHARS]
    found: dict[str, Example] = {}
    for span in sentences(opening):
        sentence = " ".join(span.slice(opening).split())
        for pattern, form in _RULES:
            match = pattern.match(sentence)
            if match is None or match["s"].split()[0].lower() in _POINTERS:
                continue
            question = _worded(form, match.groupdict())
            found.setdefault(question, Example(question, match["a"], article.id))
            break
        if len(found) == _PER_ARTICLE:
            break
    return list(found.values())


def in_turns(articles: Iterable[Sequence[Example]]) -> Iterator[Example]:
    """The first example of each article, then the second of each, and so on; a question once only."""
    seen: set[str] = set()
    for turn in zip_longest(*articles):
        for example in turn:
            if example is not None and example.question not in seen:
                seen.add(example.question)
                yield example


def is_answered(example: Example, outcome: Outcome) -> bool:
    """Whether ``outcome`` says what the sentence says, and cites its article."""
    if not isinstance(outcome, Answered) or not same(outcome.answer.text, example.answer):
        return False
    return any(citation.article_id == example.article_id for citation in outcome.answer.citations)


def _worded(form: str, parts: dict[str, str]) -> str:
    subject = parts["s"]
    if form == "Who is the {s}?":
        people, _, office = subject.partition(" ")
        subject = f"{people} {office.lower()}"
    parts["s"] = subject[0].lower() + subject[1:] if subject.startswith("The ") else subject
    if form.startswith("Who {v}"):
        parts["v"] = _PARTICIPLES.get(parts["v"], parts["v"])
    return form.format(**parts)
