"""Figures of a run, and kind by kind."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from evals.summary import OfKind, by_kind, summarise
from evals.tables import kind_table, summary_table
from tests.evals.conftest import row


def test_every_kind_has_its_figures_in_the_order_of_their_names() -> None:
    unanswered = replace(row("c", em=0.0, answer="", confidence=None), kind="who", status="not_found")
    rows = [replace(row("a"), kind="who"), replace(row("b", em=0.0), kind="follow-up"), unanswered]
    assert by_kind(rows) == (
        OfKind("follow-up", questions=1, em=0.0, f1=0.0, not_found=0.0),
        OfKind("who", questions=2, em=0.5, f1=0.5, not_found=0.5),
    )
    assert by_kind([]) == ()


def test_a_failure_is_wrong_and_no_abstention() -> None:
    failed = replace(row("a", em=0.0, answer="", confidence=None), status="failed")
    assert by_kind([failed]) == (OfKind("fact", questions=1, em=0.0, f1=0.0, not_found=0.0),)


def test_a_kind_is_shown_as_it_is_written_and_never_as_markup() -> None:
    printed = io.StringIO()
    of = OfKind("[red]odd\x1b[31m", questions=3, em=1 / 3, f1=0.5, not_found=0.0)
    Console(file=printed, width=100).print(kind_table([of]))
    shown = printed.getvalue()
    assert "[red]odd [31m" in shown
    assert "33.3 %" in shown


def test_the_bar_for_an_accuracy_is_shown_rounded_so_that_it_lets_in_what_it_was_found_to() -> None:
    rows = [row("a", confidence=0.80567), row("b", em=0.0, confidence=0.3)]
    summary = summarise(rows)
    assert (summary.bar_80, summary.bar_90) == (0.80567, 0.80567)
    printed = io.StringIO()
    Console(file=printed, width=100).print(summary_table(summary))
    assert "0.805 / 0.805 / 0.805" in printed.getvalue()
    Console(file=printed, width=100).print(summary_table(summarise([row("b", em=0.0)])))
    assert "– / – / –" in printed.getvalue()
