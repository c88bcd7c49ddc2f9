"""The packaging scripts as modules, and what they build, once for all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.packed_sandbox import Packed
from tests.support.sim import AwsSimulator

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
SUFFIX = ".exe" if sys.platform == "win32" else ""
# The scripts import one another as they do when they run.
sys.path.insert(0, str(PACKAGING))


def run(*command: str | Path, **options: Any) -> str:
    """Run a program to its good end; what it printed."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def script(name: str, *arguments: str | Path) -> str:
    """Run one of our scripts to its end; what it printed."""
    return run(sys.executable, PACKAGING / name, *arguments, cwd=ROOT)


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
    with AwsSimulator() as simulator:
        yield Packed(home, simulator, app / f"traycreds{SUFFIX}")
