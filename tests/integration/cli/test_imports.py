"""What commands import, by count: their time is made of it, and unlike the time it is the same on every machine."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest

from tests.windows.mark import not_on_windows

MOST_OF_OURS = {
    "--version": 3,
    "use dev": 22,
    "status": 27,
    "creds dev": 34,
    "env dev": 35,
    "exec dev -- true": 35,
}
"""Our modules that a command may import while the app runs and the session is on file, as many as there are now."""
HEAVY = {
    "botocore",
    "boto3",
    "PIL",
    "pystray",
    "plyer",
    "filelock",
    "jeepney",
    "configparser",
    "dataclasses",
    "inspect",
    "locale",
}
"""What none of them imports."""
if sys.version_info >= (3, 14):
    # argparse itself imports these for its colors, whether it colors or not.
    HEAVY -= {"dataclasses", "inspect"}
CONFIGURATION = {"tomllib", "tomli", "platformdirs", "difflib", "threading", "traycreds.config.loader"}
"""What it takes to read the configuration, which the app has read."""
FURTHER = {
    "--version": {"socket", "json", "pathlib", "datetime"},
    "creds dev": CONFIGURATION | {"logging", "ctypes", "shutil", "traycreds.core.snapshot"},
    "env dev": CONFIGURATION | {"logging", "ctypes", "shutil", "traycreds.core.snapshot"},
    "exec dev -- true": CONFIGURATION | {"logging", "ctypes", "shutil", "traycreds.core.snapshot"},
    "status": CONFIGURATION | {"logging", "ctypes"},
    "use dev": CONFIGURATION | {"logging", "ctypes", "shutil"},
}
"""What one of them does not import either."""


def is_package(name):
    """Whether the name is a folder's: its `__init__` holds a sentence and nothing to run."""
    return importlib.util.find_spec(name).submodule_search_locations is not None


def imported(sandbox, line):
    """The modules that a command imports, by Python's own word; those of the program that `exec` turns into are not."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "traycreds", *line.split()],
        env=sandbox.environment(),
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return set(re.findall(r"^import time: +[0-9]+ \| +[0-9]+ \| +(\S+)$", done.stderr, re.MULTILINE))


@not_on_windows
@pytest.mark.parametrize("line", MOST_OF_OURS)
def test_a_command_imports_what_it_needs_and_no_more(sandbox, start, line):
    sandbox.add_role("dev", extra="keep = true")
    start()
    assert sandbox.command("use", "dev").returncode == 0
    there = imported(sandbox, line)
    assert "argparse" in there, "the list was read"
    assert not there & (HEAVY | FURTHER.get(line, set()))
    ours = {name for name in there if name.startswith("traycreds") and not is_package(name)}
    assert len(ours) <= MOST_OF_OURS[line], sorted(ours)
