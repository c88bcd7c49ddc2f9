"""What has one right way is done in one module: who does it elsewhere is shown that module."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import pytest

from tests.architecture.sources import MODULES, PRODUCT, found_in, name_of, nodes_of, text_of
from tests.architecture.test_imports import imported_by

ONE_WAY = {
    "fromisoformat": {"traycreds/core/text.py": "`from_rfc_3339` reads every moment, from us or others"},
    "isoformat": {
        "traycreds/control/snapshot_json.py": "keeps fractions; a Python 3.10 of an older command reads no Z. "
        "Elsewhere `rfc_3339` writes moments",
    },
    "sleep": {
        "traycreds/files/write_end.py": "`Watch` waits for the end of a write",
        "traycreds/files/atomic_write_windows.py": "`patiently` tries again what Windows refuses for a moment",
        "traycreds/awsfiles/credentials_file.py": "gives the core's files their way to pause",
    },
    "Thread": {
        "traycreds/process/bounded_call.py": "`daemon` starts one; all others are for a reason of their own:",
        "traycreds/app/demo/guided_run.py": "they are joined at the end, and one begins later",
        "traycreds/app/followers/config_watch.py": "loaded for the icon, which `bounded_call` would delay",
        "traycreds/cli/live/terminal.py": "loaded for the icon too",
        "traycreds/control/server.py": "imports nothing of `process`",
        "traycreds/dbus/connection.py": "imports nothing of `process`",
        "traycreds/desktop/browser.py": "loaded for the icon too",
        "traycreds/desktop/notifications/balloon.py": "is joined at the end",
        "traycreds/desktop/notifications/notifier.py": "is joined by the next call",
        "traycreds/engine/loop.py": "is there before it starts",
        "traycreds/ui/tray/main_thread.py": "loaded for the icon too",
        "traycreds/ui/tray/status_notifier.py": "is no daemon",
    },
    "subscribe": {"traycreds/app/services.py": "what shows Snapshots gets each; what acts is a follow-up"},
}
"""Functions, with the modules that may call them, and what for."""
NOT_IN_THE_DEMO = tuple(f"traycreds/{part.name}/" for part in PRODUCT.iterdir() if part.is_dir() and part.name != "sim")
IN = {
    "Thread": NOT_IN_THE_DEMO,
    "sleep": ("traycreds/files/", "traycreds/awsfiles/"),
    "subscribe": ("traycreds/app/", "traycreds/usecases/"),
}
"""Where that counts, if not everywhere."""


def elsewhere(name: str, sources: Iterable[tuple[str, str]]) -> list[str]:
    """The sources that use a function which another module has for them."""
    return [
        file
        for file, source in sources
        if file.startswith(IN.get(name, ("traycreds/",))) and file not in ONE_WAY[name] and name in used(source)
    ]


@found_in(MODULES)
def used(source: str) -> frozenset[str]:
    """The names that a source takes from what it imports."""
    found = {node.attr for node in nodes_of(source) if isinstance(node, ast.Attribute)}
    return frozenset(found) | {
        alias.name for node in nodes_of(source) if isinstance(node, ast.ImportFrom) for alias in node.names
    }


@pytest.mark.parametrize("name", ONE_WAY)
def test_it_is_done_in_one_way(name: str) -> None:
    assert elsewhere(name, ((name_of(path), text_of(path)) for path in MODULES)) == [], ONE_WAY[name]


@pytest.mark.parametrize("name", ONE_WAY)
def test_each_module_still_does_it(name: str) -> None:
    sources = {name_of(path): text_of(path) for path in MODULES}
    assert [file for file in ONE_WAY[name] if name not in used(sources[file])] == []


LOADED_FILES = "traycreds/config/loaded_files.py"
"""Loads our configuration, and has the search for programs follow it."""


@found_in(MODULES)
def loads_by_itself(source: str) -> bool:
    """Whether a source loads the configuration itself."""
    return any(isinstance(node, ast.Attribute) and ast.unparse(node) == "loader.load" for node in nodes_of(source)) or (
        "traycreds.config.loader.load" in (name for node in nodes_of(source) for name in imported_by(node))
    )


def test_the_configuration_is_loaded_in_one_place() -> None:
    assert [name_of(path) for path in MODULES if loads_by_itself(text_of(path))] == [LOADED_FILES]


@pytest.mark.parametrize("source", ["loader.load(paths, aws)", "from traycreds.config.loader import load"])
def test_another_place_is_found(source: str) -> None:
    assert loads_by_itself(source)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time\ntime.sleep(1)\n", ["traycreds/files/x.py"]),
        ("from time import sleep\n", ["traycreds/files/x.py"]),
        ("self._sleep(1)\n", []),
    ],
)
def test_another_way_is_found(source: str, found: list[str]) -> None:
    assert elsewhere("sleep", [("traycreds/files/x.py", source), ("traycreds/engine/x.py", source)]) == found
