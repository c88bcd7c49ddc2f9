"""Commands that need no running app."""

from __future__ import annotations

from collections.abc import Iterator

from tools.bench.process import bare_python, script, took
from tools.bench.row import Figure, compared


def rows() -> Iterator[Figure]:
    """Measure."""
    yield compared("`--version`", lambda: took([script(), "--version"]), bare_python, most=4)
