"""Tests obey the rules of the product, and none of them depends on how fast the machine is."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from collections.abc import Callable

from hypothesis import settings

from tests.architecture.sources import TEST_FILES, TESTS, found_in, name_of, nodes_of, text_of

MOST_LINES = 400
FASTEST = 60
"""How much faster than real time a clock of a test may run; beyond, the machine's own delays decide."""
SHORTEST = 2
"""Seconds between two real moments of which a test says that one came soon after the other."""
MOST_PRIVATE_PATCHES = 9
CLOCKS = {"monotonic", "perf_counter", "time"}


def each(source: str, kind):
    return (node for node in nodes_of(source) if isinstance(node, kind))


def places(lines: Callable[[str], list[int]]) -> list[str]:
    """Where in the tests a search finds something."""
    return [f"{path.relative_to(TESTS)}:{line}" for path in TEST_FILES for line in lines(text_of(path))]


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


@found_in(TEST_FILES)
def fast_clocks(source: str) -> list[int]:
    return [call.lineno for call in each(source, ast.Call) if max(speeds(call), default=0) > FASTEST]


@found_in(TEST_FILES)
def deadlines(source: str) -> list[int]:
    """Where Hypothesis is given a time for an example."""
    calls = [call for call in each(source, ast.Call) if isinstance(call.func, ast.Name) and call.func.id == "settings"]
    given = [word for call in calls for word in call.keywords if word.arg == "deadline"]
    return [word.value.lineno for word in given if ast.unparse(word.value) != "None"]


@found_in(TEST_FILES)
def soon_moments(source: str) -> list[int]:
    """Where one real moment must come soon after another."""
    return [
        compare.lineno
        for compare in each(source, ast.Compare)
        if reads_a_real_clock(compare)
        for comparison, limit in zip(compare.ops, compare.comparators, strict=True)
        if isinstance(comparison, (ast.Lt, ast.LtE)) and any(number < SHORTEST for number in numbers([limit]))
    ]


@found_in(TEST_FILES)
def private_patches(source: str) -> list[int]:
    """Where a private name is replaced."""
    return [
        call.lineno
        for call in each(source, ast.Call)
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"setattr", "delattr"} and len(call.args) > 1
        for name in [call.args[1] if len(call.args) > 2 else call.args[0]]
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
        if name.value.rpartition(".")[2].startswith("_") and not name.value.rpartition(".")[2].startswith("__")
    ]


def test_no_file_is_long():
    long = [name_of(path) for path in TEST_FILES if len(text_of(path).splitlines()) > MOST_LINES]
    assert long == [], "split it by what it tests"


def test_no_clock_runs_fast():
    assert not places(fast_clocks), "let a clock of the test's own stand until the test moves it"


def test_no_property_fails_because_the_machine_is_busy():
    """Hypothesis gives an example 200 ms unless it is given none, or another time."""
    assert settings().deadline is None
    assert places(deadlines) == []


def test_no_test_says_that_a_real_moment_comes_soon_after_another():
    assert not places(soon_moments), "let what must not be waited for never come, and wait for the end alone"


def test_few_private_names_are_replaced():
    """A test that replaces a private name tests how something is done, and breaks with its next better shape."""
    patched = places(private_patches)
    assert len(patched) <= MOST_PRIVATE_PATCHES, "\n".join(
        f"{count} {name}" for name, count in Counter(patched).items()
    )
