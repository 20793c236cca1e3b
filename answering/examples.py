"""Questions that articles answer, made by rule from their sentences. Pure; English alone.

A rule turns a plain statement into a question after one part of it ("The treaty lasts 20 years" into "How long does the
treaty last?"). Most want its subject at the sentence's head; a name with its office, or with what was done when, may
stand anywhere. Rules are few and strict: what is not exactly of their form makes no question.
Whoever shows a question first asks it, and keeps it only if the answer is the part left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from answering.matching import same
from answering.types import Answered, Outcome
from corpus.splitting import sentences
from corpus.types import Article

_OPENING_CHARS = 20_000
_PER_ARTICLE = 6
_NAME = r"[A-Z][a-z]+(?: (?:of |the )?[A-Z][a-z]+){0,3}"
_THING = rf"(?:The (?:[a-z]+ ){{0,2}}[a-z]+|{_NAME})"
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = (
    rf"(?:(?:\d{{1,2}} )?{_MONTH}(?: \d{{1,2}},)? \d{{4}}|\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?"
    r"|1[89]\d\d|20\d\d)"
)
_DONE = r"(?:[a-z]+ed|built|held|won|sent|made|begun|written|founded|chosen|sold|struck)"
_COUNT = r"\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty"
_LASTS = r"last|run"
# Two or three words of a name, and no more of it after them.
_PERSON = r"(?<![\w-])[A-Z][a-z]+(?: [A-Z][a-z]+){1,2}(?![\w-]| [A-Z])"
_HOLDS = (
    r"(?:spokes(?:man|woman|person)|[Aa]mbassador|[Cc]ommander|[Mm]inister|[Dd]irector|[Ss]ecretary|[Gg]overnor|[Mm]ayor"
    r"|[Cc]hancellor|[Pp]rofessor|[Cc]hair(?:man|woman)|[Pp]resident)"
)
# What is held before a name ("Kremlin spokesman Dmitry Peskov"), and behind it.
_OFFICE = rf"(?:(?!(?:On|In|At|The|As|And|But|For|From|With|\w+day) )[A-Z][a-z]+ ){{1,3}}{_HOLDS}"
_DESCRIBED = (
    rf"(?:an?|the|[A-Z][a-z]+’s) (?:[a-z]+ )?(?:{_HOLDS}|head|leader|founder|owner|author|inventor|king|queen)"
    r" (?:of|for|in|to) [^,]{3,60}"
)
# Past tenses after which a question can be made, and what follows "did".
_PAST = {
    "bought": "buy",
    "built": "build",
    "closed": "close",
    "constructed": "construct",
    "designed": "design",
    "developed": "develop",
    "discovered": "discover",
    "founded": "found",
    "invaded": "invade",
    "invented": "invent",
    "joined": "join",
    "launched": "launch",
    "left": "leave",
    "lost": "lose",
    "opened": "open",
    "ordered": "order",
    "published": "publish",
    "sent": "send",
    "signed": "sign",
    "sold": "sell",
    "won": "win",
    "wrote": "write",
}
_DID = "|".join(_PAST)
# What is done: "troops into Ukraine", "the first power plant in Iran".
_OBJECT = rf"(?:[a-z]+ ){{0,2}}(?:(?:in|into|to|of) )?{_NAME}"
_WORK = (
    r"(?:the|an?|[A-Z][a-z]+’s) (?:[a-z]+ ){1,4}?(?:(?:of|in) (?:[A-Z][a-z]+ ){0,4}(?:[a-z]+ )?[A-Z][a-z]+)?"
    r"(?=[,.;]|$| in a)"
)
# Heads of sentences that point at something said before them: alone they ask after nothing.
_POINTERS = frozenset(
    "it he she they this that these those there here both one we you his her its their in on at by but and so "  # noqa: SIM905 - one text reads better than 40 strings
    "when while after before since if as although however during".split()
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question made from a sentence.

    Attributes:
        question: a whole English question.
        answer: the part of the sentence that it asks after.
    """

    question: str
    answer: str


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
            rf"(?P<a>{_PERSON})",
            "Who is the {s}?",
        ),
        (
            rf"(?P<s>{_THING}) is (?P<v>expected to (?:last|run|(?:remain|stay) in force)) for "
            rf"(?P<a>(?:{_COUNT}) (?:years|months|weeks|days))\b",
            "How long is {s} {v}?",
        ),
        (
            rf".{{0,200}}?\b(?<![Tt]he )(?P<s>{_NAME}) (?P<v>{_DID}) (?P<o>{_OBJECT}) in (?P<a>{_DAY})\b",
            "When did {s} {v} {o}?",
        ),
        (rf"(?:In (?:1[89]|20)\d\d,? )?(?P<a>{_NAME}(?: [a-z]+s)?) (?P<v>{_DID}) (?P<s>{_WORK})", "Who {v} {s}?"),
        (rf".{{0,200}}?\b(?P<a>{_OFFICE}) (?P<s>{_PERSON})", "Who is {s}?"),
        (rf"(?:.{{0,200}}? )??(?P<s>{_PERSON}), (?P<a>{_DESCRIBED}), ", "Who is {s}?"),
        (rf"(?P<a>{_COUNT}) (?P<s>[a-z]+s) were (?P<v>{_DONE})\b", "How many {s} were {v}?"),
        (rf"(?P<s>{_THING}) (?:cost|costs) (?P<a>(?:about )?[$€£]?\d[^,.;]{{2,40}})", "How much does {s} cost?"),
    )
)
# Past participles that are not the past tense too: "Who written it?" is no question.
_PARTICIPLES = {"written": "wrote", "begun": "began", "chosen": "chose"}


def examples_of(article: Article) -> list[Example]:
    """Questions made from the opening of ``article``, in its order, at most six and each once."""
    opening = article.text[:_OPENING_CHARS]
    found: dict[str, Example] = {}
    for span in sentences(opening):
        sentence = " ".join(span.slice(opening).split())
        for pattern, form in _RULES:
            match = pattern.match(sentence)
            if match is None or match["s"].split()[0].lower() in _POINTERS:
                continue
            question = _worded(form, match.groupdict())
            found.setdefault(question, Example(question, match["a"]))
    return list(found.values())[:_PER_ARTICLE]


def in_turns(articles: Iterable[Sequence[Example]]) -> list[Example]:
    """The first example of each kind, then the second of each, and so on; a question once only.

    A kind is how a question begins ("Who is", "When did"). Within one, articles take turns.
    """
    found: dict[str, Example] = {}
    for turn in zip_longest(*articles):
        for example in filter(None, turn):
            found.setdefault(example.question, example)
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, Example]] = []
    for example in found.values():
        kind = " ".join(example.question.split()[:2])
        ranked.append((seen[kind], example))
        seen[kind] += 1
    return [example for _, example in sorted(ranked, key=lambda each: each[0])]


def is_answered(example: Example, outcome: Outcome) -> bool:
    """Whether ``outcome`` says what the sentence says; another article may say so too, and be cited in its stead."""
    return isinstance(outcome, Answered) and same(outcome.answer.text, example.answer)


def _worded(form: str, parts: dict[str, str]) -> str:
    subject = parts["s"]
    if form == "Who is the {s}?":
        people, _, office = subject.partition(" ")
        subject = f"{people} {office.lower()}"
    if form.startswith("When did"):
        parts["v"] = _PAST[parts["v"]]
    parts["s"] = subject[0].lower() + subject[1:] if subject.startswith("The ") else subject
    if form.startswith("Who {v}"):
        parts["v"] = _PARTICIPLES.get(parts["v"], parts["v"])
    return form.format(**parts)
