"""Commands that need no running app, beside those of peers from PyPI where these are wanted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.app import script
from tests.bench.row import Row, seconds, timed

TIMES = 15


def rows(*, peers: bool) -> Iterator[Row]:
    """Measure; `peers` installs them first."""
    with tempfile.TemporaryDirectory() as folder:
        others = _peers(Path(folder)) if peers else ""
        yield timed("`--version`", lambda: took([script(), "--version"]), TIMES, under=0.06, others=others)


def took(command: list[str]) -> float:
    """Seconds of a command."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def _peers(scratch: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", scratch / "venv"], check=True)
    programs = scratch / "venv" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([programs / "python", "-m", "pip", "install", "-q", "awscli"], check=True)
    aws = [str(programs / "python"), str(programs / "aws"), "--version"]
    version = subprocess.run(aws, check=True, capture_output=True, text=True).stdout.split()[0]
    return f"{seconds([took(aws) for _ in range(TIMES)])} ({version}, in the same run)"
