"""The index agrees with the folder, whatever was in either before."""

from __future__ import annotations

from pathlib import Path

import pytest

from answering.answerer import Answerer
from answering.indexing import Change, Progress
from corpus.errors import ArticleError, IndexMissing


def ids(answerer: Answerer) -> set[str]:
    return {row.id for row in answerer.store.articles()}


def test_a_folder_is_indexed_whole(answerer: Answerer, folder: Path) -> None:
    report = answerer.index_folder(folder)
    assert (report.added, report.changed, report.unchanged, report.removed) == (3, 0, 0, 0)
    assert report.passages == sum(row.passages for row in answerer.store.articles()) == answerer.store.count_documents()
    assert ids(answerer) == {"treaty", "harbour", "wire/agency"}


def test_what_is_unchanged_is_left_alone(answerer: Answerer, folder: Path) -> None:
    answerer.index_folder(folder)
    before = answerer.index_id
    report = answerer.index_folder(folder)
    assert (report.added, report.changed, report.unchanged, report.passages) == (0, 0, 3, 0)
    assert answerer.index_id == before


def test_changes_in_the_folder_are_changes_in_the_index(answerer: Answerer, folder: Path) -> None:
    answerer.index_folder(folder)
    (folder / "harbour.txt").unlink()
    (folder / "wire" / "agency.txt").write_text("The agency took it back.", encoding="utf-8")
    (folder / "new.txt").write_text("A new bridge opened in Ostwick.", encoding="utf-8")
    seen: list[Progress] = []
    report = answerer.index_folder(folder, on_progress=seen.append)
    assert (report.added, report.changed, report.unchanged, report.removed) == (1, 1, 1, 1)
    assert ids(answerer) == {"treaty", "new", "wire/agency"}
    assert {p.article_id: p.change for p in seen} == {
        "harbour": Change.REMOVED, "new": Change.ADDED, "treaty": Change.UNCHANGED, "wire/agency": Change.CHANGED,
    }  # fmt: skip
    assert [p.done for p in seen] == [1, 2, 3, 4]


def test_a_second_folder_is_added_with_keep(answerer: Answerer, folder: Path, tmp_path: Path) -> None:
    answerer.index_folder(folder)
    more = tmp_path / "more"
    more.mkdir()
    (more / "bridge.txt").write_text("A new bridge opened in Ostwick.", encoding="utf-8")
    assert answerer.index_folder(more, keep=True).removed == 0
    assert len(ids(answerer)) == 4
    assert answerer.index_folder(more).removed == 3


def test_an_article_whose_file_broke_stays_as_it_was(answerer: Answerer, folder: Path) -> None:
    answerer.index_folder(folder)
    before = answerer.store.article("harbour")
    (folder / "harbour.txt").write_bytes(b"\xff\x00\x81 broken")
    report = answerer.index_folder(folder)
    assert [error.path for error in report.unreadable] == ["harbour.txt"]
    assert report.removed == 0
    assert answerer.store.article("harbour") == before


def test_a_folder_without_articles_does_not_empty_the_index(answerer: Answerer, folder: Path, tmp_path: Path) -> None:
    answerer.index_folder(folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ArticleError, match="left as it was"):
        answerer.index_folder(empty)
    assert len(ids(answerer)) == 3


def test_an_empty_folder_makes_an_empty_index(answerer: Answerer, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert answerer.index_folder(empty).added == 0


def test_a_run_that_is_stopped_loses_nothing_and_is_gone_on_with(answerer: Answerer, folder: Path) -> None:
    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answerer.index_folder(folder, on_progress=stop)
    report = answerer.index_folder(folder)
    assert report.added + report.unchanged == 3
    assert len(ids(answerer)) == 3


def test_a_missing_folder_is_named(answerer: Answerer, tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="nowhere"):
        answerer.index_folder(tmp_path / "nowhere")


def test_opening_an_index_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="pullquote index"):
        Answerer.open(tmp_path / "none")
