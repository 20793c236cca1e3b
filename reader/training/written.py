"""Questions written for paragraphs of the training data: what each answers, and what it does not.

A rule that breaks a question leaves traces, and a reader learns the traces. These were written for this project,
paragraph by paragraph, with a language model's help: on the paragraph's very topic, so that a hasty reader would
point at a phrase and be wrong. Another name, number, role or condition, a fact that is just not told, a false premise
(the kinds of SQuAD 2.0; Rajpurkar, Jia and Liang 2018, "Know What You Don't Know"). Beside them stand questions in the
same words that are answered, some of them near twins, so that nothing but reading tells the two apart.

``written.jsonl.gz`` has a JSON object a line and paragraph: ``paragraph``, the digest of its text, which stays where
it is; ``answered``, lists of a question and its answer's first character and the one after its last; ``unanswered``,
questions.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from reader.training.examples import OWN, Asked, Labelled, Pool, labelled

DATASET = "written"
FILE = OWN / "written.jsonl.gz"


def digest(text: str) -> str:
    """What the file names a paragraph by: the first sixteen hexadecimal digits of the SHA-256 of its UTF-8 text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def read_written(path: Path = FILE) -> dict[str, Asked]:
    """The questions of each paragraph, by its digest."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return {
        record["paragraph"]: Asked(
            tuple((question, start, end) for question, start, end in record["answered"]), tuple(record["unanswered"])
        )
        for record in records
    }


def with_written_questions(pool: Pool, written: Mapping[str, Asked]) -> Pool:
    """``pool`` with the questions written for its contexts behind its own.

    Each answered question brings its share of those that its paragraph does not answer (``Labelled.unanswered``).
    """
    return Pool(pool.contexts, (*pool.questions, *_labelled(pool, written)))


def _labelled(pool: Pool, written: Mapping[str, Asked]) -> Iterator[Labelled]:
    seen = set[str]()
    for index, context in enumerate(pool.contexts):
        name = digest(context.text)
        if name in seen or name not in written:  # some paragraphs stand in two data sets
            continue
        seen.add(name)
        yield from labelled(DATASET, context, index, written[name])
