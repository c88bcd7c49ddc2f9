"""The packaging scripts as modules, and what they build, once for all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.packed import Packed
from traycreds.sim.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
SUFFIX = ".exe" if sys.platform == "win32" else ""
sys.path.insert(0, str(PACKAGING))  # the scripts import one another as they do when they are run


def script(name: str, *arguments: str | Path) -> str:
    """Run one of our scripts to its end; what it printed."""
    done = subprocess.run(
        [sys.executable, PACKAGING / name, *arguments], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The folder of this platform's app: TRAYCREDS_DIST/traycreds where that variable is set, else built now."""
    given = os.environ.get("TRAYCREDS_DIST")
    out = Path(given) if given else tmp_path_factory.mktemp("dist")
    if not given:
        script("build_windows.py" if sys.platform == "win32" else "build_linux.py", "--out", out)
    return out / "traycreds"


@pytest.fixture
def packed(app, home):
    """A sandbox for the app."""
    with Simulator() as simulator:
        yield Packed(home, simulator, app / f"traycreds{SUFFIX}")
