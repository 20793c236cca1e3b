"""Figures as tables for people. Text from questions and answers is shown as it is, never as markup."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from answering.types import MIN_CONFIDENCE
from evals.reading import ReadingSummary
from evals.runner import Row
from evals.summary import OfKind, Summary
from evals.terminal import plain
from evals.trust import Trust

if TYPE_CHECKING:
    from evals.bench import Bench, Comparison, Side
    from evals.calibrating import Calibrated
    from evals.comparing import Comparison as Compared
    from evals.comparing import Flip
    from evals.ranking import RankingSummary
    from evals.records import Record
    from evals.verdict import Check, Verdict


def share(value: float | None) -> str:
    """A share of 0 to 1 in per cent; a dash where there was nothing to measure."""
    return "–" if value is None else f"{100 * value:.1f} %"


def bar(value: float | None) -> str:
    """A bar on confidence, rounded down so that it lets in what it was found to; a dash where there is none."""
    return "–" if value is None else f"{math.floor(value * 1000) / 1000:.3f}"


def quantity(value: float | None, unit: str, digits: int = 1) -> str:
    """A number with its unit; a dash where there was nothing to measure."""
    return "–" if value is None else f"{value:,.{digits}f} {unit}"


def number(value: float | None) -> str:
    """A figure of 0 to 1 with three digits; a dash where there was nothing to measure."""
    return "–" if value is None else f"{value:.3f}"


def summary_table(summary: Summary, system: str = "pullquote") -> Table:
    """The figures of ``pullquote eval``."""
    s = summary
    coverage = " / ".join(share(value) for value in (s.coverage_80, s.coverage_90, s.coverage_95))
    bars = " / ".join(bar(value) for value in (s.bar_80, s.bar_90, s.bar_95))
    rows = [
        ("questions (answerable)", f"{s.questions} ({s.answerable})"),
        ("failures (counted as worst)", str(s.failures)),
        ("EM / F1, all", f"{share(s.em)} / {share(s.f1)}"),
        ("EM / F1, answerable", f"{share(s.answerable_em)} / {share(s.answerable_f1)}"),
        ("citation exactness, of answers", share(s.citation_exactness)),
        ("citation precision / recall", f"{share(s.citation_precision)} / {share(s.citation_recall)}"),
        ("abstention accuracy", share(s.abstention_accuracy)),
        ("abstention precision / recall", f"{share(s.abstention_precision)} / {share(s.abstention_recall)}"),
        ("can answer at 80 / 90 / 95 % exact", coverage),
        ("    with a min_confidence of", bars),
        ("calibration error (ECE) / Brier score", f"{number(s.ece)} / {number(s.brier)}"),
        *([] if s.ranking is None else _ranking_rows(s.ranking)),
        *([] if s.similarity is None else [("semantic similarity, answerable", number(s.similarity))]),
        ("time a question, p50 / p95", f"{quantity(s.p50_ms, 'ms')} / {quantity(s.p95_ms, 'ms')}"),
        ("questions a second", quantity(s.questions_per_s, "")),
    ]
    return _pairs(f"Gold questions, {system}", rows)


def calibration_table(found: Calibrated) -> Table:
    """What a calibration of one's own is worth beside the shipped one."""
    shipped, fitted = found.shipped, found.fitted
    table = Table(title=f"Confidence, {found.questions} questions, {found.right} answered right", title_justify="left")
    for heading in ("measure", "as shipped", "fitted, by tenths"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    table.add_row("calibration error (ECE)", number(shipped.ece), number(fitted.ece))
    table.add_row("Brier score", number(shipped.brier), number(fitted.brier))
    for before, after in zip(shipped.bars, fitted.bars, strict=True):
        table.add_row(
            f"can answer at {100 * before.accuracy:.0f} % right", share(before.coverage), share(after.coverage)
        )
        table.add_row("    with a min_confidence of", bar(before.min_confidence), bar(after.min_confidence))
    table.add_row("answers as many from", bar(MIN_CONFIDENCE), bar(found.min_confidence))
    return table


def kind_table(kinds: Iterable[OfKind]) -> Table:
    """Which kinds of questions go well, and which do not."""
    table = Table(title="By kind of question", title_justify="left")
    for heading in ("kind", "questions", "EM", "F1", "not found"):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    for of in kinds:
        table.add_row(Text(plain(of.kind)), str(of.questions), share(of.em), share(of.f1), share(of.not_found))
    return table


def ranking_table(record: Record) -> Table:
    """Retrieval alone."""
    s = record.summary
    rows = [("questions, answerable", str(s.answerable)), ("failures (counted as worst)", str(s.failures))]
    rows += [] if s.ranking is None else _ranking_rows(s.ranking)
    rows += [("time a question, p50 / p95", f"{quantity(s.p50_ms, 'ms')} / {quantity(s.p95_ms, 'ms')}")]
    return _pairs(f"Retrieval alone, {record.settings['depth']} passages", rows)


def _ranking_rows(ranking: RankingSummary) -> list[tuple[str, str]]:
    depths = " / ".join(str(k) for k, _ in ranking.answer_recall)
    return [
        (f"answer-recall at {depths}", " / ".join(share(value) for _, value in ranking.answer_recall)),
        ("MRR by passage / article", f"{number(ranking.passage_mrr)} / {number(ranking.article_mrr)}"),
        ("nDCG@10 by passage / article", f"{number(ranking.passage_ndcg_10)} / {number(ranking.article_ndcg_10)}"),
    ]


def check_table(checks: Iterable[Check], verdict: Verdict) -> Table:
    """A run beside its baseline."""
    table = Table(title=f"Beside the baseline: {verdict}", title_justify="left")
    for heading in ("measure", "baseline", "now", "tolerance", "verdict"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for one in checks:
        table.add_row(one.measure, number(one.baseline), number(one.now), f"±{one.within:g}", str(one.verdict))
    return table


def difference_table(found: Compared) -> Table:
    """Two records, measure by measure."""
    table = Table(title=f"The second less the first, {found.questions} questions", title_justify="left")
    for heading in ("measure", "first", "second", "difference", "95 % interval", "p"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for d in found.differences:
        moved, interval = f"{d.second - d.first:+.3f}", f"{d.low:+.3f} to {d.high:+.3f}"
        table.add_row(d.measure, number(d.first), number(d.second), moved, interval, f"{d.p:.3f}")
    return table


def flip_table(title: str, flips: Iterable[Flip]) -> Table:
    """The questions whose answer became, or stopped being, an exact match."""
    table = Table(title=title, title_justify="left", show_lines=True)
    for heading in ("question", "gold", "first answer", "second answer"):
        table.add_column(heading, overflow="fold")
    for flip in flips:
        gold = plain(" | ".join(flip.gold)) or "(not in the articles)"
        cells = (plain(f"{flip.id}: {flip.question}"), gold, plain(flip.first), plain(flip.second))
        table.add_row(*map(Text, cells))
    return table


def wrong_table(rows: Iterable[Row]) -> Table:
    """The questions whose answer is not an exact match."""
    table = Table(title="Not an exact match", title_justify="left", show_lines=True)
    for heading in ("question", "gold", "answer", "F1", "confidence"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        if row.em < 1:
            table.add_row(
                Text(plain(f"{row.id}: {row.question}")),
                Text(plain(" | ".join(row.gold)) or "(not in the articles)"),
                Text(plain(row.answer or f"({row.status}: {row.reason})")),
                f"{row.f1:.2f}",
                "–" if row.confidence is None else f"{row.confidence:.2f}",
            )
    return table


def reading_table(name: str, summary: ReadingSummary) -> Table:
    """The figures of ``pullquote eval --reader``."""
    rows = [
        ("questions (answerable)", f"{summary.questions} ({summary.answerable})"),
        ("EM / F1 of the best span, answerable", f"{share(summary.em)} / {share(summary.f1)}"),
    ]
    if null := summary.with_null:
        bound = "never answering" if null.best_confidence is None else f"{null.best_confidence:.3f}"
        rows += [
            (f"EM / F1, answers from confidence {null.min_confidence:g}", f"{share(null.em)} / {share(null.f1)}"),
            (
                "    F1 of questions with / without an answer",
                f"{share(null.has_answer_f1)} / {share(null.no_answer_f1)}",
            ),
            (
                "EM / F1 at the threshold best on the other half",
                f"{share(null.picked_em)} / {share(null.picked_f1)}",
            ),
            (f"F1 at the best threshold ({bound}): an upper bound", share(null.best_f1)),
        ]
    if trusts := summary.trusts:
        rows += _trust_rows("as shipped", trusts.shipped)
        if trusts.fitted is not None:
            rows += _trust_rows("fitted to the other half", trusts.fitted)
    return _pairs(f"The reader alone on {name}", rows)


def _trust_rows(label: str, trust: Trust) -> list[tuple[str, str]]:
    coverage = " / ".join(share(value) for value in (trust.coverage_80, trust.coverage_90, trust.coverage_95))
    return [
        (f"confidence, {label}: ECE / Brier", f"{trust.ece:.3f} / {trust.brier:.3f}"),
        ("    can answer at 80 / 90 / 95 % right (F1 ½ or more)", coverage),
        ("    can answer at 80 % exact", share(trust.exact_coverage_80)),
    ]


def comparison_table(comparison: Comparison) -> Table:
    """One set of articles, ours beside stock."""
    c = comparison
    table = Table(title=f"{c.name}: {c.articles} articles, {c.passages} passages", title_justify="left")
    for heading in ("measure", "pullquote, passages", f"stock Haystack, {c.documents}"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    sides = [c.ours, c.stock]
    for label, figure in _SIDE_ROWS:
        table.add_row(label, *("not run" if side is None else figure(side) for side in sides))
    if c.speedup is not None:
        table.add_row("times faster, by p50", f"{c.speedup:.1f}", "1.0")
    return table


_SIDE_ROWS: tuple[tuple[str, Callable[[Side], str]], ...] = (
    ("questions (failures)", lambda s: f"{s.asking.questions} ({s.asking.failures})"),
    ("EM / F1 as shipped, all", lambda s: f"{share(s.asking.em)} / {share(s.asking.f1)}"),
    (
        "EM / F1 if it must answer, answerable",
        lambda s: f"{share(s.asking.insisted_em)} / {share(s.asking.insisted_f1)}",
    ),
    ("time a question, p50", lambda s: quantity(s.asking.p50_ms, "ms")),
    ("time a question, p95", lambda s: quantity(s.asking.p95_ms, "ms")),
    ("indexed a second", lambda s: f"{s.indexed_per_s:,.0f}"),
)


def footprint_table(bench: Bench) -> Table:
    """What is paid before the first question, and how the comparison was made."""
    return _pairs(
        "Start, size, and how both were run",
        [
            (f"start to ready, median of {bench.starts}", quantity(bench.ready_s, "s")),
            ("base install, without Python", quantity(bench.installed_mb, "MB", 0)),
            ("passages read a question, both", str(bench.top_k)),
            ("threads, both", str(bench.threads)),
            ("ours", "SQLite on disk, int8 on onnxruntime"),
            ("stock", "in-memory store, BM25 + embeddings by reciprocal rank, float32 on torch"),
            ("both", "the same texts without titles, one process, every question to both in turns"),
        ],
    )


def _pairs(title: str, rows: Sequence[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column("measure")
    table.add_column("figure", justify="right")
    for label, figure in rows:
        table.add_row(Text(label), Text(figure))
    return table
