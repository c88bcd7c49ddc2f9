"""A dialog program: gets a question on stdin, prints the answer, and ends if nobody answers.

No command line has either. Its end counts, not that of its pipes, which a background helper may keep open.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import IO

from traycreds.process.bounded_call import daemon
from traycreds.process.bounded_program import ChattyError, OverdueError, Pipe, follow
from traycreds.process.spawn import NO_WINDOW

log = logging.getLogger(__name__)

SECONDS = 300.0
"""How long a dialog stays open if the user went away."""
CANCELLED = 1
"""What our own dialogs exit with when the user closes them."""
REFUSED = 2
"""What they exit with when there is nothing to ask for, which they print."""
CANNOT_SHOW = 3
"""What our own dialogs exit with when they have no toolkit or no display."""

_REAP_SECONDS = 2.0
"""Time for a killed dialog to be gone."""


def given() -> bytes:
    """What the program that shows a dialog got on stdin."""
    # A windowed program has no `sys.stdin`.
    with open(0, "rb", closefd=False) as stdin:
        return stdin.read()


class DialogProgram:
    """Runs one dialog at a time."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        """Open nothing yet; `seconds` is how long one stays open."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def run(self, command: Sequence[str], given: bytes) -> tuple[int, str]:
        """Exit code and output; a negative code when it was ended."""
        pipe = subprocess.PIPE
        with self._lock:
            if self._closed:
                return -1, ""
            self._process = None
            try:
                process = subprocess.Popen(
                    command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, creationflags=NO_WINDOW
                )
            except OSError:
                return CANNOT_SHOW, ""
            self._process = process
        assert process.stdin is not None, "it is a pipe"
        assert process.stdout is not None, "it is a pipe"
        output = Pipe(process.stdout)
        try:
            stdin = process.stdin
            daemon("dialog-question", lambda: _write(stdin, given))
            follow(process, [output], "a dialog", time.monotonic() + self._seconds, self._seconds)
        except (OverdueError, ChattyError, RuntimeError) as error:
            # A `RuntimeError` means that the machine has no thread left.
            if isinstance(error, ChattyError):
                log.warning("%s", error.sentence)
            process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_REAP_SECONDS)
            return -1, ""
        finally:
            output.close()
        return process.returncode, bytes(output.data).decode(errors="replace").strip()

    def end(self) -> bool:
        """End an open dialog, or one that is ending by itself; returns whether there was one."""
        with self._lock:
            if self._process is None:
                return False
            # This does nothing to a process that has ended.
            self._process.kill()
            return True

    def close(self) -> None:
        """Close an open dialog, and open no other."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()


def _write(stdin: IO[bytes], question: bytes) -> None:
    # The process may have ended, or may read nothing.
    with contextlib.suppress(OSError), stdin:
        stdin.write(question)
