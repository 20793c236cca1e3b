"""What a run leaves behind: its rows, and all that is needed to say what was measured.

A record is JSON with one row a line, so that a committed record shows in a diff which questions
changed; ``.gz`` at the end of its name compresses it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from answering.types import Features
from corpus.errors import GoldError
from corpus.types import Article
from evals.gold import GoldQuestion
from evals.ranking import Ranked
from evals.runner import Place, Row
from evals.summary import Summary, summarise

FORMAT = 1
_PACKAGES = ("corpus", "retrieval", "reader", "answering", "evals")
_VERSIONS = ("haystack-ai", "numpy", "onnxruntime", "tokenizers")


@dataclass(frozen=True, slots=True)
class Record:
    """One run.

    Attributes:
        system: what was asked (``pullquote`` or a peer).
        commit: the version of the code, with ``+changes`` where files differ from it; None outside a repository.
        settings: what shaped the answers, by name: ``depth`` (passages read), ``workers``, ``min_confidence``, …
        digests: of ``gold``, ``corpus``, ``code`` and the weights.
        versions: of Python and of the packages that compute.
        seed: of whatever is drawn by lot in a run; nothing is, today.
    """

    system: str
    commit: str | None
    settings: Mapping[str, Any]
    digests: Mapping[str, str]
    versions: Mapping[str, str]
    seed: int
    rows: tuple[Row, ...]

    @property
    def summary(self) -> Summary:
        """The figures, worked out from the rows: a record cannot contradict itself."""
        return summarise(self.rows, depth=int(self.settings["depth"]), workers=int(self.settings["workers"]))


def write_record(record: Record, path: Path) -> None:
    """Write a record; the folder is made if need be."""
    about = {
        "format": FORMAT,
        "system": record.system,
        "commit": record.commit,
        "settings": dict(record.settings),
        "digests": dict(record.digests),
        "versions": dict(record.versions),
        "seed": record.seed,
        "summary": asdict(record.summary),
    }
    head = json.dumps(about, ensure_ascii=False, indent=1, allow_nan=False).removesuffix("\n}")
    rows = ",\n".join(row_json(row) for row in record.rows)
    content = f'{head},\n "rows": [\n{rows}\n]}}\n'.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a time inside, the same run compresses to the same bytes.
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def read_record(path: Path) -> Record:
    """Read a record.

    Raises:
        GoldError: if there is none, or it is of another format.
    """
    try:
        content = path.read_bytes()
        value = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
        if value["format"] != FORMAT:
            raise GoldError(f"{path}: record format {value['format']}, expected {FORMAT}; run the eval again")
        return Record(
            system=value["system"],
            commit=value["commit"],
            settings=value["settings"],
            digests=value["digests"],
            versions=value["versions"],
            seed=value["seed"],
            rows=tuple(map(row_of, value["rows"])),
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise GoldError(f"{path}: no readable record ({error}); 'pullquote eval --record FILE' writes one") from error


def row_json(row: Row) -> str:
    """A row on one line. Times to a hundredth of a millisecond: more digits are noise in a diff."""
    return json.dumps({**asdict(row), "ms": round(row.ms, 2)}, ensure_ascii=False, allow_nan=False)


def row_of(value: Mapping[str, Any]) -> Row:
    """The row of what ``row_json`` wrote.

    Raises:
        TypeError, KeyError: if fields are missing or unknown.
    """
    ranked, features = value["ranked"], value.get("features")
    return Row(
        **{
            **value,
            "gold": tuple(value["gold"]),
            "ranked": None if ranked is None else Ranked(**ranked),
            "places": tuple(Place(**place) for place in value["places"]),
            "cited": tuple(Place(**place) for place in value["cited"]),
            "features": None if features is None else Features(*features),
        }
    )


def gold_digest(questions: Sequence[GoldQuestion]) -> str:
    """Identity of the questions and their labels, in their order; 16 hex digits."""
    return _digest(json.dumps(_stated(gold), ensure_ascii=True, sort_keys=True) for gold in questions)


def _stated(gold: GoldQuestion) -> dict[str, Any]:
    """A question as data, without the day where it names none: files that know no days keep their identity."""
    stated = asdict(gold)
    day = stated.pop("asked_on")
    return stated if day is None else {**stated, "asked_on": day.isoformat()}


def corpus_digest(articles: Iterable[Article]) -> str:
    """Identity of the articles; 16 hex digits."""
    return _digest(sorted(f"{article.id} {article.digest}" for article in articles))


def code_digest(root: Path, packages: Sequence[str] = _PACKAGES) -> str:
    """Identity of the Python files that shape an answer or a measure; 16 hex digits."""
    files = sorted(path for package in packages for path in (root / package).rglob("*.py"))
    return _digest(f"{file.relative_to(root).as_posix()} {file.read_text(encoding='utf-8')}" for file in files)


def versions() -> dict[str, str]:
    """Of Python and of the packages that compute."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in _VERSIONS}}


def commit(root: Path) -> str | None:
    """The commit of the code in ``root``; None where that is no repository, or git is not there."""
    try:
        here = _git(root, "rev-parse", "--short=12", "HEAD")
        return f"{here}+changes" if _git(root, "status", "--porcelain", "--untracked-files=no") else here
    except (OSError, subprocess.SubprocessError):
        return None


def _git(root: Path, *words: str) -> str:
    ran = subprocess.run(  # noqa: S603 - fixed words, no shell
        ["git", "-C", str(root), *words],  # noqa: S607 - whichever git the person has
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    return ran.stdout.strip()


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\0")
    return digest.hexdigest()[:16]
