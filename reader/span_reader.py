"""The reader: a question and passages in, candidate spans out, in article coordinates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tokenizers import Encoding, Tokenizer

from corpus.errors import ModelError
from corpus.types import Passage
from reader.decoding import decode
from reader.marks import without_lone_marks
from reader.scoring import OnnxScorer, Scores, SpanScorer, TransformersScorer
from reader.types import Candidate
from reader.window import Window

SHIPPED = Path(__file__).parent / "weights"
ONNX_FILE = "model.int8.onnx"
# [CLS] question [SEP] passage [SEP]; models of the RoBERTa kind have one more.
_SPECIAL_TOKENS = 4


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """What stands beside the weights in ``reader.json``.

    Attributes:
        window_tokens: the longest network input, question and special tokens included.
        stride_tokens: what two windows of one long passage share.
        question_tokens: a longer question is cut there.
        max_answer_tokens: the longest span.
        slope, answers_slope, intercept: the log-odds of a span being right are
            ``slope * margin + answers_slope * answers + intercept`` (Platt 1999), fitted by
            ``reader.training.calibrate`` on questions the network was not trained on.

    Raises:
        ValueError: if a number is below 1, or the window has no room for a passage.
    """

    window_tokens: int = 256
    stride_tokens: int = 64
    question_tokens: int = 64
    max_answer_tokens: int = 30
    slope: float = 1.0
    answers_slope: float = 0.0
    intercept: float = 0.0

    def __post_init__(self) -> None:
        if min(self.stride_tokens, self.question_tokens, self.max_answer_tokens) < 1:
            raise ValueError("stride_tokens, question_tokens and max_answer_tokens are at least 1")
        if self.window_tokens - self.question_tokens - _SPECIAL_TOKENS <= self.stride_tokens:
            raise ValueError("window_tokens leaves no room for a passage beside question_tokens and stride_tokens")

    def log_odds(self, margin: float, answers: float | None) -> float:
        """The calibrated log-odds of a span with this margin being right, in a window with this score."""
        return self.slope * margin + self.answers_slope * (answers or 0.0) + self.intercept


class SpanReader:
    """Finds the spans of passages that answer a question; deterministic, and safe to share between threads."""

    def __init__(self, tokenizer: Tokenizer, scorer: SpanScorer, settings: ReaderSettings) -> None:
        self._scorer = scorer
        self._settings = settings
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._question_tokenizer = Tokenizer.from_str(tokenizer.to_str())
        tokenizer.enable_truncation(settings.window_tokens, stride=settings.stride_tokens, strategy="only_second")
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 2) -> Self:
        """The reader of a folder; by default the one that is shipped.

        Args:
            folder: holds ``tokenizer.json`` and either ``model.int8.onnx`` with ``reader.json`` (runs on
                onnxruntime) or a transformers question-answering model (runs on torch).
            threads: how many windows are read at once.

        Raises:
            ModelError: if a file is missing or damaged, or torch is needed and absent.
        """
        folder = folder or SHIPPED
        try:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises plain Exception
            raise ModelError(f"no readable tokenizer.json in {folder}: {error}") from error
        settings = _settings(folder / "reader.json")
        onnx = folder / ONNX_FILE
        if onnx.exists() or folder == SHIPPED:
            return cls(tokenizer, OnnxScorer(onnx, threads), settings)
        return cls(tokenizer, TransformersScorer(folder, threads), settings)

    @property
    def identity(self) -> str:
        """A short digest of the weights and the settings that shape an answer."""
        return hashlib.sha256(f"{self._scorer.identity}{self._settings}".encode()).hexdigest()[:16]

    def read(self, question: str, passages: Sequence[Passage], *, per_passage: int = 3) -> list[list[Candidate]]:
        """Candidates of each passage, best first, at most ``per_passage`` of them.

        A passage longer than the network's window is read in windows that share ``stride_tokens``. An
        empty or blank passage has no candidate.
        """
        question = self._cut(question)
        windows: list[tuple[int, Encoding]] = []
        for at, passage in enumerate(passages):
            if passage.text.strip():
                encoding = self._tokenizer.encode(question, passage.text)
                windows += [(at, window) for window in (encoding, *encoding.overflowing)]
        scores = self._scorer.score([window for _, window in windows])
        found: list[list[Candidate]] = [[] for _ in passages]
        for (at, encoding), score in zip(windows, scores, strict=True):
            found[at] += self._candidates(Window(encoding, passages[at]), score, passages[at], per_passage)
        return [_best(candidates, per_passage) for candidates in found]

    def _candidates(self, window: Window, scores: Scores, passage: Passage, top: int) -> Iterator[Candidate]:
        spans = decode(
            scores.start,
            scores.end,
            window.blocks(),
            said=window.said,
            max_answer_tokens=self._settings.max_answer_tokens,
            top=top,
        )
        for token_span in spans:
            span = without_lone_marks(passage.text, window.whole_words(token_span))
            yield Candidate(
                passage=passage,
                span=span.shifted(passage.span.start),
                text=span.slice(passage.text),
                margin=token_span.margin,
                answers=scores.answers,
                log_odds=self._settings.log_odds(token_span.margin, scores.answers),
            )

    def _cut(self, question: str) -> str:
        encoding = self._question_tokenizer.encode(question, add_special_tokens=False)
        limit = self._settings.question_tokens
        return question if len(encoding.ids) <= limit else question[: encoding.offsets[limit - 1][1]]


def _best(candidates: list[Candidate], count: int) -> list[Candidate]:
    """The best of several windows' candidates; of those that overlap, the best alone."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (-c.log_odds, c.span)):
        if len(kept) < count and not any(candidate.span.overlaps(other.span) for other in kept):
            kept.append(candidate)
    return kept


def _settings(path: Path) -> ReaderSettings:
    if not path.exists():
        return ReaderSettings()
    try:
        return ReaderSettings(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path} does not describe a reader: {error}") from error
