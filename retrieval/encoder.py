"""Text in, vectors out: the shipped encoder on onnxruntime, or any sentence-transformers model by path.

Dynamic int8 quantises the activations of a whole batch with one scale, so a text's vector would
depend on the texts it is batched with. The shipped encoder therefore runs every text alone and
unpadded: the same text has the same vector, bit for bit, whatever else is encoded. Throughput comes
from several threads over one single-threaded session, which costs nothing against batching here.

It was taught to see passages without the words that say little (``retrieval.shortening``), which halves the time
an index takes; which words those are stands beside its weights.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from corpus.text import normalise
from retrieval.shortening import Shortening, shortening

WEIGHTS: Final = Path(__file__).parent / "weights"
MODEL_FILE: Final = "model.int8.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
SETTINGS_FILE: Final = "encoder.json"
LEFT_OUT: Final = "left_out"  # in the settings: the words that a passage is shortened by
MAX_TOKENS: Final = 256


class TextEncoder(Protocol):
    """What turns texts into vectors that are near where meanings are near."""

    @property
    def identity(self) -> str:
        """Digest of the model, 16 hex digits: vectors of two identities must not be compared."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1 for questions, in their order: ``(len(texts), dimensions)``."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Likewise for what questions are asked of."""


class Encoder:
    """The encoder this project ships (five layers of MiniLM, int8), without torch. Safe to share among threads.

    Mean pooling over the tokens and the scaling to length 1 are part of the graph (Reimers and
    Gurevych 2019, "Sentence-BERT"). Texts are cut at 256 tokens.
    """

    def __init__(self, session: Any, tokenizer: Any, shortened: Shortening, identity: str, threads: int) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._shortening = shortened
        self._identity = identity
        self._threads = threads

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 2) -> Encoder:
        """The encoder in ``folder`` (default: the shipped weights), using up to ``threads`` cores.

        Raises:
            ModelError: if a file is missing, damaged, or no encoder.
        """
        import onnxruntime  # noqa: PLC0415 (half a second that a command's --help need not wait for)
        from tokenizers import Tokenizer  # noqa: PLC0415 (likewise)

        folder = WEIGHTS if folder is None else folder
        files = [folder / MODEL_FILE, folder / TOKENIZER_FILE, folder / SETTINGS_FILE]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            model, vocabulary, settings = (file.read_bytes() for file in files)
            session = onnxruntime.InferenceSession(
                model,
                options,
                providers=["CPUExecutionProvider"],
                # The fused kernel takes seven times as long as the addition and normalisation it replaces.
                disabled_optimizers=["SkipLayerNormFusion"],
            )
            tokenizer = Tokenizer.from_buffer(vocabulary)
            shortened = shortening(tokenizer, _words_of(json.loads(settings)[LEFT_OUT]))
        except Exception as error:  # both libraries raise bare exceptions for damaged files
            raise ModelError(
                f"the encoder in {folder} cannot be loaded ({error}); expected {MODEL_FILE}, {TOKENIZER_FILE} and "
                f"{SETTINGS_FILE} as 'python -m retrieval.export' writes them: install again, or make them with "
                "that command"
            ) from error
        if [value.name for value in session.get_inputs()] != ["input_ids", "attention_mask"]:
            raise ModelError(f"{files[0]} is no sentence encoder: expected the inputs input_ids and attention_mask")
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        identity = hashlib.sha256(model + vocabulary + settings).hexdigest()[:16]
        return cls(session, tokenizer, shortened, identity, threads)

    @property
    def identity(self) -> str:
        """Digest of the model and its tokenizer, 16 hex digits."""
        return self._identity

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._session.get_outputs()[0].shape[-1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1 for questions, in their order: ``(len(texts), dimensions)``."""
        return self._vectors(texts, self._ids)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Likewise for what questions are asked of."""
        return self._vectors(texts, self._shortened_ids)

    def _vectors(self, texts: Sequence[str], seen: Callable[[str], NDArray[np.int64]]) -> NDArray[np.float32]:
        """``(len(texts), dimensions)``, of the tokens that are ``seen`` of each text."""

        def vector(text: str) -> NDArray[np.float32]:
            ids = seen(text)[np.newaxis]  # (1, tokens)
            found: NDArray[np.float32] = self._session.run(
                None, {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            )[0][0]
            return found

        if self._threads == 1 or len(texts) < 2:
            vectors = [vector(text) for text in texts]
        else:
            with ThreadPoolExecutor(min(self._threads, len(texts))) as pool:
                vectors = list(pool.map(vector, texts))
        return np.array(vectors, np.float32).reshape(len(texts), self.dimensions)

    def _ids(self, text: str) -> NDArray[np.int64]:
        return np.array(self._tokenizer.encode(normalise(text)).ids, np.int64)  # (tokens,)

    def _shortened_ids(self, text: str) -> NDArray[np.int64]:
        ids = self._ids(text)
        return ids[self._shortening.kept(ids)]


class SentenceTransformersEncoder:
    """Any sentence-transformers model in a local folder, on torch (the ``models`` extra).

    Texts are cut where the model's own settings say.

    Raises:
        ModelError: if the extra is not installed, or the folder holds no such model.
    """

    def __init__(self, path: str | Path) -> None:
        folder = Path(path)
        if not folder.is_dir():
            raise ModelError(f"there is no encoder at {folder}: expected the folder of a sentence-transformers model")
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 (an extra, and seconds to import)
        except ImportError as error:
            raise ModelError(
                f"the encoder at {folder} needs torch and sentence-transformers: pip install 'pullquote[models]'"
            ) from error
        try:
            self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
            self._dimensions = int(self._model.encode("", show_progress_bar=False).shape[-1])
        except Exception as error:  # whatever a damaged or foreign folder makes the library raise
            raise ModelError(f"the folder {folder} holds no sentence-transformers model: {error}") from error
        self._identity = _digest(folder)

    @property
    def identity(self) -> str:
        """Digest of the folder's files, 16 hex digits."""
        return self._identity

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1 for ``texts``, in their order: ``(len(texts), dimensions)``."""
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        clean = [normalise(text) for text in texts]
        vectors = self._model.encode(clean, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same: such a model has no other way for passages."""
        return self.encode(texts)


def load_encoder(path: str | Path | None = None, threads: int = 2) -> TextEncoder:
    """The encoder at ``path``: a folder as ``retrieval.export`` writes it, or a sentence-transformers model.

    Raises:
        ModelError: if there is no encoder, or it cannot be loaded.
    """
    if path is None or (Path(path) / MODEL_FILE).exists():
        return Encoder.load(None if path is None else Path(path), threads)
    return SentenceTransformersEncoder(path)


def _words_of(left_out: object) -> list[str]:
    """The words that the settings leave out.

    Raises:
        ValueError: if they are no list of words: a single text would be taken for its letters.
    """
    if isinstance(left_out, list) and all(isinstance(word, str) for word in left_out):
        return left_out
    raise ValueError(f"{SETTINGS_FILE}: {LEFT_OUT}: expected a list of words, got {str(left_out)[:80]!r}")


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        digest.update(file.relative_to(folder).as_posix().encode())
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()[:16]
