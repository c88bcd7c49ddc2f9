"""Tells whether a program has a file open for writing, and holds writers off, with Linux's leases on local files.

Elsewhere the system does not tell, and callers go by time.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator

from traycreds.core.value_class import value_class

if sys.platform == "linux":
    import fcntl


@value_class
class HoldOff:
    """Writers while they are held off; `is_open`: one already has the file open; None if the system does not tell."""

    is_open: bool | None
    handle: int

    def one_waits(self) -> bool:
        """Whether a program has come to open the file for writing since, and waits for us."""
        if sys.platform == "linux" and self.is_open is False:
            return fcntl.fcntl(self.handle, fcntl.F_GETLEASE) != fcntl.F_RDLCK
        return False


@contextlib.contextmanager
def held_off(handle: int) -> Iterator[HoldOff]:
    """Make programs that open a file for writing wait until the `with` ends; be done in milliseconds."""
    is_open = _leased(handle)
    try:
        yield HoldOff(is_open, handle)
    finally:
        if sys.platform == "linux" and is_open is False:
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def _leased(handle: int) -> bool | None:
    """Take a lease: False on success, True if a program has the file open for writing, None if unsupported."""
    if sys.platform == "linux":
        try:
            # What tells us that a program waits would end the process, were it SIGIO; SIGURG is ignored by default.
            fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return True
        except OSError:
            # The file belongs to someone else, or its file system has no leases.
            return None
        return False
    return None
