"""One refresh is read in ten modules, from the engine to the file, and leads back to none of them but with its result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tests.architecture.sources import ROOT, nodes_of, text_of
from tests.architecture.test_imports import imported_by

MOST = 10
VALUES = {"Job", "AssumeRoleSettings", "has_keys", "HOUR", "LONGEST"}
"""What a module may have of an earlier one: values, which need no following."""


def on_the_way() -> list[str]:
    """The modules that docs/architecture.md has a reader go through."""
    text = text_of(ROOT / "docs" / "architecture.md")
    way = re.search("<!-- one refresh -->(.*)<!-- /one refresh -->", text, re.DOTALL)
    assert way is not None
    steps = re.findall(r"^(\d+)\. `(traycreds/[a-z_/]+\.py)`", way[1], re.MULTILINE)
    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    return [module for _, module in steps]


def ways_back(modules: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What modules take from earlier ones that is no value.

    Args:
        modules: each with its source, in order.
    """
    earlier: list[str] = []
    for name, source in modules:
        for node in nodes_of(source):
            for full in imported_by(node):
                module, _, what = full.rpartition(".")
                if full in earlier or (module in earlier and what not in VALUES):
                    yield f"{name}: {full}"
        earlier.append(name)


def dotted(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def test_ten_modules_are_enough_and_none_comes_twice() -> None:
    modules = on_the_way()
    assert modules[0] == "traycreds/engine/loop.py"
    assert modules[-1] == "traycreds/files/atomic_write.py"
    assert len(set(modules)) == len(modules) <= MOST


def test_no_step_leads_back() -> None:
    assert list(ways_back([(dotted(path), text_of(ROOT / path)) for path in on_the_way()])) == []


def test_a_way_back_is_found() -> None:
    modules = [
        ("a.one", ""),
        ("a.two", "from a.one import Job"),
        ("a.three", "from a import one\nfrom a.two import go"),
    ]
    assert list(ways_back(modules)) == ["a.three: a.one", "a.three: a.two.go"]
