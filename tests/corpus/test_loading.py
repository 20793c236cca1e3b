from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given, settings

from corpus.errors import ArticleError, UnreadableFile
from corpus.loading import MAX_FILE_BYTES, Loaded, load_folder
from corpus.splitting import split
from corpus.text import normalise
from tests.corpus.files import PROSE, locked_pdf, odd_texts, pdf, word


def write(folder: Path, name: str, data: bytes | str = PROSE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def loaded(folder: Path) -> dict[str, str]:
    """Id and origin of every article."""
    return {one.article.id: one.origin for one in load_folder(folder) if isinstance(one, Loaded)}


def unreadable(folder: Path) -> dict[str, str]:
    """Path and reason of every file that was not read."""
    return {one.path: one.reason for one in load_folder(folder) if isinstance(one, UnreadableFile)}


def test_every_kind_of_file_is_read_in_sorted_order(tmp_path: Path) -> None:
    write(tmp_path, "b/2025/note.TXT")
    write(tmp_path, "a.md", f"---\ntitle: The pact\n---\n{PROSE}")
    write(tmp_path, "c.html", f"<html><body><article><p>{PROSE}</p></article></body></html>")
    write(tmp_path, "d.pdf", pdf([[PROSE]]))
    write(tmp_path, "e.docx", word([PROSE]))
    write(
        tmp_path, "f.jsonl", json.dumps({"id": "row/1", "text": PROSE}) + "\n" + json.dumps({"id": "g", "text": PROSE})
    )
    write(tmp_path, "v1.2.txt")
    found = list(load_folder(tmp_path))
    assert [(one.article.id, one.origin) for one in found if isinstance(one, Loaded)] == [
        ("a", "a.md"),
        ("b/2025/note", "b/2025/note.TXT"),
        ("c", "c.html"),
        ("d", "d.pdf"),
        ("e", "e.docx"),
        ("row/1", "f.jsonl"),
        ("g", "f.jsonl"),
        ("v1.2", "v1.2.txt"),
    ]
    assert all(isinstance(one, Loaded) and PROSE in one.article.text for one in found)


def test_hidden_files_and_other_kinds_are_passed_over(tmp_path: Path) -> None:
    for name in (".hidden.txt", ".git/a.txt", "picture.png", "README", "a.txt.bak"):
        write(tmp_path, name)
    assert list(load_folder(tmp_path)) == []


@pytest.mark.filterwarnings("default")
def test_each_bad_file_is_named_with_its_reason_and_the_rest_is_read(tmp_path: Path) -> None:
    bad: dict[str, tuple[bytes, str]] = {
        "bad/binary.txt": (b"\x7fELF\x00\x01", "binary"),
        "bad/blank.txt": (b" \r\n\t", "empty"),
        "bad/broken.pdf": (b"%PDF-1.7 rubbish", "broken PDF"),
        "bad/encoding.txt": ("café".encode("cp1252"), "wrong encoding"),
        "bad/front.md": (b"---\ntitle: [\n---\ntext", "front matter"),
        "bad/huge.txt": (b"word " * (MAX_FILE_BYTES // 5 + 1), "over 20 MB"),
        "bad/link.md": (b"---\nurl: javascript:x\n---\ntext", "url"),
        "bad/locked.pdf": (locked_pdf(), "encrypted"),
        "bad/mark.txt": (b"\xef\xbb\xbf", "blank"),
        "bad/page.html": (b"<html></html>", "no article text"),
        "bad/rows.jsonl": (b"\n", "empty"),
        "bad/stops.txt": (b"...", "blank"),
        "bad/word.docx": (b"PK\x03\x04 rubbish", "zip"),
        "bad/zero.txt": (b"", "empty"),
    }
    for name, (data, _) in bad.items():
        write(tmp_path, name, data)
    write(tmp_path, "a.txt")
    write(tmp_path, "z.txt")
    reasons = unreadable(tmp_path)
    assert list(reasons) == list(bad)
    assert all(reason in reasons[name] for name, (_, reason) in bad.items())
    assert list(loaded(tmp_path)) == ["a", "z"]


def test_a_file_of_just_20_mb_is_read(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", b"\n" * (MAX_FILE_BYTES - 4) + b"word")
    assert list(loaded(tmp_path)) == ["a"]


def test_a_bad_row_is_named_by_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    good = [json.dumps({"id": name, "text": PROSE}) for name in "abc"]
    lines = [
        good[0],
        "{",
        good[1],
        json.dumps({"id": "x", "text": " "}),
        good[0],
        json.dumps({"id": "", "text": "x"}),
        good[2],
    ]
    write(tmp_path, "rows.jsonl", "\n".join(lines))
    assert list(loaded(tmp_path)) == ["a", "b", "c"]
    found = [one for one in load_folder(tmp_path) if isinstance(one, UnreadableFile)]
    assert [one.path for one in found] == ["rows.jsonl"] * 4
    assert [one.reason.split(": ")[0] for one in found] == [
        "line 2",
        "line 4",
        "the id 'a' is taken by rows.jsonl; rename one of them",
        "line 6",
    ]


def test_the_second_file_with_an_id_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    write(tmp_path, "a.txt")
    assert loaded(tmp_path) == {"a": "a.md"}
    assert "taken by a.md" in unreadable(tmp_path)["a.txt"]


@pytest.mark.skipif(sys.platform == "darwin", reason="its file system holds the two names to be one")
def test_ids_are_in_composed_form(tmp_path: Path) -> None:
    write(tmp_path, "cafe\u0301.txt")
    write(tmp_path, "caf\u00e9.txt")
    assert list(loaded(tmp_path)) == ["caf\u00e9"]
    assert list(unreadable(tmp_path)) == ["caf\u00e9.txt"]


def test_links_are_followed_to_files_of_the_folder_only(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    secret = write(outside, "secret.txt")
    real = write(root, "real.txt")
    write(root, "sub/inner.txt")
    (root / "file-out.txt").symlink_to(secret)
    (root / "folder-out").symlink_to(outside)
    (root / "sub" / "loop").symlink_to(root)
    (root / "twin.txt").symlink_to(real)
    (root / "nowhere.txt").symlink_to(root / "gone.txt")
    (root / "self.txt").symlink_to(root / "self.txt")
    assert list(loaded(root)) == ["real", "sub/inner", "twin"]
    reasons = unreadable(root)
    assert reasons == {
        "file-out.txt": "a link that leads out of the folder",
        "folder-out": "a link that leads out of the folder",
        "nowhere.txt": "a link to nothing",
        "self.txt": "a link that leads in a circle, or may not be followed",
        "sub/loop": "a link to another folder; its articles are read where they stand",
    }


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path, "real/a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert loaded(tmp_path / "link") == {"a": "a.txt"}


def test_a_pipe_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert unreadable(tmp_path) == {"pipe.txt": "not a regular file"}


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_what_may_not_be_opened_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.txt").chmod(0)
    write(tmp_path, "closed/b.txt").parent.chmod(0)
    write(tmp_path, "c.txt")
    try:
        assert unreadable(tmp_path) == {"a.txt": "permission denied", "closed": "permission denied"}
        assert list(loaded(tmp_path)) == ["c"]
    finally:
        (tmp_path / "closed").chmod(0o700)


@pytest.mark.skipif(sys.platform == "darwin", reason="its file system takes UTF-8 names only")
def test_a_name_that_is_not_utf8_is_named_fit_to_print(tmp_path: Path) -> None:
    write(tmp_path, os.fsdecode(b"caf\xe9.txt"))
    assert unreadable(tmp_path) == {"caf?.txt": "the file's name is not UTF-8; rename it"}


def test_a_file_that_goes_while_the_folder_is_read_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    gone = write(tmp_path, "b.txt")
    write(tmp_path, "c.txt")
    found = load_folder(tmp_path)
    next(found)
    gone.unlink()
    rest = list(found)
    assert [one.path if isinstance(one, UnreadableFile) else one.origin for one in rest] == ["b.txt", "c.txt"]
    assert isinstance(rest[0], UnreadableFile)


def test_a_missing_folder_and_a_file_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="does not exist"):
        load_folder(tmp_path / "gone")
    with pytest.raises(ArticleError, match="is not a folder"):
        load_folder(write(tmp_path, "a.txt"))


def test_the_day_a_file_was_made_stands_behind_the_day_its_head_names(tmp_path: Path) -> None:
    made = "/CreationDate (D:20250120120000Z)"
    write(tmp_path, "headed.pdf", pdf([["Published On 17 Jan 2025", PROSE]], info=made))
    write(tmp_path, "plain.pdf", pdf([[PROSE]], info=made))
    days = {one.article.id: one.article.published for one in load_folder(tmp_path) if isinstance(one, Loaded)}
    assert days == {"headed": date(2025, 1, 17), "plain": date(2025, 1, 20)}


@settings(deadline=None)
@given(odd_texts())
def test_any_text_slices_to_its_passages_after_a_way_over_the_disk(raw: str) -> None:
    text = raw.replace("\x00", "").encode("utf-8", "replace").decode()
    assume(any(map(str.isalnum, text)))
    folder = Path(tempfile.mkdtemp())
    try:
        write(folder, "a.txt", text)
        (one,) = load_folder(folder)
    finally:
        shutil.rmtree(folder)
    assert isinstance(one, Loaded)
    assert one.article.text == normalise(text)
    assert all(one.article.text[p.span.start : p.span.end] == p.text for p in split(one.article))


def test_the_articles_people_feed_it_are_read() -> None:
    folder = Path(__file__).parents[2].parent / "shared" / "articles"
    if not folder.is_dir():
        pytest.skip("the shared articles are not beside this repository")
    found = [one for one in load_folder(folder) if isinstance(one, Loaded)]
    assert [one.article.published for one in found] == [
        date(2025, 1, 17),
        None,
        date(2025, 1, 17),
        None,
        date(2025, 1, 28),
    ]
    assert all(one.article.source is None for one in found)
    assert found[4].article.title.endswith("partnership")
