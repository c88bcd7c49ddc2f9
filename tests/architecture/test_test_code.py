"""Tests obey the rules of the product, and none of them depends on how fast the machine is."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from pathlib import Path

from hypothesis import settings

from tests.architecture.sources import TEST_FILES, TESTS, name_of, nodes_of, text_of

MOST_LINES = 400
FASTEST = 60
"""How much faster than real time a clock of a test may run; beyond, the machine's own delays decide."""
SHORTEST = 2
"""Seconds between two real moments of which a test says that one came soon after the other."""
MOST_PRIVATE_PATCHES = 9
CLOCKS = {"monotonic", "perf_counter", "time"}


def each(kind):
    """Every node of a kind in the tests, with its file."""
    return ((path, node) for path in TEST_FILES for node in nodes_of(text_of(path)) if isinstance(node, kind))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(TESTS)}:{node.lineno}"


def numbers(nodes) -> list[float]:
    """The numbers that are in an expression, in words too: a command line is made of strings."""
    found = []
    for node in nodes:
        if isinstance(node, ast.Constant):
            try:
                found.append(float(node.value))
            except (TypeError, ValueError):
                continue
    return found


def speeds(call: ast.Call) -> list[float]:
    """The speeds that a call gives to a clock."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    given = [argument for argument in call.args if name == "FastClock"]
    given += [keyword.value for keyword in call.keywords if keyword.arg == "speed"]
    words = [element for argument in call.args for element in getattr(argument, "elts", [argument])]
    given += [
        after
        for before, after in itertools.pairwise(words)
        if isinstance(before, ast.Constant) and before.value == "--speed"
    ]
    return numbers(given)


def reads_a_real_clock(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in CLOCKS
        and getattr(each.func.value, "id", "") == "time"
        for each in ast.walk(node)
    )


def test_no_file_is_long():
    long = [name_of(path) for path in TEST_FILES if len(text_of(path).splitlines()) > MOST_LINES]
    assert long == [], "split it by what it tests"


def test_no_clock_runs_fast():
    fast = [place(path, call) for path, call in each(ast.Call) if max(speeds(call), default=0) > FASTEST]
    assert not fast, "let a clock of the test's own stand until the test moves it"


def test_no_property_fails_because_the_machine_is_busy():
    """Hypothesis gives an example 200 ms unless it is given none, or another time."""
    assert settings().deadline is None
    calls = [
        (path, node) for path, node in each(ast.Call) if isinstance(node.func, ast.Name) and node.func.id == "settings"
    ]
    given = [(path, word) for path, node in calls for word in node.keywords if word.arg == "deadline"]
    assert [place(path, word) for path, word in given if ast.unparse(word.value) != "None"] == []


def test_no_test_says_that_a_real_moment_comes_soon_after_another():
    soon = [
        place(path, compare)
        for path, compare in each(ast.Compare)
        if reads_a_real_clock(compare)
        for comparison, limit in zip(compare.ops, compare.comparators, strict=True)
        if isinstance(comparison, (ast.Lt, ast.LtE)) and any(number < SHORTEST for number in numbers([limit]))
    ]
    assert not soon, "let what must not be waited for never come, and wait for the end alone"


def test_few_private_names_are_replaced():
    """A test that replaces a private name tests how something is done, and breaks with its next better shape."""
    patched = [
        place(path, call)
        for path, call in each(ast.Call)
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"setattr", "delattr"} and len(call.args) > 1
        for name in [call.args[1] if len(call.args) > 2 else call.args[0]]
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
        if name.value.rpartition(".")[2].startswith("_") and not name.value.rpartition(".")[2].startswith("__")
    ]
    assert len(patched) <= MOST_PRIVATE_PATCHES, "\n".join(
        f"{count} {name}" for name, count in Counter(patched).items()
    )
