"""The constants that make an answer's features a probability: those shipped, or a file of a person's own.

A confidence holds for folders and questions like those it was fitted on. ``pullquote eval calibrate`` fits the
constants to gold questions of a folder and writes the file that is read here; it belongs to the models it was fitted
with.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answering.types import Features
from corpus.errors import ModelError
from reader.types import confidence_of

MAX_FILE_BYTES: Final = 100_000
_HOW = "'pullquote eval calibrate --output FILE' writes one"

_Constant = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The coefficients of the features, and the intercept, of a logistic regression."""

    worth: float
    others: float
    likeness: float
    intercept: float

    def log_odds(self, seen: Features) -> float:
        """The log-odds that an answer with these features is right."""
        return self.worth * seen.worth + self.others * seen.others + self.likeness * seen.likeness + self.intercept

    def probability(self, seen: Features) -> float:
        """The probability, 0 to 1, that an answer with these features is right."""
        return confidence_of(self.log_odds(seen))


# What evals.certainty gives for the shipped weights.
SHIPPED: Final = Calibration(worth=0.7425, others=-0.4373, likeness=1.4092, intercept=-1.0693)


class _Constants(BaseModel):
    """A calibration, as it stands in a file. What speaks for an answer must not make it less sure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    worth: Annotated[_Constant, Field(gt=0)]
    others: _Constant
    likeness: _Constant
    intercept: _Constant


class CalibrationFile(BaseModel):
    """What the file holds.

    Attributes:
        reader, encoder: identities of the models that the answers were given with.
        questions: how many were asked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    reader: str
    encoder: str
    questions: Annotated[int, Field(ge=1)]
    constants: _Constants

    @classmethod
    def of(cls, calibration: Calibration, *, reader: str, encoder: str, questions: int) -> CalibrationFile:
        """The file of a calibration.

        Raises:
            ModelError: if its constants cannot be used.
        """
        try:
            return cls(
                reader=reader,
                encoder=encoder,
                questions=questions,
                constants=_Constants(**asdict(calibration)),
            )
        except ValidationError as error:
            raise ModelError(
                f"no calibration follows from these questions ({_first(error)}); ask more of them"
            ) from error

    def write(self, path: Path) -> None:
        """Write the file, in a folder that is made if need be."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read_calibration(path: Path, *, reader: str, encoder: str) -> Calibration:
    """The calibration in ``path``, for models of these identities.

    Raises:
        ModelError: if there is none, or it was fitted with other models.
    """
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise ModelError(f"{path} is no calibration: it is longer than {MAX_FILE_BYTES:,} bytes; {_HOW}")
        found = CalibrationFile.model_validate_json(content)
    except OSError as error:
        raise ModelError(f"the calibration {path} cannot be read ({error.strerror}); {_HOW}") from error
    except ValidationError as error:
        raise ModelError(f"{path} is no calibration ({_first(error)}); {_HOW}") from error
    if (found.reader, found.encoder) != (reader, encoder):
        raise ModelError(
            f"the calibration {path} was fitted with another reader or encoder than is loaded now; fit it again with "
            "'pullquote eval calibrate', or unset PULLQUOTE_CALIBRATION"
        )
    return Calibration(**found.constants.model_dump())


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg'][:1].lower()}{first['msg'][1:]}"
