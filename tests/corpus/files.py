"""Files of each kind, built on the spot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import docx
import pypdf
from hypothesis import strategies as st

PROSE = "The two leaders signed the pact at noon. It runs for twenty years, and it may be renewed after that."

# What breaks offsets: line ends, marks, combining and joined characters, directions, blanks, stops.
ODD_PIECES = (
    *("\r\n", "\r", "\n", "\n\n", "\ufeff", "\x00", "\ud800", "\udfff", "\u2028", "\x0c", "\x85", "\t", " ", "\u00a0"),
    *("\u3000", "\u200b", "\u200d", "\u202e", "e\u0301", "é", "\u0301", "ﬁ", "Å", "👩\u200d🚀", "👍🏽", "😀", "𝔘"),
    *("مرحبا؟ ", "שלום. ", "你好。", "、再见！", "ไทยไม่มีวรรค", "한국어 "),
    *(
        "The pact. ",
        "The pact. ",
        "U.S. ",
        "Mr. ",
        "J. R. ",
        "3.5 ",
        "…",
        "...",
        ". . . ",
        "?!",
        '."',
        "“No.” ",
        "[1] ",
        "- ",
    ),
    *("word ", "Word", "x" * 70, "1. ", "—", "(", ")", '"', "'"),
)


def odd_texts() -> st.SearchStrategy[str]:
    """Texts of odd pieces, with any character at all between them."""
    anything = st.characters(codec=None, categories=None)
    return st.lists(st.sampled_from(ODD_PIECES) | anything, max_size=60).map("".join)


def pdf(pages: Sequence[Sequence[str]], *, info: str = "") -> bytes:
    """A PDF of ``pages`` of lines; ``info`` is the body of its metadata dictionary."""
    first_page = 4
    kids = " ".join(f"{first_page + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        escaped = (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
        shown = "\n".join(f"({line}) Tj T*" for line in escaped)
        stream = f"BT /F1 11 Tf 14 TL 50 750 Td\n{shown}\nET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {first_page + 2 * number + 1} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects.append(f"<< {info} >>")
    body = b"%PDF-1.4\n"
    offsets = []
    for number, one in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\n"
    )
    return body + f"{trailer}startxref\n{len(body)}\n%%EOF\n".encode("ascii")


def locked_pdf() -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(pdf([[PROSE]])))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word(
    paragraphs: Sequence[str], *, rows: Sequence[Sequence[str]] = (), title: str = "", created: datetime | None = None
) -> bytes:
    """A Word document: the first paragraph, a table of ``rows``, the other paragraphs."""
    document = docx.Document()
    document.add_paragraph(paragraphs[0])
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    for paragraph in paragraphs[1:]:
        document.add_paragraph(paragraph)
    document.core_properties.title = title
    if created:
        document.core_properties.created = created
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
