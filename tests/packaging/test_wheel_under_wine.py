"""The wheel on Windows: pip makes two programs of it there, one for terminals and one that opens no window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pip
import pytest

import traycreds
from tests.packaging.conftest import ROOT
from tests.windows import wine
from tests.windows.mark import needs_wine
from tests.windows.resources import is_for_terminals

pytestmark = [pytest.mark.slow, pytest.mark.wine, needs_wine, pytest.mark.timeout(300)]


def test_pip_makes_programs_of_it_that_run(tmp_path):
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", tmp_path, "-t", "wheel"], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    target = tmp_path / "installed"
    words = [wine.windows_path(path) for path in (Path(pip.__file__).parent, target, wheel)]
    done = wine.run([words[0], "install", "-q", "--no-index", "--no-deps", "--target", *words[1:]], seconds=200)
    assert done.returncode == 0, done.stdout.decode(errors="replace")
    folders = ";".join(wine.windows_path(path) for path in (target, wine.USUAL.site))
    for name in ("traycreds", "traycredsw"):
        program = target / "bin" / f"{name}.exe"
        assert is_for_terminals(program) == (name == "traycreds")
        message = subprocess.run(
            ["wine", program, "--version"],
            env=wine.surroundings({"PYTHONPATH": folders}),
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
        ).stdout
        assert message.split() == [b"traycreds", traycreds.__version__.encode()]
