"""Commands that need no running app, beside those of peers from PyPI where these are wanted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.bench.process import bare_python, script, took
from tools.bench.row import TIMES, Figure, compared, seconds


def rows(*, peers: bool) -> Iterator[Figure]:
    """Measure; `peers` installs them first."""
    with tempfile.TemporaryDirectory() as folder:
        others = _peers(Path(folder)) if peers else ""
        yield compared("`--version`", lambda: took([script(), "--version"]), bare_python, most=4, others=others)


def _peers(scratch: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", scratch / "venv"], check=True)
    programs = scratch / "venv" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([programs / "python", "-m", "pip", "install", "-q", "awscli"], check=True)
    aws = [str(programs / "python"), str(programs / "aws"), "--version"]
    version = subprocess.run(aws, check=True, capture_output=True, text=True).stdout.split()[0]
    return f"{seconds([took(aws) for _ in range(TIMES)])} ({version}, in the same run)"
