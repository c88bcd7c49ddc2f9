"""Reads an AWS file for a command, which has not seen it before: whole, if the system tells who is writing it.

Waits for no rest: a command that only reads is not to be slow.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from traycreds.files import contents, writers

PATIENCE, _STEP = 3.0, 0.005
"""Seconds to wait for a program that has the file open for writing, and between looks."""


def read(path: Path) -> contents.Reading:
    """Read a file, which need not exist; while a program has it open for writing, wait for its end for 3 seconds.

    Raises:
        CredentialsFileError: it cannot be read, or is not a regular file.
    """
    deadline = time.monotonic() + PATIENCE
    reading = contents.read(path)
    while reading.is_open and time.monotonic() < deadline:
        time.sleep(_STEP)
        reading = contents.read(path)
    return reading


@contextlib.contextmanager
def held(path: str | Path) -> Iterator[None]:
    """Have a file, which need not exist, stay whole for somebody else's parser, which opens it by its name.

    Programs that come to write it wait until the end of the `with`, so it must be over in milliseconds.
    """
    place = Path(os.path.expandvars(path)).expanduser()
    with contextlib.ExitStack() as stack:
        if sys.platform == "linux":  # elsewhere nobody can be held off
            _hold(place, stack)
        yield


def _hold(path: Path, stack: contextlib.ExitStack) -> None:
    deadline = time.monotonic() + PATIENCE
    with contextlib.suppress(OSError):  # the parser meets it too, and says so
        while stat.S_ISREG(path.stat().st_mode):
            with contextlib.ExitStack() as attempt:
                file = attempt.enter_context(path.open("rb"))
                is_open = attempt.enter_context(writers.held_off(file.fileno())).is_open
                if not is_open or time.monotonic() >= deadline:
                    stack.enter_context(attempt.pop_all())
                    return
            time.sleep(_STEP)
