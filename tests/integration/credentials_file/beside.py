"""Other processes beside a test, which are actors, and the file of theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.integration.credentials_file import actors
from tests.support.wait_until import PATIENCE
from traycreds.core.model import Batch

ROOT = Path(__file__).parents[3]


def untraced():
    """The environment without what makes coverage follow into other processes: it would slow them fivefold."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


def begin(*arguments):
    """Start an actor."""
    command = [sys.executable, "-m", "tests.integration.credentials_file.actors", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, env=untraced(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def outcome(process):
    """What an actor printed; its traceback fails the test."""
    printed, errors = process.communicate(timeout=PATIENCE + 35)
    assert process.returncode == 0, errors
    return printed


def filled(on_disk, *, count, foreign="[scratch]\nregion = eu-0\n"):
    on_disk.put(foreign)
    on_disk.store().write(Batch(sets=tuple(actors.a_write(f"p{number}", 1) for number in range(count))))
    os.utime(on_disk.path, (1e9, 1e9))
