from __future__ import annotations

from collections.abc import Iterator

import corpus.errors
from corpus.errors import Overloaded, PullquoteError, UnreadableFile


def _drawn(docstring: str) -> Iterator[tuple[int, str]]:
    """Depth and name of each class in the drawing."""
    for line in docstring.splitlines():
        name = line.lstrip(" │├└─")
        if name == "PullquoteError" or "── " in line:
            yield (len(line) - len(name) - 4) // 4, name


def _defined(root: type[PullquoteError], depth: int = 0) -> Iterator[tuple[int, str]]:
    yield depth, root.__name__
    for child in root.__subclasses__():
        if child.__module__ == corpus.errors.__name__:
            yield from _defined(child, depth + 1)


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    assert list(_drawn(corpus.errors.__doc__ or "")) == list(_defined(PullquoteError))


def test_every_error_has_a_code_of_its_own() -> None:
    classes = [getattr(corpus.errors, name) for _, name in _defined(PullquoteError)]
    codes = [one.code for one in classes]
    assert all("code" in vars(one) for one in classes)
    assert len(set(codes)) == len(codes)


def test_an_unreadable_file_names_path_and_reason() -> None:
    problem = UnreadableFile("2025/a.txt", "it is empty")
    assert (problem.path, problem.reason, str(problem)) == ("2025/a.txt", "it is empty", "2025/a.txt: it is empty")


def test_overload_says_when_to_come_back() -> None:
    assert Overloaded("busy", retry_after_s=2).retry_after_s == 2
