"""Fit what an answer's confidence is made of: what the reader saw of it, and what else it saw.

    python -m evals.certainty --data DATA/train --work build/certainty
    python -m evals.certainty --ask questions.jsonl --index FOLDER

Questions of the paragraphs that no training saw are asked of folders of three sizes, made by filters of one index of
all paragraphs: those of the data sets of each, those written for them (``reader.training.written``) of one. To a third
nothing is the right answer: the paragraph is withheld, or, in the place of a written question, one is asked that it
does not answer. An answer is right if its word F1 with the gold answer is at least one half. A logistic regression
(Platt 1999, with features as in Kamath, Jia and Liang 2020) of that gives the constants of ``answering.calibration``.
Each half of the questions is judged by the fit on the other. People ask more that their articles answer: the intercept
is that of folders which leave ``EXPECTED`` of the questions unanswered (docs/decisions/0019).
``--ask`` measures any other questions, in Haystack's form: with the fit on all, or, without ``--data``, with what is
shipped. A question that says when it was asked (``asked``) is asked on that day, unless ``--no-days``. They are
asked twice: as they are, and with every article that says an answer withheld from a third of them, because a confidence
can only hold for folders that answer about as many questions as those it was fitted on. What a calibration for such a
folder (``pullquote eval calibrate``) is worth is told by fitting it to each half of its questions and judging the
other, and by fitting it to few of them, drawn many times.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from statistics import fmean

from answering.answerer import SURE_CONFIDENCE, Answerer
from answering.calibration import SHIPPED
from answering.certainty import features, surest_first
from answering.choosing import group
from answering.timeliness import TimelyFirst, counted_day, to_find
from corpus.heads import parse_date
from corpus.held_back import is_held_back
from evals.calibrating import PRIOR, Observed, crossed, fit, judged
from evals.confidence import ConfidenceFigures, Judged
from evals.gold import GoldQuestion, read_squad
from evals.measures import exact_match, f1, padded
from evals.terminal import guarded, print_json, with_progress
from reader.component import PassageReader
from reader.span_reader import SpanReader
from reader.training.examples import Asked
from reader.training.written import digest, read_written
from reader.types import prior_correction
from retrieval.component import HybridRetriever
from retrieval.encoder import load_encoder
from retrieval.store import SQLiteDocumentStore
from retrieval.types import Filters

DATASETS = ("squad_part", "squad_windows", "natural_questions_qed")
# Natural Questions' paragraphs are searched, but many of its answers are whole clauses.
ASKED = DATASETS[:2]
FOLDERS = (30, 1000, 0)  # articles; 0 is all of them
TOP_K = 8
WITHHELD = 1 / 3
# Chosen on the first, third, fifth … open news question; what it is worth on the others is printed.
EXPECTED = 1 / 10
FEW = (20, 40, 80, 160, 320)  # questions that a person may have
DRAWS = 40


@dataclass(frozen=True, slots=True)
class Held:
    """A question of a held-back paragraph, and ``others`` that were written with it and that it does not answer."""

    key: str
    question: str
    answers: tuple[str, ...]
    others: tuple[str, ...] = ()


class Asking:
    """The pipeline up to the groups of candidates, over one index."""

    def __init__(self, index: Path, reader: Path | None, encoder: Path | None, threads: int) -> None:
        loaded = load_encoder(encoder, threads)
        self.store = SQLiteDocumentStore(index / "index.sqlite", encoder=loaded.identity, create=False)
        self._retriever = HybridRetriever.around(self.store, loaded, top_k=TOP_K)
        self._reader = PassageReader.around(SpanReader.load(reader, threads), sure_confidence=SURE_CONFIDENCE)

    def text(self, article_id: str) -> str:
        """The text of an article of the index."""
        article = self.store.article(article_id)
        return article.text if article else ""

    def observe(
        self, question: str, golds: Sequence[str], folder: Sequence[str], asked_on: date | None = None
    ) -> Observed:
        """Ask ``question`` of the articles ``folder`` (all if empty); ``golds`` are the answers held right."""
        day = counted_day(question, asked_on)
        found = self._retriever.run(question, Filters(articles=tuple(folder)).to_haystack(), to_find(day, TOP_K))
        read = TimelyFirst(TOP_K).run(found["documents"], found["hits"], day)
        candidates = self._reader.run(question, read["documents"], read_all=day is not None)["candidates"]
        hits = read["hits"]
        groups = surest_first(group(question, candidates, hits, day), hits, SHIPPED)
        if not groups:
            return Observed(None, 0.0, exact=False)
        text = groups[0].best.text
        right = f1(text, golds) if golds else 0.0
        seen = features(groups[0], groups, hits)
        return Observed(seen, right, bool(golds) and exact_match(text, golds) == 1)


def paragraphs(data: Path) -> Iterator[tuple[str, str, tuple[GoldQuestion, ...]]]:
    """``(article id, text, questions)`` of every paragraph of the training files."""
    for name in DATASETS:
        questions, articles = read_squad(data / f"{name}.json.gz")
        asked: dict[str, list[GoldQuestion]] = {}
        for gold in questions:
            asked.setdefault(gold.article or "", []).append(gold)
        for article in articles:
            yield f"{name}-{re.sub(r'[^A-Za-z0-9]+', '-', article.id)}", article.text, tuple(asked.get(article.id, ()))


def observations(data: Path, asking: Asking, written: Mapping[str, Asked], seed: int) -> list[Observed]:
    """Every question of the held-back paragraphs, and those ``written`` for them, asked of its folders."""
    rng = random.Random(seed)  # noqa: S311 - a seeded sample
    every = list(paragraphs(data))
    ids = [key for key, _, _ in every]
    held = [
        one
        for key, text, golds in every
        if is_held_back(text)
        for one in _asked_of(key, text, golds, written.get(digest(text)))
    ]
    found = []
    for one in with_progress(held, "asking", len(held)):
        for size in rng.sample(FOLDERS, 1 if one.others else len(FOLDERS)):
            unanswered = rng.random() < WITHHELD
            withheld = unanswered and not one.others
            question = rng.choice(one.others) if unanswered and one.others else one.question
            sample = rng.sample(ids, min(size, len(ids))) if size else ids
            folder = [key for key in sample if key != one.key]
            if size and not withheld:
                folder.append(one.key)
            # All articles need no filter, but where the right one is withheld.
            named = folder if size or withheld else []
            found.append(asking.observe(question, () if unanswered else one.answers, named))
    return found


def _asked_of(key: str, text: str, golds: Sequence[GoldQuestion], written: Asked | None) -> Iterator[Held]:
    """The questions of a held-back paragraph: those of its data set that stand by themselves, and the written ones."""
    if key.startswith(ASKED):
        yield from (Held(key, gold.question, gold.answers) for gold in golds if gold.answers)
    if written is not None:
        for (question, start, end), others in written.pairs():
            yield Held(key, question, (text[start:end],), others)


def asked_elsewhere(questions: Sequence[GoldQuestion], asking: Asking, withhold: float, seed: int) -> list[Observed]:
    """Each of ``questions`` asked of all articles, or, a share ``withhold``, of those that say none of its answers."""
    rng = random.Random(seed)  # noqa: S311 - a seeded sample
    texts = {key: padded(asking.text(key)) for key in asking.store.digests()} if withhold else {}
    found = []
    for one in with_progress(questions, "asking", len(questions)):
        if rng.random() >= withhold:
            found.append(asking.observe(one.question, one.answers, (), one.asked_on))
            continue
        told = [padded(answer) for answer in one.answers]
        silent = [key for key, text in texts.items() if not any(words in text for words in told)]
        seen = asking.observe(one.question, (), silent, one.asked_on) if silent else Observed(None, 0.0, exact=False)
        found.append(seen)
    return found


def _elsewhere(path: Path) -> Iterator[GoldQuestion]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        row = json.loads(line)
        asked_on = parse_date(row.get("asked", ""))
        yield GoldQuestion(str(number), row["question"], tuple(row["answers"]), None, None, "open", asked_on=asked_on)


def told(answers: Sequence[Judged], questions: int) -> dict[str, float | None]:
    """What the confidences are worth."""
    figures = ConfidenceFigures.of(answers, questions)
    return {
        "right": round(sum(answer.right for answer in answers) / questions, 4),
        "ece": round(figures.ece, 4),
        "brier": round(figures.brier, 4),
        **{f"answered at {bar.accuracy:.0%}": bar.coverage for bar in figures.bars},
    }


def fitted_to_few(observed: Sequence[Observed], number: int, draws: int, seed: int) -> dict[str, float]:
    """What a calibration fitted to ``number`` of the questions is worth on all others: the mean of so many draws."""
    rng = random.Random(seed)  # noqa: S311 - a seeded sample
    worth = []
    for _ in range(draws):
        shuffled = rng.sample(observed, len(observed))
        rest = shuffled[number:]
        worth.append(ConfidenceFigures.of(judged(rest, fit(shuffled[:number], PRIOR).probability), len(rest)))
    return {
        "ece": round(fmean(one.ece for one in worth), 4),
        "brier": round(fmean(one.brier for one in worth), 4),
        "answered at 80%": round(fmean(one.bars[0].coverage for one in worth), 4),
    }


def build_index(data: Path, work: Path, encoder: Path | None, threads: int) -> None:
    """Index all paragraphs, once: what is there already is left alone."""
    folder = work / "articles"
    folder.mkdir(parents=True, exist_ok=True)
    rows = (json.dumps({"id": key, "title": key, "text": text}) + "\n" for key, text, _ in paragraphs(data))
    (folder / "articles.jsonl").write_text("".join(rows), encoding="utf-8")
    with Answerer.open(work / "index", encoder=encoder, threads=threads, create=True) as answerer:
        answerer.index_folder(folder)


def _measure(args: argparse.Namespace) -> int:
    report: dict[str, object] = {}
    calibration = SHIPPED
    if args.data is not None:
        build_index(args.data, args.work, args.encoder, args.threads)
        asking = Asking(args.work / "index", args.reader, args.encoder, args.threads)
        observed = observations(args.data, asking, read_written(), args.seed)
        right = fmean(one.f1 >= 0.5 for one in observed if one.features is not None)
        fitted = fit(observed)
        calibration = replace(fitted, intercept=fitted.intercept + prior_correction(right, WITHHELD, EXPECTED))
        report["questions"] = len(observed)
        report["each half by the fit on the other"] = told(crossed(observed), len(observed))
        report["constants"] = {name: round(value, 4) for name, value in asdict(calibration).items()}
    if args.ask is not None:
        questions = list(_elsewhere(args.ask))[: args.limit]
        if args.no_days:
            questions = [replace(one, asked_on=None) for one in questions]
        asking = Asking(args.index, args.reader, args.encoder, args.threads)
        for name, withhold in (("as they are", 0.0), ("a third without an answer", WITHHELD)):
            seen = asked_elsewhere(questions, asking, withhold, args.seed)
            report[f"{args.ask.name}, {name}"] = told(judged(seen, calibration.probability), len(seen))
            report[f"{args.ask.name}, {name}, exact"] = told(
                judged(seen, calibration.probability, exactly=True), len(seen)
            )
            others = judged(seen[1::2], calibration.probability)
            report[f"{args.ask.name}, {name}, every second"] = told(others, len(seen[1::2]))
            halves = crossed(seen, PRIOR)
            report[f"{args.ask.name}, {name}, each half by the calibration on the other"] = told(halves, len(seen))
            for number in FEW:
                if number < len(seen):
                    few = fitted_to_few(seen, number, DRAWS, args.seed)
                    report[f"{args.ask.name}, {name}, the others by the calibration on {number}"] = few
    print_json(report)
    return 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="fit: folder of SQuAD-format *.json.gz files")
    parser.add_argument("--work", type=Path, default=Path("build/certainty"), help="where the index is kept")
    parser.add_argument("--reader", type=Path, help="folder of another reader; default: the one shipped")
    parser.add_argument("--encoder", type=Path, help="folder of another encoder; default: the one shipped")
    parser.add_argument("--ask", type=Path, metavar="JSONL", help="other questions: question, answers, asked")
    parser.add_argument("--no-days", action="store_true", help="ask them on no known day")
    parser.add_argument("--index", type=Path, help="the index they are asked of")
    parser.add_argument("--limit", type=int, help="only the first of them")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=13)
    args = parser.parse_args()
    if args.data is None and args.ask is None:
        parser.error("name --data to fit, --ask to measure, or both")
    if (args.ask is None) != (args.index is None):
        parser.error("--ask and --index belong together")
    return guarded(lambda: _measure(args))


if __name__ == "__main__":
    raise SystemExit(main())
