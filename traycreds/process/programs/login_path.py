"""The PATH of the user's login shell, asked once within a limit: desktops ignore ~/.profile, ~/.bashrc, ~/.zshrc."""

from __future__ import annotations

import os
import re
import sys
import threading

from traycreds.core.errors import TraycredsError

if sys.platform != "win32":
    import pwd

SECONDS = 5.0
"""How long the shell may take before it is ended, as when it starts something else."""

_MARK = "traycreds-path"
_BETWEEN = f"{_MARK}:(.*):{_MARK}"
"""Marks around the answer, because a shell's startup files may print anything."""


class LoginPath:
    """That of one process; `allowed` is the setting `login_path`."""

    def __init__(self) -> None:
        """Ask nothing yet."""
        self.allowed = True
        self._lock = threading.Lock()
        self._asked = False
        self._path: str | None = None

    def get(self) -> str | None:
        """The PATH; None if it cannot be asked for: not allowed, in a terminal, or on Windows."""
        return None if in_terminal() else self.of_an_app()

    def of_an_app(self) -> str | None:
        """The extra PATH of an app started from the desktop; also in a terminal."""
        if not self.allowed or sys.platform == "win32":
            return None
        with self._lock:
            if not self._asked:
                self._path, self._asked = _ask(), True
            return self._path


def in_terminal() -> bool:
    """Whether this process was started in a terminal, whose PATH it has."""
    return any(os.isatty(descriptor) for descriptor in (0, 1, 2))


def _ask() -> str | None:
    from traycreds.process import bounded_program

    shell = _shell()
    if shell is None:
        return None
    print_it = f'printf "{_MARK}:%s:{_MARK}" "$PATH"'
    try:
        done = bounded_program.run(
            [shell, "-i", "-l", "-c", print_it], seconds=SECONDS, more={"TERM": "dumb"}, apart=True
        )
    except (OSError, TraycredsError):
        return None
    found = re.search(_BETWEEN, os.fsdecode(done.output), re.DOTALL)
    return found[1] if found and found[1] else None


def _shell() -> str | None:
    """The user's shell, even if the desktop does not pass on SHELL."""
    if named := os.environ.get("SHELL"):
        return named
    if sys.platform != "win32":
        try:
            return pwd.getpwuid(os.getuid()).pw_shell or None
        except KeyError:
            # The user may have no entry, as in some containers.
            return None
    return None


of_this_process = LoginPath()
"""The login PATH that every search for a program uses."""
