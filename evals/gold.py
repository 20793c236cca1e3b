"""Gold questions: what is asked, and what people hold to be right."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from answering.types import Turn
from corpus.errors import GoldError
from corpus.text import normalise
from corpus.types import Article, Span

_UNPACK: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType({".gz": gzip.decompress, ".xz": lzma.decompress})


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with its labels.

    Attributes:
        answers: every wording held right; empty where the articles do not answer.
        article: the id of the article that says it, or that an unanswerable question is asked of, if of one.
        span: where one of the answers stands in that article; None where unanswerable.
        kind: what is asked for, for a breakdown (``person``, ``date``, …).
        note: a remark of the labeller.
        history: the turns a follow-up comes after, oldest first.
        asked_on: the day that "this week" and the like mean; None where the question means no day.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    article: str | None
    span: Span | None
    kind: str
    note: str | None = None
    history: tuple[Turn, ...] = ()
    asked_on: date | None = None

    @property
    def answerable(self) -> bool:
        """Whether the articles answer it."""
        return bool(self.answers)


class _Turn(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    role: Literal["user", "assistant"]
    content: str = Field(pattern=r"\S")


class _Row(BaseModel):
    """One line of a gold file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(min_length=1)
    question: str = Field(pattern=r"\S")
    answers: list[str]
    article: str | None = None
    start: NonNegativeInt | None = None
    end: NonNegativeInt | None = None
    kind: str = Field(min_length=1)
    answerable: bool
    note: str | None = None
    history: list[_Turn] = []
    asked_on: date | None = None


class _SquadAnswer(BaseModel):
    text: str
    answer_start: NonNegativeInt


class _SquadQuestion(BaseModel):
    id: str
    question: str
    answers: list[_SquadAnswer]  # none where the paragraph does not answer


class _SquadParagraph(BaseModel):
    context: str
    qas: list[_SquadQuestion]


class _SquadArticle(BaseModel):
    title: str = ""
    paragraphs: list[_SquadParagraph]


class _Squad(BaseModel):
    data: list[_SquadArticle]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one line of a gold file; ``message`` begins with the field's name."""

    line: int
    message: str


def parse_gold(path: Path) -> tuple[tuple[GoldQuestion, ...], tuple[Flaw, ...]]:
    """The questions of a ``.jsonl`` file, and the lines that are none.

    Raises:
        GoldError: if the file cannot be read, or holds nothing.
    """
    questions: dict[str, GoldQuestion] = {}
    flaws: list[Flaw] = []
    for number, line in enumerate(read_bytes(path).decode("utf-8").split("\n"), start=1):
        found = _parsed(line) if line.strip() else None
        if isinstance(found, GoldQuestion) and found.id in questions:
            found = f"id: {found.id!r} stands in the file twice; give each question its own"
        if isinstance(found, GoldQuestion):
            questions[found.id] = found
        elif found is not None:
            flaws.append(Flaw(number, found))
    if not questions and not flaws:
        raise GoldError(f"{path}: holds no question; expected one JSON object a line")
    return tuple(questions.values()), tuple(flaws)


def read_gold(path: Path) -> tuple[GoldQuestion, ...]:
    """Read a ``.jsonl`` file of gold questions, one object a line.

    Raises:
        GoldError: if the file cannot be read or a line breaks the schema; names file, line and field.
    """
    questions, flaws = parse_gold(path)
    if flaws:
        more = f"; 'pullquote gold check' lists all {len(flaws)} such lines" if len(flaws) > 1 else ""
        raise GoldError(f"{path}, line {flaws[0].line}: {flaws[0].message}{more}")
    return questions


def schema() -> dict[str, Any]:
    """The JSON schema of a row, as ``evals/gold/schema.json`` publishes it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A gold question",
        **{name: value for name, value in _Row.model_json_schema().items() if name != "title"},
    }


def check_gold(questions: Sequence[GoldQuestion], articles: Sequence[Article]) -> None:
    """Hold every label against the articles, so that a changed article cannot silently shift the labels.

    Raises:
        GoldError: if an article is missing, or the text under a span is none of the answers.
    """
    texts = {article.id: article.text for article in articles}
    for gold in questions:
        if gold.article is None or gold.span is None:
            continue
        if gold.article not in texts:
            raise GoldError(f"gold question {gold.id}: article: there is no article {gold.article!r} in the corpus")
        found = gold.span.slice(texts[gold.article])
        if found not in gold.answers:
            raise GoldError(
                f"gold question {gold.id}: start, end: [{gold.span.start}, {gold.span.end}) of {gold.article!r} "
                f"reads {found[:80]!r}, expected one of {list(gold.answers)}; label it again"
            )


def read_squad(path: Path) -> tuple[tuple[GoldQuestion, ...], tuple[Article, ...]]:
    """Read SQuAD v1 or v2 JSON (``.json`` or ``.json.gz``): its questions, and one article a paragraph.

    The articles' ids are ``squad/0000``, ``squad/0001``, … in file order. Offsets are carried
    into the normalised text.

    Raises:
        GoldError: if the file cannot be read, breaks the schema, or an answer does not stand at its offset.
    """
    try:
        squad = _Squad.model_validate_json(read_bytes(path))
    except ValidationError as error:
        raise GoldError(f"{path}: {first_problem(error)}") from error
    questions: list[GoldQuestion] = []
    articles: list[Article] = []
    for title, paragraph in ((a.title, p) for a in squad.data for p in a.paragraphs):
        article = Article(
            f"squad/{len(articles):04d}", title.replace("_", " ") or "SQuAD", normalise(paragraph.context)
        )
        articles.append(article)
        questions.extend(_squad_question(path, qa, paragraph.context, article) for qa in paragraph.qas)
    if not questions:
        raise GoldError(f"{path}: holds no question")
    return tuple(questions), tuple(articles)


def _squad_question(path: Path, qa: _SquadQuestion, context: str, article: Article) -> GoldQuestion:
    if not qa.answers:
        return GoldQuestion(qa.id, qa.question, (), article.id, None, "unanswerable")
    answers = tuple(dict.fromkeys(normalise(answer.text) for answer in qa.answers))
    start = len(normalise(context[: qa.answers[0].answer_start]))
    span = Span(start, start + len(answers[0]))
    if span.slice(article.text) != answers[0]:
        raise GoldError(f"{path}, question {qa.id}: answer_start: {answers[0]!r} does not stand there")
    return GoldQuestion(qa.id, qa.question, answers, article.id, span, "squad")


def _parsed(line: str) -> GoldQuestion | str:
    """The question of a line, or what is wrong with it."""
    try:
        row = _Row.model_validate_json(line)
    except ValidationError as error:
        return first_problem(error)
    if problem := _contradiction(row):
        return problem
    span = None if row.start is None or row.end is None else Span(row.start, row.end)
    history = tuple(Turn(turn.role, turn.content) for turn in row.history)
    answers = tuple(row.answers)
    return GoldQuestion(row.id, row.question, answers, row.article, span, row.kind, row.note, history, row.asked_on)


def _contradiction(row: _Row) -> str | None:
    """What is wrong with a row whose fields are each well-formed, led by the field's name."""
    if not row.answerable:
        given = [name for name in ("answers", "start", "end") if getattr(row, name) not in (None, [])]
        return f"{given[0]}: expected none, for the question is marked unanswerable" if given else None
    if not row.answers or not all(answer.strip() for answer in row.answers):
        return "answers: an answerable question needs at least one answer, and none of them blank"
    if not row.article:
        return "article: an answerable question needs the id of the article that answers it"
    if row.start is None or row.end is None or row.start >= row.end:
        return "start, end: an answerable question needs the span of its answer, start before end"
    return None


def read_bytes(path: Path) -> bytes:
    """The content of a file, unpacked where its name ends in ``.gz`` or ``.xz``.

    Raises:
        GoldError: if it cannot be read, or is not UTF-8.
    """
    try:
        content = _UNPACK.get(path.suffix, bytes)(path.read_bytes())
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise GoldError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise GoldError(f"{path}: cannot be read ({error}); expected a file of gold questions") from error
    return content


def first_problem(error: ValidationError) -> str:
    """The first thing that breaks a schema, led by the field's name."""
    problem: Any = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    return f"{field}: {problem['msg']}" if field else str(problem["msg"])
