"""A run as one HTML page that needs nothing else: figures, charts, and every wrong answer in its article.

Questions, articles and answers are others' text: all of it is escaped, and a policy in the page's head
forbids scripts and requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path

from corpus.types import Article
from evals.charts import bars, histogram, line_chart
from evals.confidence import reliability, risk_coverage
from evals.records import Record
from evals.runner import Place, Row
from evals.summary import Summary, by_kind, judged
from evals.tables import bar, number, quantity, share

STYLE = Path(__file__).parent / "report.css"
AROUND_CHARS = 160
# A page of thousands of wrong answers would not open on a phone.
MOST_WRONG = 500
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report_page(record: Record, articles: Iterable[Article]) -> str:
    """The page of a run; ``articles`` are what the questions were asked of."""
    texts = {article.id: article for article in articles}
    wrong = [row for row in record.rows if row.em < 1]
    shown = "".join(_wrong(row, texts) for row in wrong[:MOST_WRONG])
    more = "" if len(wrong) <= MOST_WRONG else f"<p>The first {MOST_WRONG} of them; the record holds all.</p>"
    title = escape(f"{record.system}: {record.settings.get('gold', 'gold questions')}")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<main>
<header><h1>{title}</h1>
<p class="lead">{_lead(record.summary)}</p></header>
<section><h2>Figures</h2>{_figures(record.summary)}</section>
<section><h2>Charts</h2><div class="charts">{_charts(record)}</div></section>
<section><h2>Not an exact match: {len(wrong)}</h2>
<p class="key"><mark class="gold">gold</mark> <mark class="said">answered</mark> <mark class="both">both</mark></p>
{more}{shown}</section>
<section><h2>How it was made</h2>{_made(record)}</section>
</main>
</body>
</html>
"""


def _lead(s: Summary) -> str:
    asked = f"{s.questions} questions, {s.questions - s.answerable} of which the articles do not answer. "
    failed = f" {s.failures} questions failed and count as worst." if s.failures else ""
    return escape(f"{asked}Exact match {share(s.em)}, F1 {share(s.f1)}.{failed}")


def _figures(s: Summary) -> str:
    rows = [
        ("EM / F1, answerable", f"{share(s.answerable_em)} / {share(s.answerable_f1)}"),
        ("citations that hold", share(s.citation_exactness)),
        ("citation precision / recall", f"{share(s.citation_precision)} / {share(s.citation_recall)}"),
        ("abstention precision / recall", f"{share(s.abstention_precision)} / {share(s.abstention_recall)}"),
        ("can answer at 80 % exact", _covered(s.coverage_80, s.bar_80)),
        ("can answer at 90 % exact", _covered(s.coverage_90, s.bar_90)),
        ("ECE / Brier score", f"{number(s.ece)} / {number(s.brier)}"),
        ("time, p50 / p95", f"{quantity(s.p50_ms, 'ms', 0)} / {quantity(s.p95_ms, 'ms', 0)}"),
    ]
    if s.similarity is not None:
        rows.append(("semantic similarity", number(s.similarity)))
    return _pairs(rows)


def _covered(answered: float | None, needed: float | None) -> str:
    return share(answered) if needed is None else f"{share(answered)}, from {bar(needed)} on"


def _charts(record: Record) -> str:
    answers, rows, ranking = judged(record.rows), record.rows, record.summary.ranking
    risks = [(point.coverage, point.risk) for point in risk_coverage(answers, len(rows))]
    held = [(b.confidence, b.accuracy) for b in reliability(answers) if b.confidence is not None]
    kinds = [(f"{of.kind} ({of.questions})", of.f1, share(of.f1)) for of in by_kind(rows)]
    charts = [
        ("Risk and coverage", "Answering from the surest on: how many of the answers are wrong.",
         line_chart("Risk and coverage", risks, "questions answered", "wrong")),
        ("Reliability", "On the dotted line, a confidence means what it says.",
         line_chart("Reliability", [(c, a) for c, a in held if a is not None], "confidence", "exact", diagonal=True)),
        ("Times", "How long a question took.",
         histogram("Times", [row.ms for row in rows], "milliseconds")),
        ("F1 by kind", "Mean over the questions of a kind.", bars("F1 by kind", kinds)),
    ]  # fmt: skip
    if ranking is not None:
        recall = [(f"first {k}", value or 0.0, share(value)) for k, value in ranking.answer_recall]
        charts.insert(2, ("Answer-recall", "A passage among the first says the answer.", bars("Answer-recall", recall)))
    return "".join(
        f"<figure><figcaption><b>{escape(name)}</b> {escape(says)}</figcaption>{chart}</figure>"
        for name, says, chart in charts
    )


def _wrong(row: Row, articles: Mapping[str, Article]) -> str:
    gold = " · ".join(row.gold) or "not in the articles"
    said = row.answer or f"{row.status.replace('_', ' ')}: {row.reason}"
    sure = "" if row.confidence is None else f" <small>{100 * row.confidence:.0f} %</small>"
    named = dict.fromkeys(place.article for place in (*row.places, *row.cited))
    contexts = "".join(_context(articles[name], row) for name in named if name in articles)
    return (
        f'<article><h3>{escape(row.question)}</h3><p class="about">{escape(row.id)} · {escape(row.kind)} · '
        f"F1 {row.f1:.2f}</p><dl><dt>gold</dt><dd>{escape(gold)}</dd><dt>answer</dt><dd>{escape(said)}{sure}</dd></dl>"
        f"{contexts}</article>"
    )


def _context(article: Article, row: Row) -> str:
    gold = [place for place in row.places if place.article == article.id]
    said = [place for place in row.cited if place.article == article.id]
    return f"<blockquote><cite>{escape(article.title)}</cite>{marked(article.text, gold, said)}</blockquote>"


def marked(text: str, gold: Sequence[Place], said: Sequence[Place], around: int = AROUND_CHARS) -> str:
    """The stretches of a text around some places as HTML, gold and answered characters marked.

    What lies between is left out and shown as an ellipsis.
    """
    stretches: list[list[int]] = []
    for place in sorted((*gold, *said), key=lambda place: place.start):
        start, end = _whole_words(text, place, around)
        if stretches and start <= stretches[-1][1]:
            stretches[-1][1] = max(stretches[-1][1], end)
        else:
            stretches.append([start, end])
    return "".join(
        f"<p>{'… ' if start else ''}{_marks(text, start, end, gold, said)}{' …' if end < len(text) else ''}</p>"
        for start, end in stretches
    )


def _whole_words(text: str, place: Place, around: int) -> tuple[int, int]:
    """The stretch around a place, without the torn words at its ends."""
    start, end = max(0, place.start - around), min(len(text), place.end + around)
    if start:
        start = max(start, text.find(" ", start, place.start) + 1)
    if end < len(text):
        space = text.rfind(" ", place.end, end)
        end = space if space > 0 else end
    return start, end


def _marks(text: str, start: int, end: int, gold: Sequence[Place], said: Sequence[Place]) -> str:
    cuts = {start, end} | {edge for p in (*gold, *said) for edge in (p.start, p.end) if start < edge < end}
    edges = sorted(cuts)
    pieces = []
    for left, right in pairwise(edges):
        is_gold = any(p.start <= left and right <= p.end for p in gold)
        is_said = any(p.start <= left and right <= p.end for p in said)
        name = "both" if is_gold and is_said else "gold" if is_gold else "said" if is_said else None
        piece = escape(text[left:right])
        pieces.append(piece if name is None else f'<mark class="{name}">{piece}</mark>')
    return "".join(pieces)


def _made(record: Record) -> str:
    groups = (record.settings, record.digests, record.versions)
    rows = [("commit", str(record.commit)), *((name, str(value)) for group in groups for name, value in group.items())]
    return _pairs(rows)


def _pairs(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(figure)}</dd></div>" for label, figure in rows)
    return f'<dl class="pairs">{cells}</dl>'
