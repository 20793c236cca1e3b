"""Open questions made by rule: one article a town, one question an article, and rows of what was found."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

from evals.open_rows import FoundPassage, OpenRow, ReadSpan

TOWNS = ("Aldra", "Borun", "Cesta", "Dovik")


def write_news(folder: Path) -> Path:
    """A pair of news files: every town's bridge opened in a year of its own."""
    articles = [
        {
            "id": town.lower(),
            "title": f"{town} has a bridge",
            "date": f"2022/06/{at + 1:02d}",
            "url": f"https://news.example/{town.lower()}",
            "text": f"{town} is a town by the river. The bridge of {town} was opened in {1930 + at} by the mayor.",
        }
        for at, town in enumerate(TOWNS)
    ]
    questions = [
        {
            "id": f"q{at}",
            "question": f"When was the bridge of {town} opened?",
            "asked": "2022/06/10",
            "answers": [str(1930 + at)],
            "article_id": town.lower(),
        }
        for at, town in enumerate(TOWNS)
    ]
    for name, rows in (("town_articles.jsonl.xz", articles), ("town_questions.jsonl.xz", questions)):
        (folder / name).write_bytes(lzma.compress("\n".join(map(json.dumps, rows)).encode()))
    return folder


def write_squad(path: Path, contexts: list[str]) -> None:
    """A SQuAD file: of each context one question, answered by its first word."""
    paragraphs = [
        {
            "context": text,
            "qas": [
                {
                    "id": f"{path.name}{at}",
                    "question": "Who?",
                    "answers": [{"text": text.split()[0], "answer_start": 0}],
                }
            ],
        }
        for at, text in enumerate(contexts)
    ]
    path.write_text(json.dumps({"data": [{"title": "T", "paragraphs": paragraphs}]}), encoding="utf-8")


def hit(name: str, *, holds: bool = False, score: float = 0.5, published: str | None = None) -> FoundPassage:
    """A hit."""
    return FoundPassage(name, published, score, None, None, holds)


def span(passage: str, text: str, log_odds: float, nearness: float = 0.0) -> ReadSpan:
    """A span that was read."""
    return ReadSpan(passage, 0, len(text), text, 0.0, log_odds, nearness)


def row(
    said: str,
    hits: tuple[FoundPassage, ...],
    spans: tuple[ReadSpan, ...] = (),
    *,
    passage: str | None = None,
    confidence: float | None = 0.9,
    asked: str | None = None,
    name: str = "q",
) -> OpenRow:
    """A row of a question whose answer is ``in 1932`` or ``the year 1932``."""
    gold = ("in 1932", "the year 1932")
    return OpenRow(
        "ours", name, "when", asked, "when?", gold, said, said, confidence, passage, hits, spans, 10.0, failed=False
    )
