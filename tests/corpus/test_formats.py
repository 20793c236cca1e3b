from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import date, datetime

import pytest

from corpus.errors import InvalidArticle
from corpus.formats import READERS
from corpus.formats.draft import Draft
from corpus.formats.jsonl import read_rows
from corpus.formats.pdf import joined
from tests.corpus.files import PROSE, locked_pdf, pdf, word

JAN_17 = date(2025, 1, 17)


def read(ending: str, data: bytes | str) -> Draft:
    return READERS[ending](data if isinstance(data, bytes) else data.encode())


def refused(ending: str, data: bytes | str) -> str:
    with pytest.raises(InvalidArticle) as problem:
        read(ending, data)
    return str(problem.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_read_in_every_marked_encoding(encoding: str) -> None:
    text = "Café “😀” مرحبا\r\n"
    assert read(".txt", text.encode(encoding)).text.removeprefix("\ufeff") == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("Café".encode("cp1252"), "wrong encoding: not UTF-8 at byte 3"),
        ("Café".encode("utf-16-le"), "binary"),
        (b"\xff\xfeC\x00\x00", "wrong encoding: not UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
    ],
)
def test_unmarked_encodings_and_binaries_are_refused_not_guessed(data: bytes, reason: str) -> None:
    assert reason in refused(".txt", data)


def test_front_matter_is_read_and_left_out_of_the_text() -> None:
    draft = read(
        ".md",
        "\ufeff---\r\ntitle: 'The: pact'\r\ndate: 2025-01-17\r\nsource: Northern Times\r\nurl: https://a.example/\r\n"
        f"author: [Ann, Bob]\r\n---\r\n\r\n# Heading\r\n\r\n**{PROSE}**\r\n",
    )
    assert draft == Draft(f"\n# Heading\n\n**{PROSE}**\n", "The: pact", "Northern Times", "https://a.example/", JAN_17)


@pytest.mark.parametrize(
    ("written", "day"),
    [("17 Jan 2025", JAN_17), ("2025-01-17T10:00:00Z", JAN_17), ("2025-01-17 10:00:00", JAN_17), ("", None)],
)
def test_front_matter_takes_dates_in_several_forms(written: str, day: date | None) -> None:
    assert read(".md", f"---\ndate: {written}\n---\n{PROSE}").published == day


def test_markdown_without_front_matter_takes_its_first_heading_as_title() -> None:
    text = f"```\n# a comment\n```\n\n# The pact #\n\n{PROSE}\n\n# Later\n"
    assert read(".md", text) == Draft(text, title="The pact")


def test_a_rule_across_the_page_is_no_front_matter() -> None:
    assert read(".md", f"---\n\n{PROSE}").text == f"---\n\n{PROSE}"


BOMB = "---\na: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\ntitle: *b\n---\n"


@pytest.mark.parametrize(
    ("matter", "reason"),
    [
        ("---\ntitle: [unclosed\n---\n", "broken front matter"),
        ("---\ntitle: x\n\nno end", "closes it"),
        ("---\n- a\n- b\n---\n", "key: value"),
        ("---\ntitle: [a, b]\n---\n", "title must be text"),
        ("---\ndate: 03/04/2025\n---\n", "no full day"),
        ("---\ndate: 2025-13-45\n---\n", "broken front matter"),
        ("---\nx: !!python/object/apply:os.system ['true']\n---\n", "broken front matter"),
        ("---\nx: " + "[" * 5000 + "\n---\n", "nesting"),
        ("---\nx: " + "y" * 20_000 + "\n---\n", "closes it"),
        (BOMB, "aliases"),
    ],
)
def test_broken_front_matter_is_refused_with_its_reason(matter: str, reason: str) -> None:
    assert reason in refused(".md", matter + PROSE)


def page(head: str = "", body: str = f"<p>{PROSE} {PROSE}</p>" * 3) -> str:
    return (
        f"<!doctype html><html><head><title>The pact</title>{head}</head><body><nav><a href='/'>Home</a> Menu</nav>"
        f"<article><h1>The pact</h1>{body}</article><footer>All rights reserved</footer></body></html>"
    )


def test_a_page_gives_its_article_without_menu_footer_and_scripts() -> None:
    head = (
        "<meta property='og:site_name' content='Northern Times'><link rel='canonical' href='https://a.example/pact'>"
        "<meta property='article:published_time' content='2025-01-17T10:00:00Z'>"
    )
    draft = read(".html", page(head, f"<p>{PROSE} A &lt; B &amp; C.</p>" * 3 + "<script>alert('stolen')</script>"))
    assert f"{PROSE} A < B & C." in draft.text
    assert not any(alien in draft.text for alien in ("Menu", "rights", "alert", "<p>"))
    assert (draft.title, draft.source, draft.url) == ("The pact", "Northern Times", "https://a.example/pact")
    assert draft.published == JAN_17


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("<meta name='date' content='17 Jan 2025'>", JAN_17),
        ('<script type="application/ld+json">{"datePublished": "2025-01-17"}</script>', JAN_17),
        ("<meta name='date' content='2025-01'>", None),
        ("<meta name='date' content='03/04/2025'>", None),
        ("<meta name='last-modified' content='2025-01-17'>", None),
        ("", None),
    ],
)
def test_a_pages_date_is_what_its_metadata_states_in_full(head: str, day: date | None) -> None:
    assert read(".htm", page(head)).published == day


def test_a_script_as_address_is_dropped() -> None:
    assert not read(".html", page("<meta property='og:url' content='javascript:alert(1)'>")).url


def test_a_page_is_read_in_the_encoding_it_declares() -> None:
    text = page("<meta charset='windows-1252'>").replace("leaders", "caf\u00e9 “leaders”")
    assert "café “leaders”" in read(".html", text.encode("cp1252")).text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (page().replace("leaders", "café").encode("cp1252"), "wrong encoding"),
        (page("<meta charset='no-such'>").replace("leaders", "café").encode("cp1252"), "'no-such'"),
        (b"<html><body><script>x()</script></body></html>", "no article text"),
        (b"\n", "empty"),
        (b"<p>x</p>" * 30_000, "elements"),
    ],
)
def test_a_page_without_an_article_is_refused(data: bytes, reason: str) -> None:
    assert reason in refused(".html", data)


def test_a_pdf_gives_paragraphs_title_and_day_of_making() -> None:
    first = [
        "The two leaders of the neighbouring countries signed a treaty of coope-",
        "ration at noon. It runs for 20-",
    ]
    second = [
        "year terms, and may be renewed (again) after that. Both call it long-term.",
        "It is a long-",
        "term pact.",
        "2",
    ]
    draft = read(".pdf", pdf([first, second], info="/Title (The pact) /CreationDate (D:20250117120000Z)"))
    assert "treaty of cooperation at noon. It runs for 20-year terms" in draft.text
    assert "a long-term pact." in draft.text
    assert not draft.text.endswith("2")
    assert (draft.title, draft.made, draft.published) == ("The pact", JAN_17, None)


def test_the_title_a_word_processor_wrote_is_none() -> None:
    assert read(".pdf", pdf([[PROSE]], info="/Title (Microsoft Word - draft3.docx)")).title is None
    assert read(".pdf", pdf([[PROSE]], info="/CreationDate (rubbish)")) == Draft(PROSE)


def test_joined_lines_keep_paragraphs_apart() -> None:
    lines = ["A headline", "The first line of a paragraph that fills the column", "Parliament took up, and its end."]
    assert joined([[*lines, "Another paragraph begins here and fills the column."]]) == (
        f"A headline\n{lines[1]} {lines[2]}\nAnother paragraph begins here and fills the column."
    )
    assert joined([]) == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.4\nrubbish", "broken PDF"),
        (b"rubbish", "broken PDF"),
        (pdf([[PROSE]])[:300], "broken PDF"),
        (locked_pdf(), "encrypted"),
        (pdf([[]]), "no text"),
    ],
)
@pytest.mark.filterwarnings("default")
def test_a_pdf_that_cannot_be_read_is_refused(data: bytes, reason: str) -> None:
    assert reason in refused(".pdf", data)


def test_a_word_document_gives_paragraphs_and_tables_in_order() -> None:
    data = word(
        ["First.", "Last."], rows=[["Year", "Terms"], ["2001", "20"]], title="The pact", created=datetime(2025, 1, 17)
    )
    assert read(".docx", data) == Draft("First.\nYear | Terms\n2001 | 20\nLast.", "The pact", made=JAN_17)


def test_what_the_template_says_of_a_word_document_is_not_taken() -> None:
    draft = read(".docx", word(["First."]))
    assert not draft.title
    assert draft.made is None


def test_a_merged_cell_is_read_once() -> None:
    import docx

    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Wide"
    table.cell(1, 0).text = "Left"
    table.cell(1, 1).add_table(1, 1).cell(0, 0).text = "Inner"
    out = io.BytesIO()
    document.save(out)
    assert read(".docx", out.getvalue()).text == "Wide\nLeft | Inner"


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as member:
        for _ in range(101):
            member.write(bytes(1_000_000))
    return out.getvalue()


def other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"rubbish", "not a zip"),
        (other_zip(), "no Word document"),
        (zip_bomb(), "unpacked"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
        (word([" "]), "no text"),
    ],
    ids=["rubbish", "other zip", "bomb", "locked", "blank"],
)
def test_a_word_document_that_cannot_be_read_is_refused(data: bytes, reason: str) -> None:
    assert reason in refused(".docx", data)


def rows(*lines: object, most_bytes: int = 10_000) -> list[tuple[int, Draft | str]]:
    data = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines)
    found = read_rows(io.BytesIO(data), most_bytes=most_bytes)
    return [(number, str(row) if isinstance(row, InvalidArticle) else row) for number, row in found]


def test_a_row_gives_an_article_and_unknown_fields_are_ignored() -> None:
    row = {
        "id": "a",
        "title": "T",
        "text": PROSE,
        "date": "2025-01-17",
        "source": "S",
        "url": "https://a.example/",
        "x": [1],
    }
    assert rows(row, b"", {"id": "b", "text": "x", "title": None}) == [
        (1, Draft(PROSE, "T", "S", "https://a.example/", JAN_17, id="a")),
        (3, Draft("x", id="b")),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"text": "x"}, "id is missing"),
        ({"id": "a"}, "text is missing"),
        ({"id": 1, "text": "x"}, "id must be text, got int"),
        ({"id": "a", "text": ["x"]}, "text must be text, got list"),
        ({"id": "a", "text": "x", "url": 5}, "url must be text"),
        ({"id": "a", "text": "x", "date": "2025-01"}, "no full day"),
        (["a"], "expected an object"),
        (b"{", "not JSON"),
        (b"[" * 9_000, "not JSON"),
        (b'{"id": "\xff"}', "wrong encoding"),
    ],
)
def test_a_bad_row_is_named_and_the_next_is_read(row: object, reason: str) -> None:
    found = rows(row, {"id": "b", "text": "x"})
    assert [number for number, _ in found] == [1, 2]
    assert reason in str(found[0][1])
    assert found[1][1] == Draft("x", id="b")


def test_a_file_of_nothing_but_bad_rows_is_given_up() -> None:
    found = rows(*[b"{"] * 500)
    assert len(found) == 101
    assert "not read from here on" in str(found[-1][1])


def test_an_overlong_row_ends_the_file() -> None:
    found = rows({"id": "a", "text": "x"}, {"id": "b", "text": "x" * 200}, {"id": "c", "text": "x"}, most_bytes=100)
    assert [number for number, _ in found] == [1, 2]
    assert "over 100 bytes" in str(found[1][1])


def test_importing_the_package_imports_no_parser() -> None:
    heavy = {"trafilatura", "docx", "pypdf", "dateparser", "yaml", "lxml"}
    code = f"import sys, corpus.loading; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
