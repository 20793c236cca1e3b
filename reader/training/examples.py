"""Training examples: SQuAD-format questions, windows around their answers, and made unanswerables.

A window is what the reader sees at run time: about 100 words, starting at a sentence where it
can. Unanswerable examples are made five ways. Two keep the question and change the window, so
that they can stand beside the window that answers:

* ``removed``: the paragraph without the sentence that answers;
* ``neighbour``: a paragraph with like words (TF-IDF) from elsewhere, without the answer string.

Others keep the paragraph and break its tie with the question (the kinds of SQuAD 2.0's crowd-written ones;
Rajpurkar et al. 2018). By name is meant a proper name, a number, or a word after "the":

* ``swapped``: a name of the question is exchanged for one that the paragraph does not know;
* ``crossed``: a name of the question is exchanged for another one of the same paragraph;
* ``opposed``: a word of the question is exchanged for its opposite, or the verb is negated;
* ``exchanged``: a word or number that both have is exchanged in the question for one of its kind (``exchanges``);
* ``renamed``: a name of the question is exchanged in the paragraph, wherever it stands, so that a changed
  question is not known by its sound; where ``exchanged`` is done too, half of the time a word instead.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tokenizers import Tokenizer

from corpus.held_back import is_held_back

OWN = Path(__file__).parent
CLS, SEP = 101, 102
_SENTENCE_END = frozenset("!.?")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?:\.[\w'’-]+)*(?: [A-Z][\w'’-]+(?:\.[\w'’-]+)*)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_NOUN = re.compile(r"(?<=\bthe )[a-z]{4,}\b")  # mostly one: there is no tagger here
_NAMED = (_NAME, _NUMBER, _NOUN)
_WORD = re.compile(r"[A-Za-z]+")
_AUXILIARY = re.compile(r"\b(?:was|were|is|are|can|could|will|would|has|had|did|does|do)\b")
_PAIRS = (
    "first last|largest smallest|highest lowest|most least|more fewer|before after|north south|east west|old new|"
    "northern southern|eastern western|increase decrease|increased decreased|begin end|began ended|start stop|"
    "early late|earliest latest|longest shortest|maximum minimum|majority minority|won lost|win lose|"
    "oldest youngest|best worst|above below|allowed forbidden|success failure|rise fall|rose fell|male female|"
    "men women|public private|major minor|popular unpopular|accepted rejected|supported opposed|always never|"
    "inside outside|internal external|positive negative|strong weak|cause prevent|caused prevented|joined left|"
    "higher lower|larger smaller|bigger smaller|longer shorter|older younger|better worse|faster slower|"
    "greater lesser|earlier later|near far|nearest farthest|eastern western|upper lower|large small|big small|"
    "long short|high low|young old|rich poor|hot cold|warm cool|heavy light|wide narrow|deep shallow|hard soft|"
    "common rare|same different|similar different|simple complex|modern ancient|rural urban|foreign domestic|"
    "national local|legal illegal|formal informal|direct indirect|active passive|permanent temporary|full empty|"
    "right wrong|true false|open closed|opened closed|agree disagree|agreed disagreed|allow forbid|accept reject|"
    "support oppose|create destroy|created destroyed|built demolished|founded dissolved|raise lower|raised lowered|"
    "gain lose|gained lost|bought sold|buy sell|import export|attack defend|attacked defended|enter leave|"
    "entered left|arrive depart|arrived departed|born died|love hate|loved hated|husband wife|father mother|"
    "son daughter|brother sister|king queen|boys girls|friend enemy|allies enemies|winter summer|spring autumn|"
    "morning evening|day night|past future|source target|advantage disadvantage|advantages disadvantages|"
    "benefit harm|expensive cheap|safe dangerous|visible invisible|possible impossible|able unable|include exclude|"
    "included excluded|with without|under over|added removed|add remove|appear disappear|appeared disappeared"
)
_OPPOSITES = {one: other for pair in _PAIRS.split("|") for one, other in (pair.split(), reversed(pair.split()))}


@dataclass(frozen=True, slots=True)
class Context:
    """A tokenised paragraph: ``ids[i]`` covers ``text[starts[i]:ends[i]]``."""

    text: str
    ids: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    sentences: tuple[int, ...]  # indices of the tokens that open a sentence; the first is 0


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question, where it was asked, and its answer as the tokens ``[first, last]`` of the context.

    ``unanswered`` are questions, written beside it, that the context does not answer.
    """

    dataset: str
    question: str
    context: int
    first: int
    last: int
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of one paragraph; ``answered`` are the question and its answer's characters ``[start, end)``."""

    answered: tuple[tuple[str, int, int], ...]
    unanswered: tuple[str, ...] = ()

    def pairs(self) -> Iterator[tuple[tuple[str, int, int], tuple[str, ...]]]:
        """Each answered question with its share of those that are not."""
        each = len(self.answered)
        return ((asked, self.unanswered[at::each]) for at, asked in enumerate(self.answered))


@dataclass(frozen=True, slots=True)
class Example:
    """One network input: ``[CLS] question [SEP] window [SEP]`` and where its answer stands.

    ``spans`` are the positions ``[first, last]`` of every place in the window where the answer's tokens
    stand; empty says that the window does not answer.
    """

    ids: tuple[int, ...]
    window_at: int  # position of the window's first token
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """All contexts and labelled questions of the training folder, tokenised once."""

    contexts: tuple[Context, ...]
    questions: tuple[Labelled, ...]


def answer_text(context: Context, item: Labelled) -> str:
    """The answer as it is written in the question's context."""
    return context.text[context.starts[item.first] : context.ends[item.last]]


def load_pool(folder: Path, tokenizer: Tokenizer, datasets: Sequence[str], *, held_back: bool) -> Pool:
    """Read the named ``*.json.gz`` SQuAD files of ``folder``; keep the held-back paragraphs or all others.

    What ``folder`` has not is one of the project's own sets, which lie beside this module. Unanswerable questions come
    with the answered ones of their paragraph.
    """
    contexts: list[Context] = []
    questions: list[Labelled] = []
    for dataset in datasets:
        files = [place / f"{dataset}.json.gz" for place in (folder, OWN)]
        for text, asked in _paragraphs(files[0] if files[0].exists() else files[1]):
            if is_held_back(text) != held_back:
                continue
            context = _tokenise(text, tokenizer)
            questions += labelled(dataset, context, len(contexts), asked)
            contexts.append(context)
    return Pool(tuple(contexts), tuple(questions))


def labelled(dataset: str, context: Context, index: int, asked: Asked) -> Iterator[Labelled]:
    """The answered questions of the context ``index``, each with its share of the others."""
    for (question, start, end), others in asked.pairs():
        tokens = tokens_under(context, start, end)
        if tokens is not None:
            yield Labelled(dataset, question, index, *tokens, unanswered=others)


def positive(pool: Pool, item: Labelled, question_ids: Sequence[int], budget: int, rng: random.Random) -> Example:
    """The question with a window of at most ``budget`` tokens that holds the answer."""
    context = pool.contexts[item.context]
    begin, end = _window(context, item.first, item.last, budget, rng)
    ids = (CLS, *question_ids, SEP, *context.ids[begin:end], SEP)
    at, answer = len(question_ids) + 2, context.ids[item.first : item.last + 1]
    places = _places(context.ids[begin:end], answer)
    return Example(ids, at, tuple((at + place, at + place + len(answer) - 1) for place in places))


def removed(pool: Pool, item: Labelled, question_ids: Sequence[int], budget: int, rng: random.Random) -> Example | None:
    """The question with its paragraph, less the sentences that hold the answer; None if nothing is left."""
    context = pool.contexts[item.context]
    bounds = (*context.sentences, len(context.ids))
    answer = context.ids[item.first : item.last + 1]
    kept: list[int] = []
    for begin, end in pairwise(bounds):
        if end <= item.first or begin > item.last:
            kept.extend(context.ids[begin:end])
    if len(kept) < 16 or _places(kept, answer):
        return None
    start = rng.randint(0, max(0, len(kept) - budget))
    return _unanswerable(question_ids, kept[start : start + budget])


def neighbour(
    pool: Pool, item: Labelled, question_ids: Sequence[int], other: int, budget: int, rng: random.Random
) -> Example | None:
    """The question with a window of paragraph ``other``; None if that paragraph holds the answer string."""
    context, answer = pool.contexts[other], pool.contexts[item.context].ids[item.first : item.last + 1]
    if other == item.context or _places(context.ids, answer):
        return None
    at = rng.randrange(len(context.ids)) if context.ids else 0
    begin, end = _window(context, at, at, budget, rng)
    return _unanswerable(question_ids, context.ids[begin:end])


def swapped_question(pool: Pool, item: Labelled, rng: random.Random) -> str | None:
    """The question with a name or number exchanged for another question's; None where that cannot be done."""
    text = pool.contexts[item.context].text
    for pattern in rng.sample(_NAMED, len(_NAMED)):
        found = [m for m in pattern.finditer(item.question) if m.group().lower() in text.lower()]
        if not found:
            continue
        target = rng.choice(found)
        if (other := _unknown(pool, pattern, text, rng)) is not None:
            return item.question[: target.start()] + other + item.question[target.end() :]
    return None


def renamed(
    pool: Pool, item: Labelled, question_ids: Sequence[int], tokenizer: Tokenizer, budget: int, rng: random.Random
) -> Example | None:
    """The question with its paragraph, a name of the question exchanged in it; None where that cannot be done."""
    context = pool.contexts[item.context]
    answer = answer_text(context, item)
    for pattern in rng.sample(_NAMED, len(_NAMED)):
        names = sorted({m.group() for m in pattern.finditer(item.question) if m.group() not in answer})
        around = [re.split(rf"\b{re.escape(name)}\b", context.text) for name in names]
        stands = [pieces for pieces in around if len(pieces) > 1]
        other = _unknown(pool, pattern, f"{context.text} {item.question}", rng) if stands else None
        if other is None:
            continue
        made = rewritten(other.join(rng.choice(stands)), answer, question_ids, tokenizer, budget, rng)
        if made is not None:
            return made
    return None


def rewritten(
    text: str, answer: str, question_ids: Sequence[int], tokenizer: Tokenizer, budget: int, rng: random.Random
) -> Example | None:
    """The question with a window of ``text`` around what was its answer; None where that stands there no more."""
    context, place = _tokenise(text, tokenizer), text.find(answer)
    first = next((i for i, end in enumerate(context.ends) if end > place), None)
    if place < 0 or first is None:
        return None
    begin, end = _window(context, first, first, budget, rng)
    return _unanswerable(question_ids, context.ids[begin:end])


def _unknown(pool: Pool, pattern: re.Pattern[str], text: str, rng: random.Random) -> str | None:
    """A name of some other question that does not stand in ``text``; None where forty draws found none."""
    for _ in range(40):
        names: list[str] = pattern.findall(rng.choice(pool.questions).question)
        if names and (name := rng.choice(names)).lower() not in text.lower():
            return name
    return None


def crossed_question(pool: Pool, item: Labelled, rng: random.Random) -> str | None:
    """The question with a name or number exchanged for another of its own paragraph, the answer apart."""
    context = pool.contexts[item.context]
    answer = answer_text(context, item).lower()
    for pattern in rng.sample(_NAMED, len(_NAMED)):
        found = [m for m in pattern.finditer(item.question) if m.group().lower() in context.text.lower()]
        names: list[str] = pattern.findall(context.text)
        others = sorted(
            {
                name
                for name in names
                if name.lower() not in item.question.lower()
                and name.lower() not in answer
                and answer not in name.lower()
            }
        )
        if found and others:
            target = rng.choice(found)
            return item.question[: target.start()] + rng.choice(others) + item.question[target.end() :]
    return None


def opposed_question(item: Labelled, rng: random.Random) -> str | None:
    """The question with a word exchanged for its opposite, or its auxiliary verb negated."""
    found = [m for m in _WORD.finditer(item.question) if m.group().lower() in _OPPOSITES]
    if found:
        target = rng.choice(found)
        other = _OPPOSITES[target.group().lower()]
        return item.question[: target.start()] + other + item.question[target.end() :]
    verbs = list(_AUXILIARY.finditer(item.question))
    if not verbs:
        return None
    return f"{item.question[: verbs[0].end()]} not{item.question[verbs[0].end() :]}"


def _paragraphs(path: Path) -> Iterator[tuple[str, Asked]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        data = json.load(file)["data"]
    for article in data:
        for paragraph in article["paragraphs"]:
            answered, unanswered = [], []
            for qa in paragraph["qas"]:
                question = qa["question"].strip()
                if qa["answers"]:
                    start, text = qa["answers"][0]["answer_start"], qa["answers"][0]["text"]
                    answered.append((question, start, start + len(text)))
                else:
                    unanswered.append(question)
            yield paragraph["context"], Asked(tuple(answered), tuple(unanswered))


def _tokenise(text: str, tokenizer: Tokenizer) -> Context:
    encoding = tokenizer.encode(text, add_special_tokens=False)
    starts, ends = zip(*encoding.offsets, strict=True) if encoding.offsets else ((), ())
    sentences = [0]
    for i in range(1, len(starts)):
        gap = text[ends[i - 1] : starts[i]]
        if gap and text[ends[i - 1] - 1] in _SENTENCE_END and not text[starts[i]].islower():
            sentences.append(i)
    return Context(text, tuple(encoding.ids), tuple(starts), tuple(ends), tuple(sentences))


def tokens_under(context: Context, start: int, end: int) -> tuple[int, int] | None:
    """The first and the last token that characters ``start`` to ``end`` touch; None if there is none."""
    first = next((i for i, e in enumerate(context.ends) if e > start), None)
    last = next((i for i in range(len(context.starts) - 1, -1, -1) if context.starts[i] < end), None)
    return None if first is None or last is None or last < first else (first, last)


def _window(context: Context, first: int, last: int, budget: int, rng: random.Random) -> tuple[int, int]:
    """At most ``budget`` tokens that hold ``[first, last]``, opening at a sentence where one fits."""
    count = len(context.ids)
    if count <= budget:
        return 0, count
    earliest, latest = max(0, last + 1 - budget), min(first, count - budget)
    begin = rng.randint(min(earliest, latest), latest)
    opening = [s for s in context.sentences if earliest <= s <= begin]
    begin = opening[-1] if opening else begin
    return begin, max(begin + budget, last + 1)


def _places(ids: Sequence[int], needle: Sequence[int]) -> list[int]:
    width, wanted = len(needle), tuple(needle)
    return [i for i in range(len(ids) - width + 1) if ids[i] == wanted[0] and tuple(ids[i : i + width]) == wanted]


def _unanswerable(question_ids: Sequence[int], window: Sequence[int]) -> Example:
    return Example((CLS, *question_ids, SEP, *window, SEP), len(question_ids) + 2, ())
