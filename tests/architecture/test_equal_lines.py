"""No run of equal lines is in two places: what is said once is fixed once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pytest

from tests.architecture.sources import ROOT, SOURCES, name_of, text_of

RUN = 6
"""So many equal lines in a row are too many; blank lines, and lines that begin an import, do not count."""


def counted(source: str) -> list[tuple[int, str]]:
    """The lines of a source that count, stripped, with their numbers."""
    lines = ((number, line.strip()) for number, line in enumerate(source.splitlines(), 1))
    return [(number, line) for number, line in lines if line and not line.startswith(("import ", "from "))]


def runs(sources: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Where runs of equal lines stand, by their first line."""
    found = defaultdict(list)
    for name, source in sources:
        lines = counted(source)
        for at in range(len(lines) - RUN + 1):
            found[tuple(line for _, line in lines[at : at + RUN])].append(f"{name}:{lines[at][0]}")
    return {run[0]: places for run, places in found.items() if len(places) > 1}


SPECS = sorted(ROOT.joinpath("packaging").rglob("*.spec"))
"""Python under another ending."""


def test_no_run_of_equal_lines_stands_in_two_places() -> None:
    assert runs((name_of(path), text_of(path)) for path in (*SOURCES, *SPECS)) == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("\n".join("abcdef") + "\nx\n" + "\n\n  ".join("abcdef"), {"a": ["x.py:1", "x.py:8"]}),
        ("\n".join("abcde") + "\nx\n" + "\n".join("abcde"), {}),
        ("from a import (\nb,\nc,\nd,\ne,\n)\nx\nfrom g import (\nb,\nc,\nd,\ne,\n)\n", {}),
        ("from a import b\n" * 12, {}),
    ],
    ids=["six", "five", "names", "imports"],
)
def test_a_run_is_found(source: str, found: dict[str, list[str]]) -> None:
    assert runs([("x.py", source)]) == found


def test_all_folders_are_read() -> None:
    assert {name_of(path).partition("/")[0] for path in SOURCES} == {"traycreds", "packaging", "tests", "tools"}
    assert ROOT.joinpath("tests/architecture/test_equal_lines.py") in SOURCES
    assert [path.parent.name for path in SPECS] == ["linux", "macos", "windows"]
