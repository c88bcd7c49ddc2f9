"""Reads an AWS file for a command: whole, if the system tells who writes it, without waiting for it to settle."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from traycreds.files import contents, write_end, writers

PATIENCE, _STEP = 3.0, 0.005
"""Seconds to wait for a program that has the file open for writing, and between looks."""


def read(path: Path) -> contents.Reading:
    """Read a file, which may be missing; wait up to 3 seconds for a writer. Raises CredentialsFileError."""
    return write_end.Watch(lambda: contents.read(path)).wait(_pause)


@contextlib.contextmanager
def held(path: str | Path) -> Iterator[None]:
    """Keep a file, which may be missing, whole for a parser that opens it by name; writers wait, so be quick."""
    place = Path(os.path.expandvars(path)).expanduser()
    with contextlib.ExitStack() as stack:
        # Only Linux can hold off writers.
        if sys.platform == "linux":
            _hold(place, stack)
        yield


def _hold(path: Path, stack: contextlib.ExitStack) -> None:
    attempt = stack.enter_context(contextlib.ExitStack())

    def read() -> contents.Reading:
        """Hold it, without its bytes."""
        attempt.close()
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return contents.Reading(None, None)
        file = attempt.enter_context(path.open("rb"))
        held = attempt.enter_context(writers.held_off(file.fileno()))
        return contents.Reading(None, contents.stamp_of(found), held.is_open)

    # The parser meets the same error, and reports it.
    with contextlib.suppress(OSError):
        write_end.Watch(read).wait(_pause)


def _pause(watch: write_end.Watch) -> float | None:
    return _STEP if watch.reading.is_open and watch.waited < PATIENCE else None
