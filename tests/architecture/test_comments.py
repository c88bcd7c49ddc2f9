"""A comment is a sentence above the code that says why."""

from __future__ import annotations

import pytest

from tests.architecture.sources import SOURCES, name_of, text_of, tokens_of

DIRECTIVES = ("# noqa", "# type: ignore", "# pragma: no cover", "# isort: skip", "# fmt: skip", "# pragma: no branch")
"""What tools read, in the line that it is about; the reason for it may follow."""


def behind_code(source):
    return [line for line, comment in tokens_of(source).trailing if not comment.startswith(DIRECTIVES)]


def test_no_comment_is_behind_code():
    found = [f"{name_of(path)}:{line}" for path in SOURCES for line in behind_code(text_of(path))]
    assert not found, "put a sentence above the line"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x = 1  # it starts here\n", [1]),
        ("# It starts here.\nx = 1\n", []),
        ("f(\n    1,  # the first\n)\n", [2]),
        ("x = '# a text'\n", []),
        ("import x  # noqa: F401 - for its effect\n", []),
        ("x: int = y  # type: ignore[assignment]\n", []),
    ],
)
def test_what_counts(source, lines):
    assert behind_code(source) == lines
