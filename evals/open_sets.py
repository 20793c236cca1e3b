"""Open questions: asked of thousands of articles, where the right one has to be found first.

Two forms. *News*: dated articles and dated questions, a JSON object a line (``*_articles.jsonl`` with
``id``, ``title``, ``date``, ``url``, ``text`` and ``*_questions.jsonl`` with ``id``, ``question``, ``asked``,
``answers``, ``article_id``; also ``.gz`` and ``.xz``). *SQuAD*: the questions of one file over the paragraphs
of all files of a folder, exact duplicates left out.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.articles import article_from
from corpus.errors import GoldError, InvalidArticle
from corpus.heads import parse_date
from corpus.types import Article
from evals.gold import GoldQuestion, first_problem, read_bytes, read_squad

_QUESTION_WORDS = ("who", "whom", "whose", "when", "where", "why", "which", "what", "how")
_Row = TypeVar("_Row", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class OpenSet:
    """Articles and the questions asked of all of them together."""

    name: str
    articles: tuple[Article, ...]
    questions: tuple[GoldQuestion, ...]

    def sample(self, count: int | None, seed: int) -> OpenSet:
        """The set with ``count`` of its questions, drawn by lot; a larger draw of one seed begins with the smaller."""
        if count is None:
            return self
        drawn = list(self.questions)
        random.Random(seed).shuffle(drawn)  # noqa: S311 - a sample
        return replace(self, questions=tuple(drawn[:count]))


class _NewsArticle(BaseModel):
    model_config = ConfigDict(strict=True)

    id: str = Field(min_length=1)
    title: str = ""
    date: str = ""
    url: str = ""
    text: str


class _NewsQuestion(BaseModel):
    model_config = ConfigDict(strict=True)

    id: str = Field(min_length=1)
    question: str = Field(pattern=r"\S")
    asked: str = ""
    answers: list[str] = Field(min_length=1)
    article_id: str | None = None


def read_news(folder: Path) -> OpenSet:
    """Read the one pair of news files in ``folder``.

    Raises:
        GoldError: if there is not one of each, or a line breaks its form; names file, line and field.
    """
    path = _only(folder, "*_articles.jsonl*")
    articles = tuple(article for number, row in _rows(path, _NewsArticle) for article in _news_article(row))
    path = _only(folder, "*_questions.jsonl*")
    questions = tuple(
        GoldQuestion(
            id=row.id,
            question=row.question,
            answers=tuple(row.answers),
            article=row.article_id,
            span=None,
            kind=kind_of(row.question),
            asked_on=parse_date(row.asked),
        )
        for _, row in _rows(path, _NewsQuestion)
    )
    return OpenSet("news", articles, questions)


def read_open_squad(folder: Path, questions: str = "squad11_dev.json.gz") -> OpenSet:
    """Read the questions of one file, and the paragraphs of it and of every other ``.json.gz`` below ``folder``.

    A paragraph has its number for a title: its own would tell one side more than the other.

    Raises:
        GoldError: if a file cannot be read, or there is not one of the name ``questions``.
    """
    asked_of = _only(folder, f"**/{questions}")
    paths = [asked_of, *(path for path in sorted(folder.glob("**/*.json.gz")) if path != asked_of)]
    asked, _ = read_squad(asked_of)
    texts = dict.fromkeys(article.text for path in paths for article in read_squad(path)[1])
    articles = tuple(Article(f"paragraph/{at:05d}", str(at), text) for at, text in enumerate(texts) if text.strip())
    # The ids are other ones now, and an answer counts by its text: the places are left out.
    return OpenSet(
        "open-squad",
        articles,
        tuple(replace(gold, article=None, span=None, kind=kind_of(gold.question)) for gold in asked if gold.answerable),
    )


def kind_of(question: str) -> str:
    """What is asked for: the first question word, ``how many`` apart; ``other`` without one."""
    words = [word.strip("\"'“”‘’,?").casefold().removesuffix("'s").removesuffix("’s") for word in question.split()]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in _QUESTION_WORDS:
            if word == "how" and following in ("many", "much"):
                return "how many"
            return "who" if word.startswith("who") else word
    return "other"


def _news_article(row: _NewsArticle) -> Iterator[Article]:
    try:
        day = parse_date(row.date)
        yield article_from(row.id, row.text, title=row.title or None, url=row.url or None, published=day)
    except InvalidArticle:
        return  # a blank article, which cannot be found


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise GoldError(f"{folder}: expected one file {pattern} in it, found {len(found)}")
    return found[0]


def _rows(path: Path, model: type[_Row]) -> Iterable[tuple[int, _Row]]:
    for number, line in enumerate(read_bytes(path).decode("utf-8").split("\n"), start=1):
        if line.strip():
            try:
                yield number, model.model_validate_json(line)
            except ValidationError as error:
                raise GoldError(f"{path}, line {number}: {first_problem(error)}") from None
