"""``pullquote eval`` from its options to its figures, over the real parts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from answering.calibration import SHIPPED, Calibration
from answering.types import MIN_CONFIDENCE
from evals.cli import main_eval
from evals.records import read_record
from retrieval.encoder import MODEL_FILE, SETTINGS_FILE, TOKENIZER_FILE, WEIGHTS

TEXT = "The bridge over the river opened in 1932. It is 503 metres long."
ROWS = [
    {
        "id": "when",
        "question": "When did the bridge open?",
        "answers": ["1932", "in 1932"],
        "article": "bridge",
        "start": TEXT.index("1932"),
        "end": TEXT.index("1932") + 4,
        "kind": "date",
        "answerable": True,
    },
    {"id": "price", "question": "Who won the world cup?", "answers": [], "kind": "off_topic", "answerable": False},
]


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "bridge.txt").write_text(TEXT, encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return ["--gold", str(gold), "--corpus", str(corpus)]


def test_confidences_are_fitted_to_a_folders_own_questions(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = json.loads(Path(options[1]).read_text(encoding="utf-8").splitlines()[0])
    many = [{**row, "id": f"{row['id']}-{at}"} for at in range(12) for row in ROWS]
    Path(options[1]).write_text("".join(json.dumps(row) + "\n" for row in many), encoding="utf-8")
    own = tmp_path / "made" / "own.json"
    assert main_eval(["calibrate", *options, "--json", "--output", str(own)]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert (found["questions"], found["right"]) == (24, 12)
    assert f"PULLQUOTE_CALIBRATION={own}" in printed.err
    assert main_eval(["calibrate", *options]) == 0
    printed = capsys.readouterr()
    assert "calibration error (ECE)" in printed.out
    assert ("gain nothing" in printed.err) != found["gains"]
    record = tmp_path / "record.json"
    assert main_eval([*options, "--min-confidence", "0", "--calibration", str(own), "--record", str(record)]) == 0
    assert read_record(record).settings["calibration"] == found["constants"]
    fitted = Calibration(**found["constants"])
    for row in read_record(record).rows:
        assert row.features is not None
        assert row.confidence == pytest.approx(fitted.probability(row.features), rel=1e-3)
        assert row.confidence != pytest.approx(SHIPPED.probability(row.features), rel=1e-3)
    assert main_eval(["calibrate", *options, "--output", str(tmp_path)]) == 1
    assert "is a folder" in capsys.readouterr().err
    Path(options[1]).write_text(json.dumps(few) + "\n", encoding="utf-8")
    assert main_eval(["calibrate", *options]) == 1
    assert "too few" in capsys.readouterr().err


def test_another_encoder_can_be_asked(options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "encoder"
    other.mkdir()
    for name in (MODEL_FILE, SETTINGS_FILE):
        (other / name).symlink_to(WEIGHTS / name)
    (other / TOKENIZER_FILE).write_bytes((WEIGHTS / TOKENIZER_FILE).read_bytes() + b"\n")
    assert main_eval([*options, "--record", str(tmp_path / "shipped.json")]) == 0
    assert main_eval([*options, "--encoder", str(other), "--record", str(tmp_path / "other.json")]) == 0
    records = [read_record(tmp_path / name) for name in ("shipped.json", "other.json")]
    assert len({record.digests["encoder"] for record in records}) == 2
    assert len({row.confidence for record in records for row in record.rows if row.confidence}) == 1
    assert main_eval([*options, "--encoder", "nowhere"]) == 1
    assert "no encoder at nowhere" in capsys.readouterr().err


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys, evals.cli\n"
        "heavy = {'haystack', 'torch', 'onnxruntime', 'pydantic', 'numpy', 'tokenizers'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "evals.cli.main_eval(['--help'])\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "pullquote eval" in ran.stdout


def test_the_gold_questions_are_asked_and_every_citation_holds(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    assert main_eval([*options, "--json", "--rows", str(rows)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["questions"], figures["answerable"], figures["failures"]) == (2, 1, 0)
    assert [(of["kind"], of["questions"]) for of in figures["kinds"]] == [("date", 1), ("off_topic", 1)]
    assert figures["citation_exactness"] in (1, None)
    assert figures["p50_ms"] > 0
    written = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in written] == ["when", "price"]


def test_the_table_and_the_wrong_answers_are_shown(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main_eval([*options, "--limit", "1", "--min-confidence", "1", "--wrong"]) == 0
    shown = capsys.readouterr().out
    assert "citation exactness" in shown
    assert "1 (1)" in shown
    assert "not_found" in shown


def test_the_reader_alone_is_measured_on_a_squad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [
        {"id": "a", "question": "When did the bridge open?", "answers": [{"text": "1932", "answer_start": 36}]},
        {"id": "b", "question": "Who designed the tunnel?", "answers": [], "is_impossible": True},
    ]
    path = tmp_path / "squad.json"
    content = {"version": "v2.0", "data": [{"title": "Bridge", "paragraphs": [{"context": TEXT, "qas": asked}]}]}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert main_eval(["--reader", str(path), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["questions"], figures["answerable"]) == (2, 1)
    assert figures["with_null"]["best_f1"] >= figures["with_null"]["f1"]
    assert main_eval(["--reader", str(path)]) == 0
    assert "an upper bound" in capsys.readouterr().out


def test_kinds_are_shown_where_there_are_several(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main_eval([*options, "--min-confidence", "1"]) == 0
    shown = capsys.readouterr().out
    assert "By kind of question" in shown
    assert "off_topic" in shown
    assert main_eval([*options, "--limit", "1"]) == 0
    assert "By kind of question" not in capsys.readouterr().out


def test_labels_that_do_not_fit_the_articles_stop_the_run(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "corpus" / "bridge.txt").write_text("New. " + TEXT, encoding="utf-8")
    assert main_eval(options) == 1
    assert "gold question when: start, end" in capsys.readouterr().err


def test_a_corpus_that_is_no_folder_is_named(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main_eval([*options, "--corpus", "nowhere"]) == 1
    assert "nowhere is no folder" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--limit", "0"], ["--min-confidence", "1.5"], ["--nonsense"]])
def test_an_option_that_cannot_be_is_wrong_usage(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main_eval(wrong)
    assert raised.value.code == 2


def test_a_worse_run_has_an_exit_code_of_its_own(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline = str(tmp_path / "baseline.json")
    assert main_eval([*options, "--accept", baseline]) == 0
    assert main_eval([*options, "--check", baseline, "--json"]) == 0
    assert '"verdict": "OK"' in capsys.readouterr().out
    assert main_eval([*options, "--check", baseline, "--min-confidence", "1"]) == 5
    assert "WORSE" in capsys.readouterr().out


def test_two_records_are_compared(options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = str(tmp_path / "one.json"), str(tmp_path / "other.json.gz")
    assert main_eval([*options, "--record", one]) == 0
    assert main_eval([*options, "--record", other, "--min-confidence", "1"]) == 0
    capsys.readouterr()
    assert main_eval(["compare", one, other, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [flip["id"] for flip in found["lost"]] == ["when"]
    assert f"settings.min_confidence: {MIN_CONFIDENCE} → 1.0" in found["changed"]
    assert main_eval(["compare", one, other]) == 0
    assert "Right before, not now: 1" in capsys.readouterr().out
    assert main_eval(["table", one]) == 0
    assert "| 2 gold questions, 1 of them not answered there | pullquote |" in capsys.readouterr().out


def test_all_levels_are_shown_and_the_headline_is_end_to_end(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main_eval([*options, "--level", "all", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures["levels"]) == {"retrieval-only", "reader-only"}
    assert main_eval([*options, "--level", "retrieval"]) == 0
    assert "Retrieval alone, 20 passages" in capsys.readouterr().out


def test_the_inputs_of_a_haystack_evaluation_are_asked_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "bridge.txt").write_text("The bridge opened in 1932. It is 503 metres long.", "utf-8")
    rows = {"questions": ["When did the bridge open?"], "ground_truth_answers": [["1932"]]}
    (tmp_path / "inputs.json").write_text(json.dumps(rows), "utf-8")
    words = ["--haystack", str(tmp_path / "inputs.json"), "--corpus", str(tmp_path / "articles")]
    assert main_eval([*words, "--work", str(tmp_path / "work"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["f1"] > 0
