"""What a run visits, and with which windows: every draw is the plan's seed's.

A run is cut into stretches of visits; what a visit draws depends on its number alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from tokenizers import Tokenizer

from reader.training import cloze
from reader.training.examples import (
    Example,
    Labelled,
    Pool,
    answer_text,
    crossed_question,
    neighbour,
    opposed_question,
    positive,
    removed,
    renamed,
    rewritten,
    swapped_question,
)
from reader.training.exchanges import LikeWords, exchange, exchanged
from reader.training.plan import Plan

STRETCH = 1024  # visits
_RENAMED = 0.3  # of the changed: the paragraph, not the question

Group = tuple[Example, ...]
"""Windows of one question; at most one of them answers it."""


def nearest_contexts(pool: Pool, count: int) -> list[list[int]]:
    """For each question, the ``count`` paragraphs with the likest words (TF-IDF cosine), likest first."""
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32, min_df=2)
    contexts = vectorizer.fit_transform([context.text for context in pool.contexts]).T.tocsr()
    found: list[list[int]] = []
    texts = [question.question for question in pool.questions]
    for at in range(0, len(texts), 1000):
        scores = (vectorizer.transform(texts[at : at + 1000]) @ contexts).toarray()
        top = np.argpartition(-scores, count, axis=1)[:, :count]
        order = np.take_along_axis(scores, top, axis=1).argsort(axis=1)[:, ::-1]
        found += np.take_along_axis(top, order, axis=1).tolist()
    return found


def visits_of(plan: Plan, pool: Pool) -> list[int]:
    """The whole run in order: the questions made by rule, then the others, shuffled within each pass."""
    rng = random.Random(plan.seed)
    by_dataset: dict[str, list[int]] = {}
    for i, question in enumerate(pool.questions):
        by_dataset.setdefault(question.dataset, []).append(i)
    named = {dataset for dataset, _ in plan.visits}
    visits = [] if cloze.DATASET in named else list(by_dataset.get(cloze.DATASET, []))
    for _ in range(plan.passes):
        one: list[int] = []
        for dataset, times in plan.visits:
            questions = by_dataset.get(dataset, [])
            one += questions * int(times)
            one += rng.sample(questions, round(len(questions) * (times % 1)))
        rng.shuffle(one)
        visits += one
    return visits


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that a stretch is drawn from.

    ``near`` are the likest paragraphs of each question, ``visits`` the questions in the run's order, ``likes`` the
    words that may stand for each other.
    """

    plan: Plan
    pool: Pool
    tokenizer: Tokenizer
    near: list[list[int]]
    visits: list[int]
    likes: LikeWords

    @property
    def stretches(self) -> int:
        """How many there are; the last is mostly shorter."""
        return -(-len(self.visits) // STRETCH)

    def stretch(self, number: int) -> list[Group]:
        """The groups of a stretch's visits."""
        first = number * STRETCH
        return [group for at in range(first, min(first + STRETCH, len(self.visits))) for group in self.groups(at)]

    def groups(self, number: int) -> Iterator[Group]:
        """The groups of one visit; what is too long for the network is left out."""
        plan, pool, index = self.plan, self.pool, self.visits[number]
        rng = random.Random(plan.seed * 1_000_003 + number)
        item, budget = pool.questions[index], rng.randint(*plan.window_tokens)
        ids = self._encoded(item.question)
        answering = positive(pool, item, ids, budget, rng)
        if len(answering.ids) > plan.network_tokens:
            return
        beside = self._beside(item, index, ids, budget, rng) if rng.random() < plan.beside else None
        yield (answering,) if beside is None else (answering, beside)
        written = [self._unanswered(item, other, budget, rng) for other in item.unanswered]
        yield from ((window,) for window in written if len(window.ids) <= plan.network_tokens)
        if item.unanswered or rng.random() >= plan.changed:
            return
        made = self._rewritten(item, ids, budget, rng) if rng.random() < _RENAMED else None
        if made is None and (question := changed_question(plan, pool, self.likes, item, rng)) is not None:
            made = self._unanswered(item, question, budget, rng)
        if made is not None and len(made.ids) <= plan.network_tokens:
            yield (made,)

    def _unanswered(self, item: Labelled, question: str, budget: int, rng: random.Random) -> Example:
        """Another question with the item's paragraph, which does not answer it."""
        return replace(positive(self.pool, item, self._encoded(question), budget, rng), spans=())

    def _beside(self, item: Labelled, index: int, ids: list[int], budget: int, rng: random.Random) -> Example | None:
        """The question with a window that does not answer."""
        made: Example | None = None
        if "removed" in self.plan.ways and rng.random() < 0.4:
            made = removed(self.pool, item, ids, budget, rng)
        if made is None and "neighbour" in self.plan.ways:
            # The likest are drawn most: what a search brings up is like the question.
            other = self.near[index][int(len(self.near[index]) * rng.random() ** 2)]
            made = neighbour(self.pool, item, ids, other, budget, rng)
        return made

    def _rewritten(self, item: Labelled, ids: list[int], budget: int, rng: random.Random) -> Example | None:
        """The question with its own paragraph, a name or a word of the question exchanged there."""
        if "renamed" not in self.plan.ways:
            return None
        if "exchanged" in self.plan.ways and rng.random() < 0.5:
            context = self.pool.contexts[item.context]
            pair = exchange(self.likes, context, item, rng)
            if pair is not None:
                text, answer = exchanged(context.text, *pair), answer_text(context, item)
                return rewritten(text, answer, ids, self.tokenizer, budget, rng)
        return renamed(self.pool, item, ids, self.tokenizer, budget, rng)

    def _encoded(self, question: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(question, add_special_tokens=False).ids
        return ids[: self.plan.question_tokens]


def changed_question(plan: Plan, pool: Pool, likes: LikeWords, item: Labelled, rng: random.Random) -> str | None:
    """The question made unanswerable in its own paragraph, one of the plan's ways; None where none of them can."""

    def exchanged_question() -> str | None:
        pair = exchange(likes, pool.contexts[item.context], item, rng)
        return None if pair is None else exchanged(item.question, *pair)

    ways: dict[str, Callable[[], str | None]] = {
        "swapped": lambda: swapped_question(pool, item, rng),
        "crossed": lambda: crossed_question(pool, item, rng),
        "opposed": lambda: opposed_question(item, rng),
        "exchanged": exchanged_question,
    }
    chosen = [way for name, way in ways.items() if name in plan.ways]
    return next((made for way in rng.sample(chosen, len(chosen)) if (made := way()) is not None), None)
