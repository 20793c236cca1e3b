"""Questions in others' forms, read as they are: Haystack's evaluation inputs, and BEIR's folders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import AliasChoices, BaseModel, Field, ValidationError

from corpus.articles import article_from
from corpus.errors import GoldError, InvalidArticle
from corpus.types import Article, Span
from evals.gold import GoldQuestion, first_problem, read_bytes

M = TypeVar("M", bound=BaseModel)


class _Document(BaseModel):
    id: str | None = None
    meta: dict[str, Any] = {}


class _Question(BaseModel):
    question: str = Field(validation_alias=AliasChoices("question", "query"), pattern=r"\S")
    answers: list[str] | str = Field(
        default=[], validation_alias=AliasChoices("ground_truth_answers", "ground_truth_answer", "answers", "answer")
    )
    documents: list[_Document | str] = Field(
        default=[], validation_alias=AliasChoices("ground_truth_documents", "documents")
    )


class _Entry(BaseModel):
    id: str = Field(alias="_id", validation_alias=AliasChoices("_id", "id"), min_length=1)
    title: str = ""
    text: str


def read_haystack(path: Path, articles: Mapping[str, Article]) -> tuple[GoldQuestion, ...]:
    """Read what a Haystack evaluation is given: ``questions``, ``ground_truth_answers``, ``ground_truth_documents``.

    Either a JSON object of columns of one length, or one object a question (a list, or a line each; ``query`` and
    ``answers`` are understood too). A document names its article by ``meta.article_id`` or its id; the label is the
    first place of an answer there. Without such a document the answer's words alone are judged.

    Raises:
        GoldError: if the file cannot be read or a question breaks the form; names file, question and field.
    """
    rows = list(_rows(path))
    if len(rows) == 1 and isinstance(rows[0], dict) and isinstance(rows[0].get("questions"), list):
        rows = _from_columns(path, rows[0])
    found = []
    for number, row in enumerate(rows, start=1):
        asked = _valid(_Question, row, f"{path}, question {number}")
        answers = tuple([asked.answers] if isinstance(asked.answers, str) else asked.answers)
        answers = tuple(dict.fromkeys(answer for answer in answers if answer.strip()))
        article, span = _label(answers, asked.documents, articles)
        kind = "haystack" if answers else "unanswerable"
        found.append(GoldQuestion(f"{number:05d}", asked.question, answers, article, span, kind))
    if not found:
        raise GoldError(f"{path}: holds no question")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Collection:
    """A retrieval collection.

    Attributes:
        articles: its documents; blank ones are left out.
        queries: texts by id, those with a relevant document alone.
        relevant: ids of the relevant documents (judged above 0) by query id.
    """

    articles: tuple[Article, ...]
    queries: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


def read_beir(folder: Path) -> Collection:
    """Read a folder of ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv`` or ``qrels/test.tsv``, each also ``.gz``.

    Raises:
        GoldError: if a file is missing, or a line breaks its form; names file, line and field.
    """
    articles = []
    for number, row in enumerate(_rows(_there(folder, "corpus.jsonl")), start=1):
        entry = _valid(_Entry, row, f"{folder}/corpus.jsonl, line {number}")
        try:
            articles.append(article_from(entry.id, entry.text, title=entry.title or None))
        except InvalidArticle:
            continue  # a blank document, which cannot be found
    texts = {}
    for number, row in enumerate(_rows(_there(folder, "queries.jsonl")), start=1):
        query = _valid(_Entry, row, f"{folder}/queries.jsonl, line {number}")
        texts[query.id] = query.text
    relevant = _relevant(_there(folder, "qrels.tsv", "qrels/test.tsv"))
    return Collection(tuple(articles), {key: texts[key] for key in texts if key in relevant}, relevant)


def _relevant(path: Path) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for number, line in enumerate(read_bytes(path).decode("utf-8").splitlines(), start=1):
        fields = line.split()
        if not fields or (number == 1 and not fields[-1].lstrip("-").isdecimal()):  # BEIR's own have a head
            continue
        try:
            query, document, grade = fields[0], fields[-2], int(fields[-1])
        except (ValueError, IndexError):
            raise GoldError(f"{path}, line {number}: expected a query's id, a document's id and a grade") from None
        if grade > 0:
            found.setdefault(query, set()).add(document)
    return {query: frozenset(documents) for query, documents in found.items()}


def _label(
    answers: Sequence[str], documents: Sequence[_Document | str], articles: Mapping[str, Article]
) -> tuple[str | None, Span | None]:
    for document in documents:
        name = document if isinstance(document, str) else document.meta.get("article_id", document.id)
        article = articles.get(str(name))
        if article is None:
            continue
        for answer in answers:
            if (start := article.text.find(answer)) >= 0:
                return article.id, Span(start, start + len(answer))
    return None, None


def _from_columns(path: Path, columns: dict[str, Any]) -> list[Any]:
    names = {"questions": "question", "ground_truth_answers": "answers", "ground_truth_documents": "documents"}
    given = {new: columns[old] for old, new in names.items() if old in columns}
    lengths = {len(column) if isinstance(column, list) else -1 for column in given.values()}
    if len(lengths) != 1 or -1 in lengths:
        raise GoldError(f"{path}: expected {', '.join(names)} as lists of one length")
    return [dict(zip(given, row, strict=True)) for row in zip(*given.values(), strict=True)]


def _rows(path: Path) -> Iterator[Any]:
    """The values of a JSON list, or of a JSON value a line."""
    text = read_bytes(path).decode("utf-8")
    try:
        whole = json.loads(text)
        yield from whole if isinstance(whole, list) else [whole]
        return
    except ValueError:
        pass
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise GoldError(f"{path}, line {number}: no JSON ({error})") from None


def _valid(model: type[M], row: Any, where: str) -> M:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        raise GoldError(f"{where}: {first_problem(error)}") from None


def _there(folder: Path, *names: str) -> Path:
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise GoldError(f"{folder}: expected {' or '.join(names)} in it, .gz or not")
