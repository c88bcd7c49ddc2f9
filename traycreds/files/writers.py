"""Tells whether any program has a file open for writing, and holds such programs off for a moment.

By leases, which Linux gives for the user's own files on local disks. Elsewhere nobody can tell, and callers go by
time instead.
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
    """What is known of programs that write a file, while they are held off.

    Attributes:
        is_open: whether one has the file open for writing, and so is not held off; None where the system does not tell.
        handle: the file.
    """

    is_open: bool | None
    handle: int

    def one_waits(self) -> bool:
        """Whether a program has come to open the file for writing since, and waits for us."""
        if sys.platform == "linux" and self.is_open is False:
            return fcntl.fcntl(self.handle, fcntl.F_GETLEASE) != fcntl.F_RDLCK
        return False


@contextlib.contextmanager
def held_off(handle: int) -> Iterator[HoldOff]:
    """Hold off programs that come to open a file for writing: their `open` waits until the end of the `with`.

    It must be over in milliseconds, without waiting for anything.

    Args:
        handle: the file, opened for reading alone.
    """
    is_open = _leased(handle)
    try:
        yield HoldOff(is_open, handle)
    finally:
        if sys.platform == "linux" and is_open is False:
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def _leased(handle: int) -> bool | None:
    """Take a lease; False if it was had, True if a program has the file open for writing, None if there is none."""
    if sys.platform == "linux":
        try:
            # What tells us that a program waits would end the process, were it SIGIO; SIGURG is ignored by default.
            fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return True
        except OSError:  # somebody else's file, or a file system without leases
            return None
        return False
    return None
