"""The reader: a question and passages in, candidate spans out, in article coordinates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from corpus.errors import ModelError
from corpus.types import Passage, Span
from reader.decoding import TokenSpan, decode
from reader.marks import without_lone_marks
from reader.scoring import OnnxScorer, SpanScorer, TransformersScorer
from reader.types import Candidate

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
        for (at, window), score in zip(windows, scores, strict=True):
            spans = decode(
                score.start,
                score.end,
                np.where(_readable(window, passages[at].text), _blocks(window, passages[at]), -1),
                max_answer_tokens=self._settings.max_answer_tokens,
                top=per_passage,
            )
            for token_span in spans:
                span = without_lone_marks(passages[at].text, _whole_words(window, token_span))
                margin = token_span.margin
                candidate = Candidate(
                    passage=passages[at],
                    span=span.shifted(passages[at].span.start),
                    text=span.slice(passages[at].text),
                    margin=margin,
                    answers=score.answers,
                    log_odds=self._settings.log_odds(margin, score.answers),
                )
                found[at].append(candidate)
        return [_best(candidates, per_passage) for candidates in found]

    def _cut(self, question: str) -> str:
        encoding = self._question_tokenizer.encode(question, add_special_tokens=False)
        limit = self._settings.question_tokens
        return question if len(encoding.ids) <= limit else question[: encoding.offsets[limit - 1][1]]


def _readable(window: Encoding, text: str) -> NDArray[np.bool_]:
    """Which tokens belong to the passage, shape ``(tokens,)``; a word that the window's edge may have cut does not.

    Windows share enough tokens that a word at one's edge stands whole in the next.
    """
    readable = np.array([sequence == 1 for sequence in window.sequence_ids], dtype=np.bool_)
    inside = np.flatnonzero(readable)
    if inside.size:
        first, last = int(inside[0]), int(inside[-1])
        cut = {
            window.word_ids[edge]
            for edge, neighbour in (
                (first, text[: window.offsets[first][0]][-1:]),
                (last, text[window.offsets[last][1] :][:1]),
            )
            if neighbour.strip()
        }
        for token in inside:
            readable[token] = window.word_ids[token] not in cut
    return readable


def _blocks(window: Encoding, passage: Passage) -> NDArray[np.int_]:
    """Number of the stretch of lines each token of the passage stands in, shape ``(tokens,)``.

    The network does not see where a line ends, and would quote a headline together with the sentence below it.
    """
    begins = [
        after.start - passage.span.start
        for before, after in pairwise(passage.sentences)
        if "\n" in passage.text[before.end - passage.span.start : after.start - passage.span.start]
    ]
    return np.searchsorted(begins, [first for first, _ in window.offsets], side="right")


def _whole_words(window: Encoding, span: TokenSpan) -> Span:
    """The characters of the words a token span touches: a quote never opens or ends inside a word."""
    words = window.word_ids
    first, last = span.first, span.last
    while words[first - 1] == words[first] and window.sequence_ids[first - 1] == 1:
        first -= 1
    while last + 1 < len(words) and words[last + 1] == words[last] and window.sequence_ids[last + 1] == 1:
        last += 1
    return Span(window.offsets[first][0], window.offsets[last][1])


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
