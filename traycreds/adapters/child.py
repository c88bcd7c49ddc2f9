"""A program that runs below this one, where a process cannot turn into another: on Windows.

Never reads or writes what the program does.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence


def run(program: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program to its end; returns its exit code.

    Ctrl-C is for the program, which shares the console.

    Raises:
        OSError: it cannot be run.
    """
    # Windows itself does not look into the PATH of the new environment.
    path = shutil.which(program[0], path=environment.get("PATH"))
    if path is None:
        raise FileNotFoundError(program[0])
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run([path, *program[1:]], env=dict(environment), check=False).returncode  # noqa: S603
    finally:
        signal.signal(signal.SIGINT, before)
