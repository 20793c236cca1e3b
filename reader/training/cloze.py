"""Questions made from passages by rule: what the span head learns before it sees a person's question.

Two sentences of the pool name the same thing (a name, a number, a few words that recur): one of them
becomes the question, with a question word in the thing's place, and the passage of the other is where
it must be found. This is recurring-span selection (Ram et al. 2021, "Few-Shot Question Answering by
Pretraining Span Selection") with a sentence for a question, as in cloze translation (Lewis, Denoyer and
Riedel 2019, "Unsupervised Question Answering by Cloze Translation"): the two sentences say different
things in different words, so matching words alone does not find it.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from reader.training.examples import Context, Labelled, Pool, tokens_under

DATASET = "cloze"
_WORD = re.compile(r"\w+(?:[.,'’-]\w+)*")
_BREAK = re.compile(r"[,;:()–—\"“”]|\.$")
_YEAR = re.compile(r"1\d\d\d|20\d\d")
_PREPOSITIONS = frozenset(
    # As one text, because a list of strings cannot be read.
    """
    in on at by from to of for with during under after before into through since until
    """.split()  # noqa: SIM905 (as said above)
)
_FUNCTION = _PREPOSITIONS | frozenset(
    """
    a an the and or but as is are was were be been has had have it its he his she her they their this that these
    those which who whom whose not no also such than then there when where while if so up out about over more most
    other some any all one two may can could would will should do does did i you we our your my us them him only own
    same both each between among against however although because many much very new first used use
    """.split()  # noqa: SIM905 (as above)
)
MAX_SPAN_WORDS = 5
MAX_SENTENCES = 40  # a span that stands in more is no particular thing
MIN_SHARED = 2  # other words of the two sentences that must be the same
MAX_QUESTION_WORDS = 22


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a context: its tokens ``[begin, end)`` and its words as characters of the context."""

    context: int
    begin: int
    end: int
    words: tuple[tuple[int, int], ...]
    keys: tuple[str, ...]  # the words, lower case


def with_cloze_questions(pool: Pool, count: int, seed: int) -> Pool:
    """``pool`` with at most ``count`` made questions for its own; contexts are added where a sentence is cut out.

    The draw depends on ``seed`` alone. A pair of sentences is used once, the likest pairs of each span first.
    """
    rng = random.Random(seed)
    sentences = list(_sentences(pool))
    frequency = Counter(key for sentence in sentences for key in set(sentence.keys))
    weight = {key: math.log(len(sentences) / n) for key, n in frequency.items()}
    contexts, made = list(pool.contexts), list[Labelled]()
    pairs = list(_pairs(pool, sentences, weight, rng))
    rng.shuffle(pairs)
    for asked, (asked_first, asked_last), told, (told_first, told_last) in pairs:
        if len(made) == count:
            break
        context = contexts[told.context]
        question = _question(contexts[asked.context].text, asked, asked_first, asked_last, rng)
        if question is None:
            continue
        start, end = told.words[told_first][0], told.words[told_last][1]
        index = told.context
        if asked.context == told.context:
            context, index = _without(context, asked), len(contexts)
        tokens = tokens_under(context, start, end)
        if tokens is None:
            continue
        if index == len(contexts):
            contexts.append(context)
        made.append(Labelled(DATASET, question, index, *tokens))
    return Pool(tuple(contexts), (*pool.questions, *made))


def _sentences(pool: Pool) -> Iterator[_Sentence]:
    for number, context in enumerate(pool.contexts):
        for begin, end in pairwise((*context.sentences, len(context.ids))):
            if end == begin:
                continue
            found = list(_WORD.finditer(context.text, context.starts[begin], context.ends[end - 1]))
            written = [match.group() for match in found]
            # Rows of tables and lists of names are no sentences.
            if 6 <= len(found) <= 60 and 2 * sum(word.islower() for word in written) > len(written):
                words = tuple(match.span() for match in found)
                yield _Sentence(number, begin, end, words, tuple(word.lower() for word in written))


def _spans(text: str, sentence: _Sentence) -> Iterator[tuple[str, int, int]]:
    """What in a sentence can be asked for: runs of up to five words that neither begin nor end in a function word."""
    count = len(sentence.words)
    for first in range(count):
        if sentence.keys[first] in _FUNCTION:
            continue
        for last in range(first, min(count, first + MAX_SPAN_WORDS)):
            gap = text[sentence.words[last - 1][1] : sentence.words[last][0]] if last > first else ""
            if gap not in {"", " "}:
                break
            if sentence.keys[last] in _FUNCTION:
                continue
            # A single word must look like a name or a number: other words recur without being the same thing.
            written = text[slice(*sentence.words[first])]
            if last > first or (first and written[0].isupper()) or written[0].isdigit():
                yield " ".join(sentence.keys[first : last + 1]), first, last


_Placed = tuple[_Sentence, tuple[int, int]]


def _pairs(
    pool: Pool, sentences: list[_Sentence], weight: dict[str, float], rng: random.Random
) -> Iterator[tuple[_Sentence, tuple[int, int], _Sentence, tuple[int, int]]]:
    """Pairs of sentences that share a span and at least two other words, the rarer the better."""
    places: dict[str, list[_Placed]] = defaultdict(list)
    for sentence in sentences:
        for span, first, last in _spans(pool.contexts[sentence.context].text, sentence):
            places[span].append((sentence, (first, last)))
    for span, found in places.items():
        if not 2 <= len(found) <= MAX_SENTENCES:
            continue
        inside = set(span.split())
        contents = [set(sentence.keys) - inside - _FUNCTION for sentence, _ in found]
        scored = []
        for i in range(len(found)):
            for j in range(i):
                shared = contents[i] & contents[j]
                texts = pool.contexts[found[i][0].context].text, pool.contexts[found[j][0].context].text
                near_copy = len(shared) > 0.7 * min(len(contents[i]), len(contents[j]))
                same = found[i][0] is found[j][0] or (texts[0] == texts[1] and found[i][0].words == found[j][0].words)
                if len(shared) >= MIN_SHARED and not near_copy and not same:
                    scored.append((math.fsum(weight[key] for key in shared), i, j))
        taken: set[int] = set()
        for _, i, j in sorted(scored, reverse=True):
            if i in taken or j in taken:
                continue
            taken |= {i, j}
            one, other = (i, j) if rng.random() < 0.5 else (j, i)
            # The longest form of a thing is the thing: "Prize" alone is not asked for where "Nobel Prize" recurs.
            if not _longer(pool, found[one], found[other]):
                yield (*found[one], *found[other])


def _longer(pool: Pool, one: _Placed, other: _Placed) -> bool:
    """Whether both occurrences can be extended by the same neighbouring word."""
    (a, (a_first, a_last)), (b, (b_first, b_last)) = one, other
    before = a_first and b_first and a.keys[a_first - 1] == b.keys[b_first - 1] not in _FUNCTION
    after = (
        a_last + 1 < len(a.keys)
        and b_last + 1 < len(b.keys)
        and a.keys[a_last + 1] == b.keys[b_last + 1] not in _FUNCTION
    )
    text = pool.contexts[a.context].text
    joined_before = before and text[a.words[a_first - 1][1] : a.words[a_first][0]] == " "
    joined_after = after and text[a.words[a_last][1] : a.words[a_last + 1][0]] == " "
    return bool(joined_before or joined_after)


def _question(text: str, sentence: _Sentence, first: int, last: int, rng: random.Random) -> str | None:
    """The clauses around the span with a question word for it; None where too little is left."""
    begin, end = first, last
    count = len(sentence.words)
    wanted = rng.randint(8, MAX_QUESTION_WORDS)
    while end - begin < wanted and (begin > 0 or end + 1 < count):
        # Whole clauses are taken in turn, so that the question rarely stops in the middle of one.
        if begin > 0:
            begin -= 1
            while begin > 0 and not _BREAK.search(text[sentence.words[begin - 1][1] : sentence.words[begin][0]]):
                begin -= 1
        if end - begin < wanted and end + 1 < count:
            end += 1
            while end + 1 < count and not _BREAK.search(text[sentence.words[end][1] : sentence.words[end + 1][0]]):
                end += 1
    if end - begin > 2 * MAX_QUESTION_WORDS:
        begin, end = max(begin, first - MAX_QUESTION_WORDS), min(end, last + MAX_QUESTION_WORDS)
    before = text[sentence.words[begin][0] : sentence.words[first][0]]
    after = text[sentence.words[last][1] : sentence.words[end][1]]
    if len(_WORD.findall(before)) + len(_WORD.findall(after)) < 4:
        return None
    asked = _asked(text[sentence.words[first][0] : sentence.words[last][1]], rng)
    opening = before.split()
    if opening and rng.random() < 0.4:  # "In what year did …": the question word first, with its preposition
        preposition = [opening.pop()] if opening[-1].lower() in _PREPOSITIONS else []
        made = " ".join([*preposition, asked, *opening, *after.split()])
    else:
        made = f"{before}{asked}{after}"
    return f"{made[0].upper()}{made[1:]}?"


def _asked(span: str, rng: random.Random) -> str:
    if _YEAR.fullmatch(span):
        return rng.choice(("what year", "which year", "when"))
    if span[0].isdigit():
        return rng.choice(("how many", "how much", "what number", "what"))
    if span[0].isupper():
        return rng.choice(("who", "what", "which", "what", "where"))
    return rng.choice(("what", "which", "what"))


def _without(context: Context, sentence: _Sentence) -> Context:
    """The context less the tokens of one sentence."""
    kept = [i for i in range(len(context.ids)) if not sentence.begin <= i < sentence.end]
    place = {old: new for new, old in enumerate(kept)}
    opens = sorted({0, *(place[s] for s in context.sentences if s in place)})
    return Context(
        context.text,
        tuple(context.ids[i] for i in kept),
        tuple(context.starts[i] for i in kept),
        tuple(context.ends[i] for i in kept),
        tuple(opens),
    )
