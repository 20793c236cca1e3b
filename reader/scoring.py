"""The network at run time: encoded windows in, scores out.

Every window runs alone, unpadded. The int8 file quantises activations by the range of the whole
input tensor, so a window's scores would otherwise depend on its neighbours in the batch; and with
about 150 tokens a window, a batch would gain nothing on a CPU. The windows run side by side, one
thread each: no thread waits for another inside a layer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Encoding

from corpus.errors import ModelError


@dataclass(frozen=True, slots=True)
class Scores:
    """What a network says of one window.

    Attributes:
        start, end: each token as the first and as the last of the answer, ``(tokens,)``, float32.
        answers: log-odds that the window answers the question; None from a network that does not say.
    """

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    answers: float | None = None


class SpanScorer(Protocol):
    """A network that scores every token as start and as end of the answer."""

    @property
    def identity(self) -> str:
        """A short digest of the weights."""

    def score(self, windows: Sequence[Encoding]) -> list[Scores]:
        """The scores of each window."""


class OnnxScorer:
    """An ONNX file with inputs ``input_ids``, ``attention_mask``, ``token_type_ids``.

    Its outputs are ``start`` and ``end``, ``(batch, tokens)``, and, where it has it, ``answers``, ``(batch,)``.

    Args:
        path: the ``.onnx`` file.
        threads: how many windows are scored at once, at least 1.

    Raises:
        ModelError: if the file is missing, damaged, or has other inputs or outputs.
    """

    def __init__(self, path: Path, threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            model = path.read_bytes()
            self._session = ort.InferenceSession(
                model,
                options,
                providers=["CPUExecutionProvider"],
                # The fused kernel takes seven times as long as the addition and normalisation it replaces.
                disabled_optimizers=["SkipLayerNormFusion"],
            )
        except OSError as error:
            raise ModelError(
                f"the reader's weights {path} cannot be read ({error.strerror}); reinstall pullquote"
            ) from error
        except Exception as error:  # onnxruntime raises types of its own that share no base but Exception
            raise ModelError(f"the reader's weights {path} are damaged: {error}") from error
        names = {value.name for value in self._session.get_outputs()}
        if not {"start", "end"} <= names:
            raise ModelError(f"{path} is no span reader: expected outputs 'start' and 'end', got {sorted(names)}")
        self._outputs = ["start", "end", "answers"] if "answers" in names else ["start", "end"]
        self._inputs = frozenset(value.name for value in self._session.get_inputs())
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")
        self.identity = hashlib.sha256(model).hexdigest()[:16]

    def score(self, windows: Sequence[Encoding]) -> list[Scores]:
        """The scores of each window."""
        return list(self._pool.map(self._score_one, windows))

    def _score_one(self, window: Encoding) -> Scores:
        given = {
            "input_ids": np.array([window.ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(window.ids)), dtype=np.int64),
            "token_type_ids": np.array([window.type_ids], dtype=np.int64),
        }
        start, end, *answers = self._session.run(self._outputs, {name: given[name] for name in self._inputs})
        return Scores(start[0], end[0], float(answers[0][0]) if answers else None)


class TransformersScorer:
    """Any question-answering model of transformers, from a folder (needs the ``models`` extra).

    Raises:
        ModelError: if the extra is not installed, or the folder holds no such model.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        try:
            import torch  # noqa: PLC0415 - only this class needs torch; serving installs none
            from transformers import AutoModelForQuestionAnswering  # noqa: PLC0415
        except ImportError as error:
            raise ModelError(
                f"{folder} needs torch to run; install pullquote[models], or name an ONNX folder"
            ) from error
        torch.set_num_threads(threads)
        self._torch = torch
        try:
            self._network = AutoModelForQuestionAnswering.from_pretrained(folder, local_files_only=True).eval()
        except (OSError, ValueError) as error:
            raise ModelError(f"{folder} holds no question-answering model: {error}") from error
        digest = hashlib.sha256()
        for name, tensor in sorted(self._network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.contiguous().numpy().tobytes())
        self.identity = digest.hexdigest()[:16]
        self._takes_types = getattr(self._network.config, "type_vocab_size", 0) > 1

    def score(self, windows: Sequence[Encoding]) -> list[Scores]:
        """The scores of each window."""
        scores: list[Scores] = []
        with self._torch.inference_mode():
            for window in windows:
                given = {"input_ids": self._torch.tensor([window.ids])}  # (1, tokens)
                if self._takes_types:
                    given["token_type_ids"] = self._torch.tensor([window.type_ids])
                result = self._network(**given)
                scores.append(Scores(result.start_logits[0].float().numpy(), result.end_logits[0].float().numpy()))
        return scores
