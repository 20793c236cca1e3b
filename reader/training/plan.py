"""What a training run does: its plan, and how a plan is read from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAYS = ("removed", "neighbour", "swapped", "crossed", "opposed", "exchanged", "renamed")


@dataclass(frozen=True)
class Plan:
    """What is trained on, and how; the model card repeats it.

    ``visits`` says how often each data set's questions are visited in one pass (a fraction samples).
    ``cloze`` is how many questions made by rule are visited, once each, before the first pass.
    A ``cloze`` among the ``visits`` puts them into the passes instead.
    ``beside`` is the share of visits that get a window without the answer beside the one that has it;
    ``changed`` the share that get a changed question or paragraph, unanswerable, after them. ``ways`` are those in
    which either is made (``examples`` describes them).
    Where there is a teacher, ``taught`` is the share of its scores in the loss, beside the labels', ``temperature``
    softens its spans, and ``likeness_weight`` is that of its last layer when the run begins; it falls to 0.
    ``rounded`` trains with the int8 file's rounding in place.
    """

    visits: tuple[tuple[str, float], ...] = (
        ("squad_part", 1.5),
        ("squad_windows", 1.5),
        ("natural_questions_qed", 1.0),
        ("adversarialqa", 0.4),
        ("qamr_sentences", 0.3),
        ("policyqa", 0.1),
    )
    passes: int = 2
    cloze: int = 36_000
    beside: float = 0.5
    changed: float = 0.3
    ways: tuple[str, ...] = WAYS
    window_tokens: tuple[int, int] = (80, 200)
    question_tokens: int = 40
    network_tokens: int = 512
    batch_tokens: int = 4096
    learning_rate: float = 2e-4
    head_learning_rate: float = 1e-3
    answerability_weight: float = 0.5
    shared_weight: float = 0.25
    taught: float = 0.9
    temperature: float = 2.0
    likeness_weight: float = 1.0
    warmup: float = 0.04
    weight_decay: float = 0.01
    dropout: float = 0.1
    rounded: bool = False
    seed: int = 13

    @property
    def drawn_by(self) -> str:
        """All that a run's windows depend on, as JSON."""
        asked = self.visits, self.passes, self.cloze, self.beside, self.changed, self.ways
        cut = self.window_tokens, self.question_tokens, self.network_tokens
        return json.dumps([*asked, *cut, self.seed])


def read_plan(path: Path) -> Plan:
    """The plan of a JSON file, such as a run writes; what it does not name is the default's.

    Raises:
        TypeError: if it names something that a plan has not.
    """
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name in ("visits", "window_tokens", "ways"):
        if name in values:
            values[name] = tuple(tuple(item) if isinstance(item, list) else item for item in values[name])
    return Plan(**values)
