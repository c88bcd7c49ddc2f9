"""Tests that a table cites as `file::name`, from `tests` on: whether they are there."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).parents[1]


def missing(cited: Iterable[str]) -> list[str]:
    """Those that no file defines."""
    return [test for test in cited if test.rpartition("::")[2] not in _names_of(TESTS / test.partition("::")[0])]


def _names_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
