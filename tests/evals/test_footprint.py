"""Installed size and the wait until the service is ready."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from corpus.errors import SettingsError
from evals import footprint
from evals.footprint import closure, installed_bytes, seconds_until_ready


def test_the_closure_holds_what_a_requirement_requires_and_no_extra() -> None:
    found = closure("fastapi")
    assert {"fastapi", "starlette", "pydantic", "pydantic-core"} <= set(found)
    assert "uvicorn" not in found  # only an extra of fastapi's asks for it


def test_the_size_is_that_of_all_files_of_the_closure() -> None:
    alone = installed_bytes("typing-extensions")
    assert 50_000 < alone < 1_000_000
    assert installed_bytes("pydantic") > installed_bytes("pydantic-core") + alone


def test_the_projects_own_packages_are_counted_by_their_folders() -> None:
    corpus = Path(footprint.__file__).parent.parent / "corpus"
    own = sum(file.stat().st_size for file in corpus.rglob("*") if file.is_file())
    assert installed_bytes("typing-extensions", ("corpus",)) == own


def test_a_distribution_that_is_not_installed_is_named() -> None:
    with pytest.raises(SettingsError, match="no-such-distribution is not installed"):
        installed_bytes("no-such-distribution")


def test_a_service_that_does_not_start_is_reported_with_its_words(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("no folder", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"ended before it was ready; it said: \S+"):
        seconds_until_ready(tmp_path / "index", timeout_s=300)


def test_a_service_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"was not ready within 0\.05 s; it said: nothing"):
        seconds_until_ready(tmp_path / "index", timeout_s=0.05)


def test_nothing_listening_is_not_ready() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: nobody else can answer there
        assert not footprint._is_ready(taken.getsockname()[1])
