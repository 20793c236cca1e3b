"""What an open question's asking leaves behind: one row a question and side, a line of JSON each.

A row holds the hits and every span that was read, so that another way of ranking, choosing or abstaining
can be judged on it without reading again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.errors import GoldError
from evals.confidence import Judged, coverage_at, expected_calibration_error
from evals.measures import exact_match, f1, mean, percentile
from evals.ranking import RECALL_AT, first_rank

_FIELDS = {"hits", "spans", "gold"}


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A retrieved passage.

    Attributes:
        id: the passage's id.
        published: the day its article was published on, ISO; None where unknown.
        score: the fused score; higher is better, compares within one side only.
        bm25, dense: the lists' own scores; None where it was in no such list, or the side does not say.
        holds: whether its text says one of the answers.
    """

    id: str
    published: str | None
    score: float
    bm25: float | None
    dense: float | None
    holds: bool


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """A span the reader offered.

    ``start`` and ``end`` in the article's text, ``log_odds`` calibrated, ``nearness`` as in ``answering.nearness``.
    """

    passage: str
    start: int
    end: int
    text: str
    margin: float
    log_odds: float
    nearness: float


@dataclass(frozen=True, slots=True)
class OpenRow:
    """One question put to one side.

    Attributes:
        side: who was asked.
        kind: what is asked for (``who``, ``when``, …).
        asked: the day the question was asked on, ISO; None where unknown.
        said: the answer as the side is shipped; empty where it withheld one.
        insisted: its answer where it may not withhold one.
        confidence: of ``insisted``, 0 to 1; None where there was nothing to say.
        passage: the passage ``insisted`` stands in; None where there was none.
        hits: best first, deeper than what was read.
        spans: what was read, by passage in the order of the hits; empty from a side that does not say.
        ms: wall time of the question as shipped, milliseconds.
        failed: whether it raised; all else is then empty.
    """

    side: str
    id: str
    kind: str
    asked: str | None
    question: str
    gold: tuple[str, ...]
    said: str
    insisted: str
    confidence: float | None
    passage: str | None
    hits: tuple[FoundPassage, ...]
    spans: tuple[ReadSpan, ...]
    ms: float
    failed: bool

    @property
    def answer_rank(self) -> int | None:
        """The rank of the first hit that says one of the answers, from 1; None where none does."""
        return first_rank(hit.holds for hit in self.hits)


@dataclass(frozen=True, slots=True)
class OpenFigures:
    """One side's figures; shares are 0 to 1, None where nothing was there to measure. A failure is the worst of each.

    Attributes:
        answer_recall: ``(k, share)``: questions with a hit among the first k that says an answer.
        em, f1: as shipped.
        answered: questions answered as shipped; ``right``: of those, the share whose answer matches exactly.
        insisted_em, insisted_f1: when it may not withhold an answer.
        ece, coverage_80: of the answers it gives when it may not withhold one (see ``evals.confidence``).
    """

    questions: int
    failures: int
    answer_recall: tuple[tuple[int, float | None], ...]
    em: float | None
    f1: float | None
    answered: float | None
    right: float | None
    insisted_em: float | None
    insisted_f1: float | None
    ece: float | None
    coverage_80: float | None
    p50_ms: float | None
    p95_ms: float | None


def figures(rows: Sequence[OpenRow], depth: int) -> OpenFigures:
    """Sum up one side's rows; no recall is claimed beyond ``depth`` hits."""
    ranks = [row.answer_rank for row in rows]
    slowest = max((row.ms for row in rows), default=0.0)
    times = [slowest if row.failed else row.ms for row in rows]
    judged = [
        Judged(row.confidence, exact_match(row.insisted, row.gold) == 1) for row in rows if row.confidence is not None
    ]
    return OpenFigures(
        questions=len(rows),
        failures=sum(row.failed for row in rows),
        answer_recall=tuple(
            (k, mean(rank is not None and rank <= k for rank in ranks)) for k in RECALL_AT if k <= depth
        ),
        em=mean(exact_match(row.said, row.gold) for row in rows),
        f1=mean(f1(row.said, row.gold) for row in rows),
        answered=mean(bool(row.said) for row in rows),
        right=mean(exact_match(row.said, row.gold) for row in rows if row.said),
        insisted_em=mean(exact_match(row.insisted, row.gold) for row in rows),
        insisted_f1=mean(f1(row.insisted, row.gold) for row in rows),
        ece=expected_calibration_error(judged),
        coverage_80=coverage_at(judged, len(rows), 0.8),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
    )


def begin(path: Path, about: Mapping[str, Any]) -> list[OpenRow]:
    """The rows an earlier run of the same left in ``path``; a new file, made if need be, has none.

    A line that a kill cut short is taken off.

    Args:
        path: the records.
        about: all that shapes a row; rows made under another are refused.

    Raises:
        GoldError: if the file is none of records, or of another run.
    """
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(dict(about), ensure_ascii=False) + "\n", encoding="utf-8")
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    head, rows = read(path)
    differing = sorted(name for name in {*head, *about} if head.get(name) != about.get(name))
    if differing:
        raise GoldError(
            f"{path} holds rows of another run (another {', '.join(differing)}): delete it, or name another file with "
            "--records"
        )
    return rows


def read(path: Path) -> tuple[Mapping[str, Any], list[OpenRow]]:
    """What a file of records is about, and its rows.

    Raises:
        GoldError: if it is none.
    """
    try:
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        return json.loads(head), [_row(json.loads(line)) for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GoldError(f"{path}: no readable records ({error}); 'python -m evals.open_bench' writes them") from error


def line(row: OpenRow) -> str:
    """A row on one line."""
    return json.dumps(asdict(row), ensure_ascii=False, allow_nan=False) + "\n"


def _row(value: Mapping[str, Any]) -> OpenRow:
    return OpenRow(
        **{name: content for name, content in value.items() if name not in _FIELDS},
        gold=tuple(value["gold"]),
        hits=tuple(FoundPassage(**hit) for hit in value["hits"]),
        spans=tuple(ReadSpan(**span) for span in value["spans"]),
    )
