"""The shape of the code: small modules with one noun and a docstring, small folders, and one place that prints."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.sources import (
    MODULES,
    PRODUCT,
    SOURCES,
    TESTS,
    docstring_of,
    found_in,
    name_of,
    nodes_of,
    text_of,
)

FOLDERS = sorted({path.parent for path in SOURCES if not path.is_relative_to(TESTS)})
MOST_LINES = 350
MOST_MODULES = 12
MOST_DOCSTRINGS = 0.105
"""Of all lines that are not blank, as a reader counts: there were 18 %."""
FEWER_SILENCED = 80
"""There were 280. Who needs one more finds out first whether the code can do without, or the rule does not fit."""
LIMIT = re.compile(r"\b(never|nothing|pure|knows no|alone)\b", re.IGNORECASE)
"""What says where a package ends."""
NO_NOUNS = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}


@found_in(MODULES)
def prints_in(source):
    """The lines that call `print`."""
    return [
        node.lineno
        for node in nodes_of(source)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_every_part_is_checked():
    assert {path.parent.name for path in MODULES} >= {
        "traycreds",
        "core",
        "lifecycle",
        "engine",
        "aws",
        "awsfiles",
        "ui",
        "app",
        "sim",
    }


def test_a_module_is_small_and_says_what_it_is():
    assert [name_of(path) for path in MODULES if len(text_of(path).splitlines()) > MOST_LINES] == []
    silent = [name_of(path) for path in MODULES if not docstring_of(text_of(path))]
    assert silent == [], "a docstring says what the module owns"


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_folder_can_be_read_at_a_glance(folder):
    modules = [path.stem for path in folder.glob("*.py") if path.stem not in {"__init__", "__main__"}]
    assert len(modules) <= MOST_MODULES, modules


def test_a_module_and_its_folder_are_named_by_a_noun():
    parts = {path: path.relative_to(PRODUCT).with_suffix("").parts for path in MODULES}
    words = {path: {word for part in parts[path] for word in part.lower().split("_")} for path in MODULES}
    assert {name_of(path): found for path in MODULES if (found := words[path] & NO_NOUNS)} == {}


def test_a_package_says_what_never_belongs_there():
    packages = [path for path in MODULES if path.name == "__init__.py" and path.parent != PRODUCT]
    endless = [path for path in packages if not LIMIT.search(docstring_of(text_of(path)))]
    assert [name_of(path) for path in endless] == []


def test_few_lints_are_silenced():
    assert sum(text_of(path).count("# noqa") for path in MODULES) < FEWER_SILENCED


def test_only_the_command_line_prints():
    assert prints_in("x = 1\nprint(x)\n") == [2]
    printing = {path.relative_to(PRODUCT).parts[0] for path in MODULES if prints_in(text_of(path))}
    assert {part.removesuffix(".py") for part in printing} == {"cli"}


def lines_in(text):
    """How many lines are not blank."""
    return sum(bool(line.strip()) for line in text.splitlines())


@found_in(MODULES)
def docstring_lines(source):
    """How many lines docstrings take, of a module, its classes and functions, without blank ones."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = (node.body[0] for node in nodes_of(source) if isinstance(node, owners) and ast.get_docstring(node))
    lines = source.splitlines()
    return sum(lines_in("\n".join(lines[text.lineno - 1 : text.end_lineno])) for text in texts)


def test_docstrings_are_a_small_part_of_the_code():
    assert (
        docstring_lines('"""One."""\n\ndef f():\n    """Two.\n\n    More.\n    """\n    return """Not one."""\n') == 4
    )
    texts = [text_of(path) for path in MODULES]
    share = sum(map(docstring_lines, texts)) / sum(map(lines_in, texts))
    assert share < MOST_DOCSTRINGS, "say in one line what a reader needs: meaning, units, what it raises"
