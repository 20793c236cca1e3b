"""What other processes write, and what is left of them when they are killed."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from retrieval.store import SQLiteDocumentStore
from tests.retrieval.samples import article, passages, put, vectors

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10

# Rewrites three articles again and again; an article's number of passages goes with its version.
WRITER = """
import sys
from itertools import count
from retrieval.store import SQLiteDocumentStore
from tests.retrieval.samples import article, put

with SQLiteDocumentStore(sys.argv[1]) as store:
    for version in count(int(sys.argv[2])):
        key = f"article{version % 3}"
        if version % 7 == 6:
            store.delete_article(key)
        else:
            put(store, article(key, *(f"version{version} line{line} of the text" for line in range(2 + version % 5))))
        print(version, flush=True)
"""


def test_what_another_process_writes_is_found_here(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with SQLiteDocumentStore(path) as store:
        put(store, article("mine", "Nothing yet."))
        assert store.search("version2", vectors(["x"])[0])[0].passage.article_id == "mine"
        writer = subprocess.Popen([sys.executable, "-c", WRITER, path, "2"], stdout=subprocess.PIPE, cwd=ROOT)
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.kill()
        writer.communicate()
        text = "version2 line0 of the text"
        best = store.search(text, vectors([text])[0])[0]
        assert (best.passage.text, best.bm25_rank, best.dense_rank) == (text, 1, 1)


def test_a_kill_at_any_moment_leaves_every_article_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    moments = random.Random(7)
    confirmed = 0
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, path, str(confirmed + 1)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert writer.stdout is not None
        writer.stdout.readline()  # it has started to write
        time.sleep(moments.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        complete = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        confirmed = max([confirmed + 1, *(int(line) for line in complete)])
        check(path, confirmed)
    assert confirmed >= KILLS


def check(path: Path, confirmed: int) -> None:
    """The index opens, is sound, holds what was confirmed, and every article of it is whole."""
    with SQLiteDocumentStore(path, create=False) as store:
        assert {row.id for row in store.articles()} <= {"article0", "article1", "article2"}
        for row in store.articles():
            stored = store.article(row.id)
            assert stored is not None
            assert stored.digest == row.digest
            expected = passages(stored)
            assert row.passages == len(expected)
            version = int(stored.text.split()[0].removeprefix("version"))
            assert len(expected) == 2 + version % 5
            for passage in expected:
                best = store.search(passage.text, vectors([passage.text])[0], top_k=1)[0]
                assert (best.passage, best.bm25_rank, best.dense_rank) == (passage, 1, 1)
        total = sum(row.passages for row in store.articles())
        assert store.count_documents() == total
        if confirmed % 7 != 6:
            text = store.article(f"article{confirmed % 3}")
            assert text is None or int(text.text.split()[0].removeprefix("version")) >= confirmed
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")  # an error if it is not sound
    assert connection.execute("SELECT count(*) FROM words").fetchone() == (total,)
    assert connection.execute("SELECT count(*) FROM vectors JOIN passages USING (row)").fetchone() == (total,)
    assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (total,)
    connection.close()
