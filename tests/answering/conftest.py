"""A real index of a few short articles, read by the shipped models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from answering.answerer import Answerer

TREATY = (
    "On Friday the two presidents met in the Kremlin. The treaty runs for 20 years, officials said. It can be renewed."
)
AGENCY = "A 20-year treaty was signed in Moscow. The treaty will run for 20 years, the agency reported.\n\nShare on:"
SEA = "The harbour of Brell was closed for repairs in March. Fishing boats were sent to Ostwick, the mayor said."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    articles = tmp_path / "articles"
    (articles / "wire").mkdir(parents=True)
    (articles / "treaty.txt").write_text(f"Leaders sign pact\n\nPublished On 17 Jan 2025\n\n{TREATY}", encoding="utf-8")
    (articles / "wire" / "agency.txt").write_text(AGENCY, encoding="utf-8")
    (articles / "harbour.txt").write_text(SEA, encoding="utf-8")
    return articles


@pytest.fixture
def answerer(tmp_path: Path) -> Iterator[Answerer]:
    with Answerer.open(tmp_path / "index", create=True) as opened:
        yield opened


@pytest.fixture
def filled(answerer: Answerer, folder: Path) -> Answerer:
    answerer.index_folder(folder)
    return answerer
