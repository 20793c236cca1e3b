"""What the command line shows. Articles are other people's text: it is stripped of what a terminal would obey."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.text import Text

from answering.types import Answered, Citation, Outcome
from service.wording import REASONS, in_no_article

if TYPE_CHECKING:
    from answering.indexing import Progress, Report
    from corpus.types import Article, Span

# Escape sequences whole (ECMA-48: CSI; OSC and its kin where they end), any other control character but tab and line
# end, and the marks that turn the direction of the text around them.
_OBEYED = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)


def harmless(text: str) -> str:
    """``text`` without anything a terminal would obey instead of show."""
    return _OBEYED.sub("", text)


def one_line(text: str) -> str:
    """``text`` harmless and without line ends."""
    return re.sub(r"\s*\n\s*", " ", harmless(text))


def print_outcome(outcome: Outcome) -> None:
    """The answer and its citations, or what came nearest."""
    console = _console()
    if isinstance(outcome, Answered):
        console.print(Text(one_line(outcome.answer.text), style="bold"))
        console.print(Text(f"confidence {outcome.answer.confidence:.0%}", style="dim"))
        for citation in outcome.answer.citations:
            console.print()
            _print_citation(console, citation)
        return
    console.print(Text(f"Not found. {REASONS[outcome.reason]}", style="bold"))
    if outcome.unknown_words:
        console.print(Text(one_line(in_no_article(outcome.unknown_words))))
    if outcome.nearest:
        console.print()
        console.print("Nearest passages:")
    for number, nearest in enumerate(outcome.nearest, start=1):
        place = f"{nearest.article_id}, characters {nearest.span.start} to {nearest.span.end}"
        console.print()
        console.print(Text(f"[{number}] {one_line(nearest.title)}"), Text(one_line(place), style="dim"))
        console.print(Text(one_line(nearest.text)))


def print_around(article: Article, span: Span, *, around_chars: int = 600) -> None:
    """The article's text around ``span``, which is marked; cut at spaces, with "…" where more stands."""
    start, end = max(0, span.start - around_chars), min(len(article.text), span.end + around_chars)
    if start > 0:
        start = article.text.find(" ", start, span.start) + 1 or start
    if end < len(article.text):
        end = max(article.text.rfind(" ", span.end, end), span.end)
    console = _console()
    opening, closing = _marks(console)
    console.print(Text(one_line(article.title), style="bold"))
    console.print(
        Text.assemble(
            "… " if start > 0 else "",
            harmless(article.text[start : span.start]),
            (opening + harmless(span.slice(article.text)) + closing, "bold reverse"),
            harmless(article.text[span.end : end]),
            " …" if end < len(article.text) else "",
        )
    )
    console.print(Text(one_line(f"{article.id}, characters {span.start} to {span.end}"), style="dim"))


def print_line(line: str, *, raw: bool = False) -> None:
    """A line of the program's own; ``raw`` is one for programs, written as it is."""
    if raw:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    else:
        _console().print(Text(line))


def _marks(console: Console) -> tuple[str, str]:
    # Where there are no styles the quote is set off by marks, so that a pipe loses nothing.
    return (">>", "<<") if console.color_system is None else ("", "")


def _print_citation(console: Console, citation: Citation) -> None:
    known = [citation.title, citation.source, citation.published and citation.published.isoformat()]
    console.print(Text(f"[{citation.number}] " + one_line(" · ".join(part for part in known if part))))
    opening, closing = _marks(console)
    console.print(
        Text.assemble(
            one_line(citation.before),
            (opening + one_line(citation.quote) + closing, "bold reverse"),
            one_line(citation.after),
        )
    )
    place = f"{citation.article_id}, characters {citation.span.start} to {citation.span.end}"
    console.print(Text(one_line(place), style="dim"))


@contextmanager
def indexing_progress() -> Iterator[Callable[[Progress], None]]:
    """A bar on the error stream that counts the articles done; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.completed} articles"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[id]}"),
    )
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        # How many there are is known only at the end: a jsonl file holds many.
        task = bar.add_task("", total=None, id="")

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.done, id=escape(one_line(progress.article_id)[-60:]))

        yield show


def print_report(report: Report, *, as_json: bool) -> None:
    """What indexing did."""
    if as_json:
        counted = {
            "added": report.added,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "removed": report.removed,
            "passages": report.passages,
            "unreadable": [{"path": error.path, "reason": error.reason} for error in report.unreadable],
            "seconds": round(report.seconds, 3),
        }
        sys.stdout.write(json.dumps(counted) + "\n")
        return
    counts = f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, {report.removed} removed"
    _console().print(f"{counts}; {report.passages} passages written in {report.seconds:.1f} s")
    if report.unreadable:
        console = _console(stderr=True)
        console.print(f"{len(report.unreadable)} could not be read:")
        for error in report.unreadable:
            console.print(Text(f"  {one_line(str(error))}"))


def _console(*, stderr: bool = False) -> Console:
    # Only a terminal has a width to wrap at; a pipe gets whole lines.
    console = Console(stderr=stderr, highlight=False, emoji=False)
    console.soft_wrap = not console.is_terminal
    return console
