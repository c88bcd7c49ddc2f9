"""The shape of the code: small modules with one noun and a docstring, and one place that prints."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import traycreds

ROOT = Path(traycreds.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
MOST_LINES = 320
NO_NOUNS = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def prints_in(source):
    """The lines that call `print`."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_every_part_is_looked_at():
    assert {path.parent.name for path in MODULES} >= {"traycreds", "core", "engine", "adapters", "ui", "app", "sim"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_small_and_says_what_it_is(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(source)), "a docstring says what the module owns"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_and_its_folder_are_named_by_a_noun(path):
    words = {word for part in path.relative_to(ROOT).with_suffix("").parts for word in part.lower().split("_")}
    assert not words & NO_NOUNS


def test_only_the_command_line_prints():
    assert prints_in("x = 1\nprint(x)\n") == [2]
    printing = {path.relative_to(ROOT).parts[0] for path in MODULES if prints_in(path.read_text(encoding="utf-8"))}
    assert {part.removesuffix(".py") for part in printing} == {"cli"}
