"""The tests of what is close to the system once more, by Windows' Python under Wine; each run's output is the failure."""

from __future__ import annotations

import pytest

from tests.windows import wine
from tests.windows.mark import needs_wine

pytestmark = [pytest.mark.wine, needs_wine, pytest.mark.timeout(900)]

SECONDS = 850
"""Far more than any of them takes."""
OPTIONS = ("-q", "-p", "no:cacheprovider", "--no-header", "-r", "fE")


@pytest.mark.parametrize(
    "what",
    [
        "tests/unit/adapters",
        "tests/unit/app tests/unit/ui",
        "tests/unit/core tests/property",
        "tests/integration/control tests/integration/credfile",
        "tests/integration/cli",
    ],
)
def test_windows_python_says_the_same(what):
    done = wine.run(["-m", "pytest", *OPTIONS, *what.split()], seconds=SECONDS)
    told = done.stdout.decode(errors="replace").replace("\r\n", "\n")
    assert done.returncode == 0, told[-20_000:]
    assert " passed" in told
