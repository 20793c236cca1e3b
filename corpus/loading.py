"""A folder of articles, one at a time; a file that cannot be read is a value, not the end."""

from __future__ import annotations

import io
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from corpus.articles import article_from
from corpus.errors import ArticleError, InvalidArticle, UnreadableFile
from corpus.formats import ENDINGS, READERS, ROWS_ENDING, Draft
from corpus.formats.jsonl import read_rows
from corpus.types import Article, Value

MAX_FILE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Loaded(Value):
    """An article and the file it was read from.

    Attributes:
        article: the article.
        origin: the file's path below the corpus folder, in POSIX form.
    """

    article: Article
    origin: str


def load_folder(folder: Path) -> Iterator[Loaded | UnreadableFile]:
    """Read every article below ``folder``, in sorted order, holding one file at a time.

    A file that cannot be read comes as an UnreadableFile, whose ``path`` is what ``origin`` is to
    an article; so do a bad row of a ``.jsonl`` file (the others are read), an id for the second
    time, a folder that may not be opened, and a link that leads out of the folder, nowhere, or to
    another folder. Hidden files and files of other kinds are passed over.

    Raises:
        ArticleError: at once, if ``folder`` is missing or no folder.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise ArticleError(f"{folder}: {what}; expected a folder of articles")
    return _without_repeats(_load(folder.resolve()))


def load_bytes(name: str, data: bytes) -> Iterator[Loaded | UnreadableFile]:
    """Read the articles of one file from its bytes, exactly as ``load_folder`` reads it from a folder.

    ``name`` is what the file's path below the corpus folder would be: its ending chooses the format, the rest is the
    id of an article that the file gives none. Nothing is opened under it.

    Raises:
        UnreadableFile: at once, if ``name`` cannot be the path of a file that ``load_folder`` reads.
    """
    if reason := _misnamed(name):
        raise UnreadableFile(_shown(name)[:100], reason)
    return _without_repeats(_load_stream(io.BytesIO(data), name))


def _misnamed(name: str) -> str | None:
    """Why no file below a corpus folder has the path ``name``, or None."""
    if not all(part and not part.startswith(".") for part in name.split("/")):
        return "expected a file's name, or a path below a folder, without empty parts and parts that begin with a dot"
    if PurePosixPath(name).suffix.lower() not in ENDINGS:
        return f"no kind of file that is read; expected a name that ends in {', '.join(sorted(ENDINGS))}"
    return None


def _without_repeats(found: Iterator[Loaded | UnreadableFile]) -> Iterator[Loaded | UnreadableFile]:
    origins: dict[str, str] = {}
    for one in found:
        if isinstance(one, Loaded) and (first := origins.get(one.article.id)):
            yield UnreadableFile(one.origin, f"the id {one.article.id!a} is taken by {first}; rename one of them")
            continue
        if isinstance(one, Loaded):
            origins[one.article.id] = one.origin
        yield one


def _load(root: Path) -> Iterator[Loaded | UnreadableFile]:
    for path, problem in _walk(root):
        origin = path.relative_to(root).as_posix()
        if problem:
            yield UnreadableFile(_shown(origin), problem)
        else:
            yield from _load_file(path, origin)


def _walk(root: Path) -> Iterator[tuple[Path, str | None]]:
    """Files to read, and what may not be read with the reason why, in sorted order."""
    waiting = [root]
    while waiting:
        path = waiting.pop()
        try:
            if path != root and (reason := _barred(root, path)):
                yield path, reason
            elif path.is_dir():
                waiting += sorted(filter(_is_wanted, path.iterdir()), reverse=True)
            else:
                yield path, None
        except OSError as problem:
            yield path, _system_reason(problem)


def _is_wanted(path: Path) -> bool:
    """Whether ``path`` is not hidden, and a folder, a link to one, or of a kind that is read."""
    return not path.name.startswith(".") and (path.suffix.lower() in ENDINGS or path.is_dir())


def _barred(root: Path, path: Path) -> str | None:
    """Why ``path`` may not be opened, or None."""
    if path.is_symlink():
        try:
            target = path.resolve(strict=True)
        except FileNotFoundError:
            return "a link to nothing"
        except (OSError, RuntimeError):  # RuntimeError is a loop of links, before Python 3.13
            return "a link that leads in a circle, or may not be followed"
        if not target.is_relative_to(root):
            return "a link that leads out of the folder"
        if target.is_dir():
            return "a link to another folder; its articles are read where they stand"
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return "not a regular file"
    return None


def _load_file(path: Path, origin: str) -> Iterator[Loaded | UnreadableFile]:
    try:
        if _shown(origin) != origin:
            raise InvalidArticle("the file's name is not UTF-8; rename it")
        with path.open("rb") as file:
            yield from _load_stream(file, origin)
    except InvalidArticle as problem:
        yield UnreadableFile(_shown(origin), str(problem))
    except OSError as problem:
        yield UnreadableFile(_shown(origin), _system_reason(problem))


def _load_stream(file: BinaryIO, origin: str) -> Iterator[Loaded | UnreadableFile]:
    try:
        if PurePosixPath(origin).suffix.lower() == ROWS_ENDING:
            yield from _load_rows(file, origin)
        else:
            yield Loaded(_read(file, origin), origin)
    except InvalidArticle as problem:
        yield UnreadableFile(_shown(origin), str(problem))
    except OSError as problem:
        yield UnreadableFile(_shown(origin), _system_reason(problem))
    except Exception as problem:  # what a hostile file makes a parser raise is not to be foreseen
        yield UnreadableFile(_shown(origin), f"broken: {type(problem).__name__}: {str(problem)[:150]}")


def _read(file: BinaryIO, origin: str) -> Article:
    data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise InvalidArticle(f"over {MAX_FILE_BYTES // 1_000_000} MB; split it")
    if not data.strip():
        raise InvalidArticle("it is empty")
    path = PurePosixPath(origin)
    draft = READERS[path.suffix.lower()](data)
    return _article(unicodedata.normalize("NFC", str(path.with_suffix(""))), draft)


def _load_rows(file: BinaryIO, origin: str) -> Iterator[Loaded | UnreadableFile]:
    empty = True
    for number, row in read_rows(file, most_bytes=MAX_FILE_BYTES):
        empty = False
        try:
            if isinstance(row, InvalidArticle):
                raise row
            yield Loaded(_article(unicodedata.normalize("NFC", row.id or ""), row), origin)
        except InvalidArticle as problem:
            yield UnreadableFile(origin, f"line {number}: {problem}")
    if empty:
        raise InvalidArticle("it is empty")


def _article(article_id: str, draft: Draft) -> Article:
    article = article_from(
        article_id, draft.text, title=draft.title, source=draft.source, url=draft.url, published=draft.published
    )
    return replace(article, published=draft.made) if article.published is None and draft.made else article


def _system_reason(problem: OSError) -> str:
    return (problem.strerror or type(problem).__name__).lower()


def _shown(name: str) -> str:
    """``name`` with what is not UTF-8 in it replaced, fit to print."""
    return name.encode("utf-8", "replace").decode("utf-8")
