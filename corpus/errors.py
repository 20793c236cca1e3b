"""Every error a user can meet, in one tree; the drawing below is held true by a test.

    PullquoteError
    ├── ArticleError
    │   ├── UnreadableFile
    │   ├── InvalidArticle
    │   └── UnknownArticle
    ├── IndexProblem
    │   ├── IndexMissing
    │   ├── IndexIncompatible
    │   ├── IndexBusy
    │   └── FeedbackFull
    ├── ModelError
    ├── QuestionError
    ├── CitationError
    ├── GoldError
    ├── SettingsError
    └── Overloaded

A message says what went wrong, where, what was expected, and what to do. ``code`` is stable: it
is what a program matches on, over HTTP and in ``--json`` output alike.
"""

from __future__ import annotations

from typing import ClassVar


class PullquoteError(Exception):
    """The root: catch this to catch all that this project raises on purpose."""

    code: ClassVar[str] = "error"


class ArticleError(PullquoteError):
    """Something about one article, or a file of articles."""

    code = "article_error"


class UnreadableFile(ArticleError):
    """A file of the corpus folder that cannot be read as articles.

    Attributes:
        path: the file, as shown to the person (relative to the corpus folder).
        reason: why, in one clause.
    """

    code = "unreadable_file"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class InvalidArticle(ArticleError):
    """An article that breaks a rule: empty text, a bad id, a date that is none."""

    code = "invalid_article"


class UnknownArticle(ArticleError):
    """No article has this id."""

    code = "unknown_article"


class IndexProblem(PullquoteError):
    """Something about the index on disk."""

    code = "index_error"


class IndexMissing(IndexProblem):
    """There is no index where one was expected."""

    code = "index_missing"


class IndexIncompatible(IndexProblem):
    """The index was made by another version, or with another encoder."""

    code = "index_incompatible"


class IndexBusy(IndexProblem):
    """Another process held the index's write lock for too long."""

    code = "index_busy"


class FeedbackFull(IndexProblem):
    """No more feedback is kept beside the index."""

    code = "feedback_full"


class ModelError(PullquoteError):
    """A model file is missing, damaged, or not of the expected kind."""

    code = "model_error"


class QuestionError(PullquoteError):
    """A question that cannot be asked: blank, or too long."""

    code = "invalid_question"


class CitationError(PullquoteError):
    """Something that is to be verified, and is no citation."""

    code = "invalid_citation"


class GoldError(PullquoteError):
    """A gold file, or a row of one, that breaks its schema or its article."""

    code = "gold_error"


class SettingsError(PullquoteError):
    """A setting that is unknown, or has a value it cannot have."""

    code = "settings_error"


class Overloaded(PullquoteError):
    """More questions at once than the service takes; ask again after ``retry_after_s``."""

    code = "overloaded"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
