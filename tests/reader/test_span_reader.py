"""The reader with a small real network: offsets, windows, batches, and its two runtimes."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import ModelError
from corpus.text import normalise
from corpus.types import Passage, Span
from reader.span_reader import ReaderSettings, SpanReader
from reader.types import Candidate, log_odds_of
from tests.reader.conftest import SETTINGS, SmallModel

ODD = st.text(alphabet="ab 20-.,\n\u00a0é\u0301\U0001f600\u202e\u05d0\u0627中\t\u200d'\"", max_size=120)


def passage(text: str, start: int = 0) -> Passage:
    return Passage("an/article", 0, Span(start, start + len(text)), text, (Span(start, start + len(text)),))


@pytest.fixture(scope="session")
def reader(small_model: SmallModel) -> SpanReader:
    return SpanReader.load(small_model.int8)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=ODD, text=ODD, after=ODD, question=st.text(min_size=1, max_size=80))
def test_a_candidate_is_the_article_sliced_at_its_span(
    reader: SpanReader, before: str, text: str, after: str, question: str
) -> None:
    article = normalise(before + text + after)
    start = min(len(before), len(article))
    span = Span(start, min(start + len(text), len(article)))
    read = reader.read(question.encode("utf-8", "replace").decode(), [Passage("a", 0, span, span.slice(article), ())])
    for candidate in read[0]:
        assert candidate.span.slice(article) == candidate.text
        assert span.contains(candidate.span)
        assert candidate.text.strip()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(ODD, min_size=1, max_size=5))
def test_reading_passages_together_is_reading_them_one_by_one(reader: SpanReader, texts: list[str]) -> None:
    passages = [passage(text, start=10) for text in texts]
    together = reader.read("how long does it last?", passages)
    assert together == [reader.read("how long does it last?", [one])[0] for one in passages]


def test_a_long_passage_is_read_to_its_end(reader: SpanReader) -> None:
    long = passage("the treaty was signed in moscow . " * 60)
    candidates = reader.read("who signed ?", [long], per_passage=50)[0]
    assert max(candidate.span.end for candidate in candidates) > len(long.text) - 200
    spans = sorted(candidate.span for candidate in candidates)
    assert not any(one.overlaps(other) for one, other in pairwise(spans))


def test_a_quote_never_opens_or_ends_inside_a_word(reader: SpanReader) -> None:
    text = "Pezeshkian visited Kazan, Tashkent, Nizhny-Novgorod and Vladivostok."
    for candidate in reader.read("Who visited?", [passage(text)], per_passage=20)[0]:
        before, after = (
            text[candidate.span.start - 1 : candidate.span.start],
            text[candidate.span.end : candidate.span.end + 1],
        )
        assert not (before.isalnum() and candidate.text[0].isalnum())
        assert not (after.isalnum() and candidate.text[-1].isalnum())


@pytest.mark.parametrize("text", ["", "   ", "\n\u00a0\n"])
def test_a_blank_passage_has_no_candidate(reader: SpanReader, text: str) -> None:
    assert reader.read("who?", [passage(text), passage("the treaty")])[0] == []


def test_a_question_longer_than_its_share_is_cut_and_still_read(reader: SpanReader) -> None:
    assert reader.read("who signed the treaty " * 500, [passage("putin signed it")])[0]


def test_no_passage_gives_no_candidates(reader: SpanReader) -> None:
    assert reader.read("who?", []) == []


def test_onnx_and_torch_read_the_same_spans(small_model: SmallModel) -> None:
    passages = [passage("The treaty lasts 20 years."), passage("It was signed in Moscow, by Putin and others.", 7)]
    onnx = SpanReader.load(small_model.fp32).read("how long does the treaty last?", passages)
    torch = SpanReader.load(small_model.transformers).read("how long does the treaty last?", passages)
    assert [[c.span for c in found] for found in onnx] == [[c.span for c in found] for found in torch]
    for found, expected in zip(onnx, torch, strict=True):
        assert [c.margin for c in found] == pytest.approx([c.margin for c in expected], abs=1e-3)


def test_the_identity_changes_with_weights_and_settings(small_model: SmallModel, tmp_path: Path) -> None:
    copy = tmp_path / "reader"
    copy.mkdir()
    for file in small_model.int8.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    same = SpanReader.load(copy).identity
    assert same == SpanReader.load(small_model.int8).identity
    (copy / "reader.json").write_text(json.dumps(SETTINGS | {"max_answer_tokens": 5}))
    assert SpanReader.load(copy).identity != same
    assert SpanReader.load(small_model.fp32).identity != same


def test_the_log_odds_are_the_calibrated_sum_of_margin_and_answerability() -> None:
    fitted = ReaderSettings(slope=0.5, answers_slope=0.25, intercept=-1.0)
    assert fitted.log_odds(4.0, -8.0) == -1.0
    assert fitted.log_odds(4.0, None) == 1.0


@pytest.mark.parametrize(
    ("log_odds", "confidence"), [(0.0, 0.5), (1.0, 1 / (1 + math.exp(-1.0))), (-1e6, 0.0), (1e6, 1.0)]
)
def test_confidence_is_the_logistic_of_the_log_odds(log_odds: float, confidence: float) -> None:
    read = passage("the treaty")
    assert Candidate(read, read.span, read.text, 0.0, None, log_odds).confidence == pytest.approx(confidence)


@pytest.mark.parametrize("confidence", [0.0, 0.001, 0.5, 0.93, 1.0])
def test_log_odds_and_confidence_are_each_others_inverse(confidence: float) -> None:
    read = passage("the treaty")
    candidate = Candidate(read, read.span, read.text, 0.0, None, log_odds_of(confidence))
    assert candidate.confidence == pytest.approx(confidence)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, math.nan])
def test_what_is_no_probability_has_no_log_odds(confidence: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        log_odds_of(confidence)


def test_the_shipped_form_says_whether_a_passage_answers_and_the_transformers_form_does_not(
    small_model: SmallModel,
) -> None:
    read = {
        folder: SpanReader.load(folder).read("how long ?", [passage("the treaty lasts 20 years")])[0]
        for folder in (small_model.fp32, small_model.int8, small_model.transformers)
    }
    assert all(c.answers is not None for c in read[small_model.fp32] + read[small_model.int8])
    assert all(c.answers is None for c in read[small_model.transformers])


def test_a_folder_without_a_tokenizer_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        SpanReader.load(tmp_path)


def test_damaged_weights_are_a_model_error(small_model: SmallModel, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes((small_model.int8 / "tokenizer.json").read_bytes())
    (tmp_path / "model.int8.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="damaged"):
        SpanReader.load(tmp_path)


@pytest.mark.parametrize(
    "described", ['{"no_such_setting": 1}', "[", '{"window_tokens": 10}', '{"max_answer_tokens": 0}']
)
def test_settings_that_make_no_reader_are_a_model_error(
    small_model: SmallModel, tmp_path: Path, described: str
) -> None:
    for file in small_model.int8.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "reader.json").write_text(described)
    with pytest.raises(ModelError, match=r"reader\.json"):
        SpanReader.load(tmp_path)


def test_a_quote_ends_where_its_lines_do(reader: SpanReader) -> None:
    lines = ["the treaty was", "signed in moscow by", "putin and pezeshkian"]
    text = "\n".join(lines)
    starts = [100 + text.index(line) for line in lines]
    place = Span(100, 100 + len(text))
    apart = tuple(Span(start, start + len(line)) for start, line in zip(starts, lines, strict=True))

    def quotes(sentences: tuple[Span, ...]) -> list[str]:
        read = reader.read("Who signed?", [Passage("a", 0, place, text, sentences)], per_passage=50)
        return [candidate.text for candidate in read[0]]

    assert any("\n" in quote for quote in quotes((place,)))  # one sentence, whose line was wrapped
    assert quotes(apart)
    assert not any("\n" in quote for quote in quotes(apart))
