"""The tests of what is close to the system again, by Windows' Python under Wine; each run's output is the failure.

The oldest Python that we promise to run on takes those that tell whether all can be imported and thought there. All of
the command line's tests take five minutes there, so that CI has some, and `pytest -m slow tests/windows` all.
"""

from __future__ import annotations

import subprocess

import pytest

from tests.windows import wine
from tests.windows.mark import needs_wine

pytestmark = [pytest.mark.wine, needs_wine, pytest.mark.timeout(900), pytest.mark.usefixtures("drive")]

SECONDS = 850
"""Far more than any of them takes."""
OPTIONS = ("-q", "-p", "no:cacheprovider", "--no-header", "-r", "fE", "--capture=sys")
OPTIONS += ("-o", "timeout=300")
"""Capturing streams below Python's own takes longer there than most tests; a start can take a minute."""
CLI = "tests/integration/cli"


def says_the_same(what: tuple[str, ...], python: wine.Python) -> None:
    try:
        done = wine.run(["-m", "pytest", *OPTIONS, *what], python=python, seconds=SECONDS)
    except subprocess.TimeoutExpired as late:
        pytest.fail((late.stdout or b"").decode(errors="replace")[-20_000:])
    reported = done.stdout.decode(errors="replace").replace("\r\n", "\n")
    assert done.returncode == 0, reported[-20_000:]
    assert " passed" in reported


@pytest.mark.parametrize(
    "what",
    [
        ("tests/unit/awsfiles", "tests/unit/files", "tests/unit/process", "tests/unit/state"),
        ("tests/unit/config", "tests/unit/control", "tests/unit/desktop", "tests/unit/importers"),
        ("tests/unit/doctor", "tests/unit/ui"),
        ("tests/property/test_ini_edit_roundtrip.py", "tests/contract/test_source.py", "tests/contract/test_store.py"),
        ("tests/integration/control", "tests/integration/credentials_file", "tests/integration/power"),
        (f"{CLI}/test_streams.py", f"{CLI}/test_windows_console.py", f"{CLI}/test_live_profile.py"),
        (f"{CLI}/test_control.py", "-k", "use or quit or kill or secret"),
        pytest.param((CLI,), marks=pytest.mark.slow),
    ],
    ids=lambda what: " ".join(what).replace("tests/", ""),
)
def test_on_windows_python(what):
    says_the_same(what, wine.USUAL)


def test_on_the_oldest_python():
    says_the_same(("tests/unit/core", "tests/unit/engine", "tests/unit/app", "tests/unit/lifecycle"), wine.OLDEST)
