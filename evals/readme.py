"""The README's score table, made from committed records so that nobody writes a figure by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from corpus.errors import GoldError
from evals.records import Record
from evals.summary import Summary
from evals.tables import share

BEGIN = "<!-- scores: 'pullquote eval table --write README.md' writes what stands between these marks -->"
END = "<!-- end of scores -->"
_ROWS: tuple[tuple[str, Callable[[Summary], str]], ...] = (
    ("EM / F1, all questions", lambda s: f"{share(s.em)} / {share(s.f1)}"),
    ("EM / F1, answerable ones", lambda s: f"{share(s.answerable_em)} / {share(s.answerable_f1)}"),
    ("citations that hold, character for character", lambda s: share(s.citation_exactness)),
    ("citation precision / recall", lambda s: f"{share(s.citation_precision)} / {share(s.citation_recall)}"),
    ("abstention precision / recall", lambda s: f"{share(s.abstention_precision)} / {share(s.abstention_recall)}"),
    (
        "can answer at 80 / 90 / 95 % exact",
        lambda s: " / ".join(share(value) for value in (s.coverage_80, s.coverage_90, s.coverage_95)),
    ),
    ("calibration error (ECE)", lambda s: "–" if s.ece is None else f"{s.ece:.3f}"),
)


def markdown(records: Sequence[Record]) -> str:
    """The records as a Markdown table, ours first; no time, so that it is the same on every machine.

    Raises:
        GoldError: if there is no record, or they were not made of the same questions and articles.
    """
    if not records:
        raise GoldError("there is no record to show; 'pullquote eval --record FILE' writes one")
    if len({(record.digests["gold"], record.digests["corpus"]) for record in records}) > 1:
        raise GoldError("the records are of different questions or articles; 'make baseline' makes them all anew")
    ordered = sorted(records, key=lambda record: (record.system != "pullquote", record.system))
    summaries = [record.summary for record in ordered]
    first = summaries[0]
    title = f"{first.questions} gold questions, {first.questions - first.answerable} of them not answered there"
    lines = [_line([title, *(record.system for record in ordered)]), "|---" * (len(ordered) + 1) + "|"]
    lines += (_line([label, *map(figure, summaries)]) for label, figure in _ROWS)
    lines.append(_line(["article MRR, of the passages read", *map(_article_mrr, ordered)]))
    return "\n".join(lines)


def _article_mrr(record: Record) -> str:
    # The reader alone is given the gold article: it has retrieved nothing.
    ranking = None if record.system == "reader-only" else record.summary.ranking
    return "–" if ranking is None or ranking.article_mrr is None else f"{ranking.article_mrr:.3f}"


def rewritten(text: str, table: str) -> str:
    """``text`` with ``table`` between the marks.

    Raises:
        GoldError: if the marks are not there, once each and in order.
    """
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise GoldError(
            f"expected the marks {BEGIN} and {END}, each on a line of its own; put them where the table goes"
        )
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
