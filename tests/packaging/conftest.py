"""The packaging scripts as modules, and what they build, once for all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
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
    """The folder of the Linux app: TRAYCREDS_DIST/traycreds where that variable is set, else built now."""
    given = os.environ.get("TRAYCREDS_DIST")
    out = Path(given) if given else tmp_path_factory.mktemp("dist")
    if not given:
        script("build_linux.py", "--out", out)
    return out / "traycreds"
