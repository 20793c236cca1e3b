from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from answering.indexing import Change, Progress, Report
from corpus.errors import UnreadableFile
from service import cli
from service.cli import main
from tests.service.standin import TREATY, StandIn

ROOT = Path(__file__).parents[2]


class _Indexing(StandIn):
    """A stand-in that also indexes a folder."""

    def __init__(self, *unreadable: UnreadableFile, interrupted: bool = False) -> None:
        super().__init__()
        self.unreadable = unreadable
        self.interrupted = interrupted
        self.kept: bool | None = None

    def index_folder(self, _: Path, *, keep: bool, on_progress: Callable[[Progress], None]) -> Report:
        self.kept = keep
        on_progress(Progress(1, "[a]", Change.ADDED))
        if self.interrupted:
            raise KeyboardInterrupt
        return Report(1, 0, 2, 0, 7, self.unreadable, 0.25)


@pytest.fixture
def answerer(monkeypatch: pytest.MonkeyPatch) -> _Indexing:
    answerer = _Indexing()
    monkeypatch.setattr(cli, "open_answerer", lambda *_, **__: answerer)
    return answerer


@pytest.mark.parametrize("arguments", [["--help"], ["index", "--help"], ["ask", "--help"], ["serve", "--help"]])
def test_help_names_what_there_is(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 0
    out = capsys.readouterr().out
    expected = (
        ["index", "ask", "chat", "verify", "serve", "eval", "bench", "exit codes"]
        if len(arguments) == 1
        else ["--index", "--json"]
    )
    assert [each for each in expected if each not in out] == []


def test_help_comes_without_loading_what_is_heavy() -> None:
    program = (
        "import sys, service.cli\n"
        "try:\n    service.cli.main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'haystack', 'numpy', 'onnxruntime', 'tokenizers', 'torch', 'fastapi', 'pydantic', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["paint"],
        ["ask"],
        ["ask", "How long?", "--from", "yesterday"],
        ["ask", "How long?", "--max-citations", "0"],
        ["ask", "How long?", "--min-confidence", "nan"],
        ["index", "a", "b"],
        ["serve", "--port", "x"],
    ],
)
def test_a_command_line_that_is_not_understood_exits_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == cli.USAGE
    assert "usage: pullquote" in capsys.readouterr().err


def test_ask_prints_the_answer(answerer: _Indexing, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How long does it run?"]) == cli.FINE
    assert capsys.readouterr().out.startswith("20 years\n")
    assert answerer.closed


def test_ask_prints_the_json_of_the_http_contract(answerer: _Indexing, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--article", TREATY.id, "--source", "S", "--from", "2025-01-01", "--to", "2025-01-31"]
    options += ["--asked-on", "2025-02-03"]
    assert main(["ask", "How long?", "--json", "--max-citations", "3", "--min-confidence", "0", *options]) == cli.FINE
    body = json.loads(capsys.readouterr().out)
    assert (body["status"], body["citations"][0]["article_id"]) == ("answered", TREATY.id)
    (ask,) = answerer.asked
    assert (ask.filters.articles, ask.filters.sources, ask.max_citations, ask.min_confidence) == (
        (TREATY.id,),
        ("S",),
        3,
        0.0,
    )
    assert [str(day) for day in (ask.filters.published_from, ask.filters.published_to)] == ["2025-01-01", "2025-01-31"]
    assert str(ask.asked_on) == "2025-02-03"


def test_a_question_is_asked_today_where_no_day_is_named(answerer: _Indexing) -> None:
    before = date.today()
    main(["ask", "What was signed this week?"])
    assert answerer.asked[0].asked_on in (before, date.today())


@pytest.mark.usefixtures("answerer")
def test_ask_exits_with_4_when_the_articles_do_not_say() -> None:
    assert main(["ask", "Who won?"]) == cli.NOT_FOUND


def test_bytes_that_are_no_text_are_asked_as_text(answerer: _Indexing) -> None:
    assert main(["ask", "How long\udcff?"]) == cli.FINE
    assert answerer.asked[0].question == "How long\ufffd?"


@pytest.mark.usefixtures("answerer")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ask", "  "], "invalid_question"),
        (["ask", "w" * 10_000], "invalid_question"),
        (["index", "no/such/folder"], "article_error"),
        (["serve", "--port", "70000"], "settings_error"),
        (["serve", "--host", "no such host"], "settings_error"),
    ],
)
def test_what_cannot_be_done_exits_with_1_and_says_why(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    assert main(arguments) == cli.ERROR
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("pullquote: ")
    assert main([*arguments, "--json"]) == cli.ERROR
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_a_setting_that_is_none_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULLQUOTE_PROT", "1")
    assert main(["ask", "How long?"]) == cli.ERROR
    assert "PULLQUOTE_PORT" in capsys.readouterr().err


def test_index_says_what_it_did(answerer: _Indexing, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(tmp_path)]) == cli.FINE
    assert capsys.readouterr().out == ("1 added, 0 changed, 2 unchanged, 0 removed; 7 passages written in 0.2 s\n")
    assert answerer.kept is False
    assert answerer.closed
    assert main(["index", str(tmp_path), "--keep"]) == cli.FINE
    assert answerer.kept is True


def test_index_names_what_it_could_not_read_and_exits_with_3(
    answerer: _Indexing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answerer.unreadable = (UnreadableFile("a/[b].pdf\x1b[2J", "is broken"),)
    assert main(["index", str(tmp_path)]) == cli.SOME_UNREADABLE
    assert capsys.readouterr().err == "1 could not be read:\n  a/[b].pdf: is broken\n"
    assert main(["index", str(tmp_path), "--json"]) == cli.SOME_UNREADABLE
    report = json.loads(capsys.readouterr().out)
    assert (report["added"], report["passages"]) == (1, 7)
    assert report["unreadable"] == [{"path": "a/[b].pdf\x1b[2J", "reason": "is broken"}]


def test_ctrl_c_while_indexing_is_clean(
    answerer: _Indexing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answerer.interrupted = True
    assert main(["index", str(tmp_path)]) == cli.INTERRUPTED
    assert capsys.readouterr().err == "stopped\n"
    assert answerer.closed


def test_a_missing_index_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How long?", "--index", str(tmp_path / "none")]) == cli.ERROR
    assert "pullquote index FOLDER" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_calibration_that_is_none_exits_with_1_and_leaves_no_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "own.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("PULLQUOTE_CALIBRATION", str(tmp_path / "own.json"))
    assert main(["index", str(tmp_path / "articles"), "--index", str(tmp_path / "index")]) == 1
    assert "own.json is no calibration" in capsys.readouterr().err
    assert not (tmp_path / "index").exists()


def test_the_package_runs_as_the_command() -> None:
    run = subprocess.run([sys.executable, "-m", "service", "--version"], cwd=ROOT, capture_output=True, text=True)  # noqa: PLW1510 - its code is looked at
    assert (run.returncode, run.stdout.split()[0]) == (0, "pullquote")
