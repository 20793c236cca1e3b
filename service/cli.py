"""The ``pullquote`` command. What is heavy is imported by the command that needs it: ``--help`` answers at once."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from corpus.errors import ArticleError, IndexMissing, PullquoteError

if TYPE_CHECKING:
    from answering.answerer import Answerer
    from retrieval.places import ClusterPlace
    from service.settings import Settings

FINE, ERROR, USAGE, SOME_UNREADABLE, NOT_FOUND, BROKEN_CITATION, INTERRUPTED = 0, 1, 2, 3, 4, 6, 130

_EXIT_CODES = """\
exit codes:
  0    done
  1    it could not be done; the message says why
  2    the command line is not understood
  3    indexed, but some files could not be read
  4    the articles do not answer the question
  6    verified, but a quote has changed or its article is missing
  130  stopped with Ctrl-C
"""
_ELSEWHERE = {
    "eval": "measure the answers on questions whose answers are known",
    "gold": "check and add the questions whose answers are known",
    "bench": "measure the speed, beside a stock pipeline",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character of an article shows a question mark instead of a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        if arguments and arguments[0] in _ELSEWHERE:
            return _measure(arguments[0], arguments[1:])
        parsed = _parser().parse_args(arguments)
        command: Callable[[argparse.Namespace], int] = parsed.command
        return command(parsed)
    except PullquoteError as error:
        if "--json" in arguments:
            print(json.dumps({"error": {"code": error.code, "message": str(error)}}))
        else:
            from service.terminal import one_line

            print(f"pullquote: {one_line(str(error))}", file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERROR


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--index", type=Path, metavar="PATH", help="folder of the index (default: .pullquote)")
    common.add_argument("--json", action="store_true", help="print JSON, for programs")

    parser = argparse.ArgumentParser(
        prog="pullquote",
        description="Ask a folder of articles. Every answer is a quote, with the exact place it stands in.",
        epilog=_EXIT_CODES + "\nEvery setting is also an environment variable; docs/settings.md lists them.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, help="print the version")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    index = commands.add_parser("index", parents=[common], help="make the index agree with a folder of articles")
    index.add_argument("folder", type=Path, metavar="FOLDER", help="read with all folders below it")
    index.add_argument("--keep", action="store_true", help="keep the articles that are not in the folder")
    index.set_defaults(command=_index)

    ask = commands.add_parser("ask", parents=[common], help="ask a question")
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--article", action="append", default=[], metavar="ID", help="ask this article; may be repeated")
    ask.add_argument("--source", action="append", default=[], metavar="NAME", help="ask this source; may be repeated")
    ask.add_argument("--from", dest="published_from", type=_day, metavar="DATE", help="published then or later")
    ask.add_argument("--to", dest="published_to", type=_day, metavar="DATE", help="published then or earlier")
    ask.add_argument("--max-citations", type=_citations, default=5, metavar="N", help="1 to 20 (default: 5)")
    ask.add_argument("--min-confidence", type=_share, metavar="P", help="0 to 1 (default: the setting, 0.4)")
    ask.add_argument(
        "--asked-on", type=_day, metavar="DATE", help='the day that "this week" and the like mean (default: today)'
    )
    ask.set_defaults(command=_ask)

    chat = commands.add_parser("chat", parents=[common], help="ask and go on asking, in the terminal")
    chat.set_defaults(command=_chat)

    verify = commands.add_parser("verify", parents=[common], help="say whether kept citations still hold")
    verify.add_argument(
        "file", metavar="FILE", help="JSON: a citation, a response of /v1/chat, or a list of them; - reads the input"
    )
    verify.set_defaults(command=_verify)

    serve = commands.add_parser("serve", parents=[common], help="serve the HTTP API and the page")
    serve.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default: 8000)")
    serve.set_defaults(command=_serve)

    for name, purpose in _ELSEWHERE.items():
        commands.add_parser(name, help=purpose, add_help=False)
    return parser


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **kwargs: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=kwargs.get("help"))

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from service.version import installed_version

        print(f"pullquote {installed_version()}")
        parser.exit()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; expected YYYY-MM-DD") from None


def _citations(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 20:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} cannot be; expected a whole number from 1 to 20")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if 0 <= share <= 1:
        return share
    raise argparse.ArgumentTypeError(f"{text!r} cannot be; expected a number from 0 to 1")


def _index(arguments: argparse.Namespace) -> int:
    from service.settings import load_settings
    from service.terminal import indexing_progress, print_report

    folder: Path = arguments.folder
    if not folder.is_dir():
        raise ArticleError(f"{folder} is not a folder; expected the folder the articles are in")
    settings = load_settings({"index": arguments.index})
    answerer = open_answerer(settings, create=True)
    try:
        with indexing_progress() as on_progress:
            report = answerer.index_folder(folder, keep=arguments.keep, on_progress=on_progress)
    finally:
        answerer.close()
    print_report(report, as_json=arguments.json)
    return SOME_UNREADABLE if report.unreadable else FINE


def _ask(arguments: argparse.Namespace) -> int:
    from answering.types import Answered, Ask
    from corpus.text import normalise
    from retrieval.types import Filters
    from service.settings import load_settings
    from service.terminal import print_outcome
    from service.translation import checked_question, to_response

    settings = load_settings({"index": arguments.index})
    ask = Ask(
        # A shell hands on bytes that are no text as lone surrogates.
        question=checked_question(normalise(arguments.question), settings),
        filters=Filters(
            tuple(arguments.article), tuple(arguments.source), arguments.published_from, arguments.published_to
        ),
        max_citations=arguments.max_citations,
        min_confidence=arguments.min_confidence,
        asked_on=arguments.asked_on or date.today(),
    )
    answerer = open_answerer(settings, create=False)
    try:
        outcome = answerer.ask(ask)
    finally:
        answerer.close()
    if arguments.json:
        print(to_response(outcome, ask, settings).model_dump_json(indent=2))
    else:
        print_outcome(outcome)
    return FINE if isinstance(outcome, Answered) else NOT_FOUND


def _chat(arguments: argparse.Namespace) -> int:
    from service.chat import chat
    from service.settings import load_settings

    settings = load_settings({"index": arguments.index})
    answerer = open_answerer(settings, create=False)
    try:
        chat(answerer, settings, as_json=arguments.json)
    finally:
        answerer.close()
    return FINE


def _verify(arguments: argparse.Namespace) -> int:
    from service.settings import load_settings
    from service.verify_cli import verify_file

    settings = load_settings({"index": arguments.index})
    try:
        stands = verify_file(arguments.file, settings.index, settings.cluster, as_json=arguments.json)
    except IndexMissing as error:
        raise _no_index(settings, error) from None
    return FINE if stands else BROKEN_CITATION


def _serve(arguments: argparse.Namespace) -> int:
    from service.server import listen, serve
    from service.settings import load_settings

    settings = load_settings({"index": arguments.index, "host": arguments.host, "port": arguments.port})
    # The port first: it is known at once whether it is free.
    with listen(settings.host, settings.port) as listener:
        answerer = open_answerer(settings, create=True)

        def announce(url: str) -> None:
            print(
                json.dumps({"url": url}) if arguments.json else f"Pullquote is at {url} (Ctrl-C stops it)", flush=True
            )

        serve(settings, listener, answerer, announce)
    return FINE


def _measure(command: str, arguments: Sequence[str]) -> int:
    from evals.cli import main_bench, main_eval
    from evals.gold_cli import main_gold

    def cluster() -> ClusterPlace | None:
        from service.settings import load_settings

        return load_settings().cluster

    if command == "bench":
        return main_bench(arguments)
    return {"eval": main_eval, "gold": main_gold}[command](arguments, cluster)


def open_answerer(settings: Settings, *, create: bool) -> Answerer:
    """The answerer the settings name.

    Raises:
        IndexMissing: if there is no index and ``create`` is false.
        IndexIncompatible, ModelError: if what is there cannot be used.
    """
    from answering.answerer import Answerer

    try:
        return Answerer.open(
            settings.index,
            cluster=settings.cluster,
            encoder=settings.encoder,
            reader=settings.reader,
            calibration=settings.calibration,
            threads=settings.threads,
            top_k=settings.top_k,
            min_confidence=settings.min_confidence,
            create=create,
        )
    except IndexMissing as error:
        raise _no_index(settings, error) from None


def _no_index(settings: Settings, error: IndexMissing) -> IndexMissing:
    if settings.cluster is not None:
        return error
    return IndexMissing(
        f"there is no index at {settings.index}; make one with `pullquote index FOLDER`, or name another with "
        "--index PATH"
    )
