"""The house keeps its shape: imports go one way, modules stay small, serving needs no torch and no extra."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "corpus": set(),
    "retrieval": {"corpus"},
    "reader": {"corpus"},
    "answering": {"corpus", "retrieval", "reader"},
    "evals": {"corpus", "retrieval", "reader", "answering"},
    "service": {"corpus", "retrieval", "reader", "answering", "evals"},
}
MODULES = sorted(chain.from_iterable((ROOT / package).rglob("*.py") for package in MAY_IMPORT))


def imported_packages(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[0] for name in names} & MAY_IMPORT.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    assert imported_packages(path) <= MAY_IMPORT[package] | {package}


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lengths.items() if count > 400} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert {path.stem for path in MODULES} & {"utils", "helpers", "common", "base", "manager", "misc"} == set()


WITHOUT_TORCH = """
import sys

ABSENT = {"torch", "transformers", "sentence_transformers", "sklearn", "onnx", "qdrant_client", "snowballstemmer"}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
import service.api, service.cli
from pathlib import Path
from answering.answerer import Answerer
from answering.types import Ask
from corpus.articles import article_from

with Answerer.open(Path(sys.argv[1]), create=True) as answerer:
    answerer.put(article_from("a", "The bridge was opened in 1904 by the mayor."))
    print(answerer.ask(Ask("When was the bridge opened?", min_confidence=0.0)).answer.text)
"""


def test_serving_needs_no_torch_and_no_client_of_a_cluster(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_TORCH, str(tmp_path / "index")]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "1904" in result.stdout


@pytest.mark.parametrize("module", ["reader.component", "retrieval.component", "retrieval.store", "answering.answerer"])
def test_haystack_is_imported_with_its_telemetry_off(module: str) -> None:
    code = f"import {module}; from haystack.telemetry import _telemetry; print(_telemetry.telemetry)"
    environment = {name: value for name, value in os.environ.items() if name != "HAYSTACK_TELEMETRY_ENABLED"}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    assert result.stdout.strip() == "None"
