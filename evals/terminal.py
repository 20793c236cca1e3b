"""What the two commands share: where the seeds lie, exit codes, progress, JSON, rows on disk."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import track

from corpus.errors import PullquoteError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from retrieval.places import ClusterPlace

# From here on questions are asked side by side: their times no longer matter, the wait does.
SIDE_BY_SIDE_FROM = 1000
SEEDS = Path(__file__).parent.parent / "seeds"
SEED_GOLD = Path(__file__).parent / "gold" / "seeds.jsonl"
BASELINES = Path(__file__).parent / "baselines"

# Says where indexes are when it is called; None: in files. The settings that know are the service's.
Where = Callable[[], "ClusterPlace | None"]

_Item = TypeVar("_Item")
_Record = TypeVar("_Record", bound="DataclassInstance")


def in_files() -> None:
    """Indexes are in files."""


def guarded(command: Callable[[], int], *, as_json: bool = False) -> int:
    """Run a command; an error a person can mend is a message and exit code 1, Ctrl-C is 130."""
    try:
        return command()
    except (PullquoteError, OSError) as error:
        if as_json:
            code = error.code if isinstance(error, PullquoteError) else "os_error"
            print_json({"error": {"code": code, "message": str(error)}})
        else:
            print_error(f"pullquote: {error}")
        return 1
    except KeyboardInterrupt:
        print_error("stopped")
        return 130


def print_error(message: str) -> None:
    """A line on standard error, never as markup."""
    Console(stderr=True).print(plain(message), markup=False, highlight=False, soft_wrap=True)


def plain(text: str) -> str:
    """Text of others without what a terminal would obey (controls, turns of direction), on one line."""
    return "".join(c if c.isprintable() else " " for c in text)


def print_json(value: object) -> None:
    """A value as JSON on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def with_progress(items: Iterable[_Item], label: str, total: int) -> Iterator[_Item]:
    """The items, with a progress bar on standard error where that is a terminal."""
    console = Console(stderr=True)
    return iter(track(items, label, total=total, console=console, disable=not console.is_terminal, transient=True))


def recorded(rows: Iterable[_Record], path: Path | None) -> Iterator[_Record]:
    """The rows, each written to ``path`` as a line of JSON when it comes: an interrupted run keeps its rows."""
    if path is None:
        yield from rows
        return
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(asdict(row), ensure_ascii=False, allow_nan=False) + "\n")
            file.flush()
            yield row


def positive(text: str) -> int:
    """An argument that counts something.

    Raises:
        argparse.ArgumentTypeError: if it is below 1.
    """
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text}")
    return value
