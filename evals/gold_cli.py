"""``pullquote gold``: check gold questions against their articles, and add new ones.

Exit codes: 0 done, 1 it could not be done or a label is broken, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from evals.terminal import SEED_GOLD, SEEDS, Where, guarded, in_files, plain, print_error, print_json

if TYPE_CHECKING:
    from answering.types import Answered, NotFound
    from corpus.types import Article
    from evals.gold import GoldQuestion

Lookup = Callable[[str], "Article | None"]
BROKEN = 1


def main_gold(argv: Sequence[str], where: Where = in_files) -> int:
    """Run ``pullquote gold`` with ``argv``, the words after ``gold``; the result is the exit code.

    ``where`` says on which cluster the index is, if on any.
    """
    args = options().parse_args(argv, argparse.Namespace(where=where))
    command: Callable[[argparse.Namespace], int] = args.command
    return guarded(lambda: command(args), as_json=getattr(args, "json", False))


def options() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(prog="pullquote gold", description="Look after gold questions.")
    index = Path(os.environ.get("PULLQUOTE_INDEX") or ".pullquote")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="do the labels stand where they say?")
    check.add_argument("--gold", type=Path, default=SEED_GOLD, metavar="FILE")
    check.add_argument("--corpus", type=Path, default=SEEDS, metavar="FOLDER", help="the articles")
    check.add_argument("--mend", action="store_true", help="write the new place of labels whose words merely moved")
    check.add_argument("--json", action="store_true")
    check.set_defaults(command=_check)

    add = commands.add_parser("add", help="ask the index a question and label its answer")
    add.add_argument("question")
    add.add_argument("--gold", type=Path, required=True, metavar="FILE", help="the row is appended here")
    add.add_argument("--kind", default="other", help="of question, for the breakdown")
    add.add_argument("--index", type=Path, default=index, metavar="PATH")
    add.set_defaults(command=_add)

    feedback = commands.add_parser("from-feedback", help="turn what people said of answers into rows, one by one")
    feedback.add_argument("--gold", type=Path, required=True, metavar="FILE", help="rows are appended here")
    feedback.add_argument("--index", type=Path, default=index, metavar="PATH")
    feedback.add_argument("--accept-all", action="store_true", help="ask nothing")
    feedback.set_defaults(command=_from_feedback)

    schema = commands.add_parser("schema", help="print the JSON schema of a row")
    schema.set_defaults(command=_schema)
    return parser


def _check(args: argparse.Namespace) -> int:
    from corpus.loading import Loaded, load_folder  # noqa: PLC0415 - --help answers at once
    from evals.curating import broken, line_of, mended  # noqa: PLC0415 - likewise
    from evals.gold import parse_gold  # noqa: PLC0415 - likewise

    questions, flaws = parse_gold(args.gold)
    articles = {one.article.id: one.article for one in load_folder(args.corpus) if isinstance(one, Loaded)}
    found = list(broken(questions, articles.get))
    moved = {each.gold.id: each.now for each in found if each.now is not None}
    # Written anew, the file would lose the lines that are no rows.
    mend = args.mend and not flaws
    if mend and moved:
        rows = (mended(gold, moved[gold.id]) if gold.id in moved else gold for gold in questions)
        args.gold.write_text("".join(line_of(gold) + "\n" for gold in rows), encoding="utf-8")
    left = [each for each in found if not (mend and each.now)]
    if args.json:
        print_json(
            {
                "questions": len(questions),
                "broken": [
                    {"id": each.gold.id, "problem": each.problem, "now": each.now and [each.now.start, each.now.end]}
                    for each in found
                ],
                "mended": len(found) - len(left),
                "unreadable": [{"line": flaw.line, "problem": flaw.message} for flaw in flaws],
            }
        )
        return BROKEN if left or flaws else 0
    for flaw in flaws:
        _say(f"line {flaw.line}: {flaw.message}")
    for each in found:
        now = f"; its answer stands at [{each.now.start}, {each.now.end}) now" if each.now else ""
        _say(f"{each.gold.id}: {each.problem}{now}")
    _say(f"{len(questions)} questions, {len(found)} broken" + (f", {len(found) - len(left)} mended" if found else ""))
    if flaws:
        _say(f"{len(flaws)} lines are no rows" + ("; nothing is mended until they are put right" if args.mend else ""))
    return BROKEN if left or flaws else 0


def _add(args: argparse.Namespace) -> int:
    from answering.answerer import Answerer  # noqa: PLC0415 - --help answers at once
    from answering.timeliness import counted_day  # noqa: PLC0415 - likewise
    from answering.types import Ask  # noqa: PLC0415 - likewise

    taken = {row.id for row in _rows(args.gold)}
    today = date.today()
    with Answerer.open(args.index, cluster=args.where()) as answerer:
        outcome = answerer.ask(Ask(args.question, min_confidence=0.0, asked_on=today))
        gold = _labelled(args, outcome, answerer.store.article, taken)
    if gold is None:
        _say("nothing was added")
        return 0
    _append(args.gold, replace(gold, asked_on=counted_day(args.question, today)))
    return 0


def _labelled(
    args: argparse.Namespace, outcome: Answered | NotFound, lookup: Lookup, taken: set[str]
) -> GoldQuestion | None:
    from answering.types import Answered  # noqa: PLC0415 - --help answers at once
    from evals.curating import free_id, located, unanswerable  # noqa: PLC0415 - likewise
    from evals.gold import GoldQuestion  # noqa: PLC0415 - likewise

    answers = [outcome.answer, *outcome.alternatives] if isinstance(outcome, Answered) else []
    places = [citation for answer in answers for citation in answer.citations]
    for number, place in enumerate(places, start=1):
        _say(f"[{number}] {place.before}>>{place.quote}<<{place.after}  ({place.article_id})")
    _say("A number labels that quote; 'ARTICLE: words' labels those words of that article; '-' says that no article")
    said = _asked("answers it; an empty line adds nothing: ")
    if said == "-":
        return unanswerable(args.question, taken)
    if said.isdecimal() and 0 < int(said[:6]) <= len(places):
        place = places[int(said) - 1]
        name, span, words = place.article_id, place.span, place.quote
    elif ":" in said:
        name, words = (part.strip() for part in said.split(":", 1))
        article = lookup(name)
        found = located(words, article) if article is not None else []
        if len(found) != 1:
            problem = "no article of the index" if article is None else f"{len(found)} places in it have these words"
            print_error(f"{name}: {problem}; expected one: type more of the words around, or another article")
            return None
        span = found[0]
    else:
        return None
    return GoldQuestion(free_id(args.question, taken), args.question, (words,), name, span, args.kind)


def _from_feedback(args: argparse.Namespace) -> int:
    from answering.feedback import FeedbackBook  # noqa: PLC0415 - --help answers at once
    from evals.curating import from_feedback, source_of  # noqa: PLC0415 - likewise
    from retrieval.opening import open_index  # noqa: PLC0415 - likewise

    rows = _rows(args.gold)
    taken, notes, added, skipped = {row.id for row in rows}, [row.note or "" for row in rows], 0, 0
    with closing(open_index(args.index, args.where(), create=False)) as store:
        for stored in FeedbackBook(args.index).read():
            if any(note.startswith(source_of(stored)) for note in notes):
                continue  # it is a row already
            gold = from_feedback(stored, store.article, taken)
            if isinstance(gold, str):
                _say(f"{stored.feedback.question!r} ({stored.feedback.verdict}): passed over: {gold}")
                skipped += 1
                continue
            _say(f"{gold.question!r} -> {list(gold.answers)} in {gold.article}")
            choice = "a" if args.accept_all else _asked("a accepts, s skips, q ends: ").lower()
            if choice == "q":
                break
            if choice != "a":
                skipped += 1
                continue
            _append(args.gold, gold)
            taken.add(gold.id)
            added += 1
    _say(f"{added} added to {args.gold}, {skipped} left out")
    return 0


def _schema(_: argparse.Namespace) -> int:
    from evals.gold import schema  # noqa: PLC0415 - --help answers at once

    print_json(schema())
    return 0


def _rows(path: Path) -> tuple[GoldQuestion, ...]:
    from evals.gold import read_gold  # noqa: PLC0415 - --help answers at once

    return read_gold(path) if path.exists() else ()


def _append(path: Path, gold: GoldQuestion) -> None:
    from evals.curating import line_of  # noqa: PLC0415 - --help answers at once

    line = line_of(gold)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    with path.open("a", encoding="utf-8") as file:
        file.write(("" if before.endswith("\n") or not before else "\n") + line + "\n")
    _say(f"added: {json.dumps(gold.id, ensure_ascii=False)}")


def _asked(prompt: str) -> str:
    """A line from the person, or from a pipe; empty at its end."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _say(text: str) -> None:
    sys.stdout.write(plain(text) + "\n")
