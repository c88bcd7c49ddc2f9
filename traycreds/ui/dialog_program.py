"""A dialog that is a program: it gets a question on stdin and prints the answer; ends when nobody answers.

Knows nothing of what is asked. What it gives and gets is in no command line.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence

from traycreds.process.spawn import NO_WINDOW

SECONDS = 300.0
"""How long a dialog stays open for somebody who went away."""
CANCELLED = 1
"""What our own dialogs exit with when the user closes them."""
CANNOT_SHOW = 3
"""What our own dialogs exit with when they have no toolkit or no display."""


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
        try:
            answer, _ = process.communicate(given, timeout=self._seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return -1, ""
        return process.returncode, answer.decode(errors="replace").strip()

    def end(self) -> bool:
        """End an open dialog, or one that is ending by itself; returns whether there was one."""
        with self._lock:
            if self._process is None:
                return False
            self._process.kill()  # does nothing to one that has ended
            return True

    def close(self) -> None:
        """End an open dialog, and open none any more."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
