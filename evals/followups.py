"""``python -m evals.followups``: how well follow-up questions are made to stand alone, held against people's rewrites.

Read are files ``followups_*.jsonl[.xz]`` of conversations: rows with ``id``, ``dialog``, ``title``, ``history`` (the
turns before), ``question`` and ``rewrite`` (the question as a person made it stand alone). Where the history holds
answers too, they are made into articles, one a conversation, and the question as typed, as rewritten by rule and as
rewritten by a person are asked of them.
"""

from __future__ import annotations

import argparse
import hashlib
import lzma
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.table import Table

from answering.answerer import Answerer
from answering.followups import stand_alone
from answering.types import Answered, Ask, Turn
from corpus.articles import article_from
from corpus.errors import GoldError
from evals.measures import f1, mean
from evals.ranking import first_rank, holds_answer, reciprocal_rank
from evals.tables import share
from evals.terminal import guarded, positive, print_json, with_progress
from retrieval.analysis import PLAIN
from retrieval.query import terms

Half = Literal["first", "second", "both"]
_DEPTH = 8
# What the sources write where the article does not say.
_NO_ANSWER = "I don't know."


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One turn of a conversation.

    Attributes:
        history: the turns before, with the answers where the source has them.
        rewrite: the question as a person made it stand alone.
        answer: its answer; None where the source has none, or the article does not say.
    """

    id: str
    dialog: str
    title: str
    history: tuple[Turn, ...]
    question: str
    rewrite: str
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """How near wordings are to people's, 0 to 1, by words with content; and whether they were touched.

    Attributes:
        first, stand_alone: how many first turns, and later turns that people left as they were.
        first_alone, stand_alone_alone: the share of each that was left as it is.
        rewrites_alone: the share of people's rewrites, asked in their conversation, that was left as it is.
        follow_ups: how many later turns people changed.
        changed: the share of those that was changed.
        raw, ours: mean (precision, recall, F1) of the question as typed and as rewritten.
        reachable: mean recall of the question and all of its history: what a rewrite from history can reach.
    """

    first: int
    first_alone: float | None
    stand_alone: int
    stand_alone_alone: float | None
    rewrites_alone: float | None
    follow_ups: int
    changed: float | None
    raw: tuple[float, float, float]
    ours: tuple[float, float, float]
    reachable: float

    @property
    def f1_closed(self) -> float:
        """The part of the way from the typed question to the person's that was gone, by F1."""
        return closed(self.raw[2], self.ours[2], 1.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What finding and reading make of one wording.

    Attributes:
        mrr: mean reciprocal rank of the conversation's article among eight passages.
        recall: the share of questions with the answer's passage among them.
        f1: of the best answer, however unsure, to the one the source has.
    """

    questions: int
    mrr: float
    recall: float
    f1: float


def closed(raw: float, ours: float, human: float) -> float:
    """The part of the gap from ``raw`` to ``human`` that ``ours`` closes; 0 where there is none."""
    return (ours - raw) / (human - raw) if human != raw else 0.0


class _Row(BaseModel):
    id: str
    dialog: str
    title: str
    history: list[str]
    question: str
    rewrite: str


def read_follow_ups(path: Path, half: Half = "both") -> list[FollowUp]:
    """The turns of a file; ``half`` takes whole conversations, by the parity of a digest of their name.

    Raises:
        GoldError: if a line is none of the form.
    """
    rows = _read_rows(path)
    # With answers, a turn adds two to the history.
    roles: tuple[Literal["user", "assistant"], ...] = ("user", "assistant")
    if any(len(row.history) % 2 for row in rows):
        roles = ("user",)
    answers = {(row.dialog, len(row.history) - 2): row.history[-1] for row in rows if len(roles) == 2 and row.history}
    found = [
        FollowUp(
            row.id,
            row.dialog,
            row.title,
            tuple(Turn(roles[at % len(roles)], text) for at, text in enumerate(row.history)),
            row.question,
            row.rewrite,
            _said(answers.get((row.dialog, len(row.history)))),
        )
        for row in rows
    ]
    parities = {"first": {0}, "second": {1}, "both": {0, 1}}[half]
    return [each for each in found if _parity(each.dialog) in parities]


def _read_rows(path: Path) -> list[_Row]:
    content = path.read_bytes()
    lines = (lzma.decompress(content) if path.suffix == ".xz" else content).decode("utf-8").splitlines()
    rows: list[_Row] = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(_Row.model_validate_json(line))
        except ValidationError as error:
            message = error.errors()[0]["msg"]
            raise GoldError(f"{path.name}, line {number}: no turn of a conversation: {message}") from None
    return rows


def _said(answer: str | None) -> str | None:
    return None if answer == _NO_ANSWER else answer


def _parity(name: str) -> int:
    return int(hashlib.sha256(name.encode("utf-8")).hexdigest(), 16) % 2


def wording(follow_ups: Sequence[FollowUp]) -> Wording:
    """The figures by words."""
    later = [each for each in follow_ups if each.history]
    first = [each for each in follow_ups if not each.history]
    alone = [each for each in later if each.question == each.rewrite]
    needy = [each for each in later if each.question != each.rewrite]
    ours = [stand_alone(each.question, each.history) for each in needy]
    return Wording(
        first=len(first),
        first_alone=mean(float(stand_alone(each.question, ()) == each.question) for each in first),
        stand_alone=len(alone),
        stand_alone_alone=mean(float(_is_left(each.question, each)) for each in alone),
        rewrites_alone=mean(float(_is_left(each.rewrite, each)) for each in needy),
        follow_ups=len(needy),
        changed=mean(float(made != each.question) for made, each in zip(ours, needy, strict=True)),
        raw=_mean_of([overlap(each.question, each.rewrite) for each in needy]),
        ours=_mean_of([overlap(made, each.rewrite) for made, each in zip(ours, needy, strict=True)]),
        reachable=mean(overlap(_all_words(each), each.rewrite)[1] for each in needy) or 0.0,
    )


def _is_left(question: str, turn: FollowUp) -> bool:
    return stand_alone(question, turn.history) == question


def _all_words(turn: FollowUp) -> str:
    # The index looks at so many words of a question; here every turn's count.
    return " ".join(
        dict.fromkeys(w for t in (*turn.history, Turn("user", turn.question)) for w in terms(t.content, PLAIN))
    )


def overlap(one: str, other: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the words with content of ``one`` in ``other``."""
    ours, theirs = Counter(terms(one, PLAIN)), Counter(terms(other, PLAIN))
    common = (ours & theirs).total()
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / ours.total(), common / theirs.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def _mean_of(triples: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    count = max(1, len(triples))
    return (
        sum(each[0] for each in triples) / count,
        sum(each[1] for each in triples) / count,
        sum(each[2] for each in triples) / count,
    )


def ask_all(follow_ups: Sequence[FollowUp], every: Sequence[FollowUp], threads: int) -> dict[str, Asked]:
    """Ask the later turns that have an answer in three wordings, of articles made of ``every`` turn's answer."""
    asked = [each for each in follow_ups if each.history and each.answer and each.question != each.rewrite]
    wordings: dict[str, Callable[[FollowUp], str]] = {
        "as typed": lambda each: each.question,
        "by rule": lambda each: stand_alone(each.question, each.history),
        "by a person": lambda each: each.rewrite,
    }
    with tempfile.TemporaryDirectory() as folder, Answerer.open(Path(folder), threads=threads, create=True) as answerer:
        for name, (title, text) in _articles(every).items():
            answerer.put(article_from(name, text, title=title))
        return {
            name: _asked(answerer, [(word(each), each) for each in with_progress(asked, name, len(asked))])
            for name, word in wordings.items()
        }


def _articles(every: Iterable[FollowUp]) -> dict[str, tuple[str, str]]:
    said: dict[str, list[str]] = defaultdict(list)
    titles: dict[str, str] = {}
    for each in every:
        titles[each.dialog] = each.title
        if each.answer:
            said[each.dialog].append(each.answer)
    return {name: (titles[name], "\n\n".join([f"{titles[name]}.", *texts])) for name, texts in said.items()}


def _asked(answerer: Answerer, questions: Sequence[tuple[str, FollowUp]]) -> Asked:
    ranks: list[float] = []
    recalled: list[float] = []
    f1s: list[float] = []
    for question, turn in questions:
        outcome = answerer.ask(Ask(question, min_confidence=0.0, max_citations=1, rewrite=False))
        answer = turn.answer or ""
        ranks.append(reciprocal_rank(first_rank(hit.passage.article_id == turn.dialog for hit in outcome.hits)))
        holding = (
            hit.passage.article_id == turn.dialog and holds_answer(hit.passage.text, [answer])
            for hit in outcome.hits[:_DEPTH]
        )
        recalled.append(float(any(holding)))
        f1s.append(f1(outcome.answer.text, [answer]) if isinstance(outcome, Answered) else 0.0)
    return Asked(len(questions), mean(ranks) or 0.0, mean(recalled) or 0.0, mean(f1s) or 0.0)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evals.followups", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="holds followups_*.jsonl[.xz]")
    parser.add_argument("--half", choices=("first", "second", "both"), default="both", help="of the conversations")
    parser.add_argument("--ask", type=positive, metavar="N", help="also ask N follow-ups of a file in three wordings")
    parser.add_argument("--threads", type=positive, default=2, metavar="N", help="cores (default: 2)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(argv)
    return guarded(lambda: _measure(args), as_json=args.json)


def _measure(args: argparse.Namespace) -> int:
    paths = sorted([*args.data.glob("followups_*.jsonl"), *args.data.glob("followups_*.jsonl.xz")])
    if not paths:
        raise GoldError(f"{args.data}: no file followups_*.jsonl or followups_*.jsonl.xz is there")
    figures: dict[str, dict[str, object]] = {}
    for path in paths:
        chosen = read_follow_ups(path, args.half)
        by_words = wording(chosen)
        asked: dict[str, Asked] = {}
        if args.ask and any(each.answer for each in chosen):
            asked = ask_all(_some(chosen, args.ask), read_follow_ups(path), args.threads)
        figures[path.name] = {"words": asdict(by_words), "asked": {name: asdict(each) for name, each in asked.items()}}
        if not args.json:
            _print(path.name, by_words, asked)
    if args.json:
        print_json(figures)
    return 0


def _some(chosen: Sequence[FollowUp], count: int) -> list[FollowUp]:
    """``count`` follow-ups with an answer, spread over the file by a digest of their id."""
    able = [each for each in chosen if each.history and each.answer and each.question != each.rewrite]
    return sorted(able, key=lambda each: hashlib.sha256(each.id.encode("utf-8")).digest())[:count]


def _print(name: str, figures: Wording, asked: dict[str, Asked]) -> None:
    console = Console()
    table = Table(title=name, title_justify="left", show_header=False)
    for label, value in (
        (f"{figures.first} first turns left as they are", share(figures.first_alone)),
        (f"{figures.stand_alone} later turns that need nothing, left", share(figures.stand_alone_alone)),
        ("people's rewrites, asked in their conversation, left", share(figures.rewrites_alone)),
        (f"{figures.follow_ups} follow-ups changed", share(figures.changed)),
        ("words: precision / recall / F1, as typed", " / ".join(map(share, figures.raw))),
        ("the same, by rule", " / ".join(map(share, figures.ours))),
        ("of the gap in F1, closed", share(figures.f1_closed)),
        ("recall a history can give at most", share(figures.reachable)),
    ):
        table.add_row(label, value)
    console.print(table)
    if not asked:
        return
    raw, ours, human = asked["as typed"], asked["by rule"], asked["by a person"]
    table = Table("", *asked, "gap closed", title=f"{raw.questions} follow-ups asked", title_justify="left")
    for label, three in (
        ("article MRR", (raw.mrr, ours.mrr, human.mrr)),
        (f"answer's passage among {_DEPTH}", (raw.recall, ours.recall, human.recall)),
        ("F1 of the best answer", (raw.f1, ours.f1, human.f1)),
    ):
        table.add_row(label, *map(share, three), share(closed(*three)))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
