"""Where the running app listens for its commands, and who may speak there: nobody but this user.

On Linux and macOS that is a Unix socket in the runtime folder, on Windows a named pipe called after that folder. Either
gives connections that keep a deadline, however a peer behaves.
"""

from __future__ import annotations

import sys
from typing import Protocol

from traycreds.control.protocol import Connection

if sys.platform == "win32":
    from traycreds.control.named_pipe import connect, listen
else:
    from traycreds.control.unix_socket import connect, listen

__all__ = ["Listener", "connect", "listen"]


class Listener(Protocol):
    """What `listen` gives."""

    def accept(self) -> Connection | None:
        """The next connection, once there is one; None for a peer that is not this user, or gone already.

        Raises:
            OSError: none can be accepted now, or `close` was called.
        """

    def close(self) -> None:
        """Stop listening, which ends a pending `accept`, and leave nothing behind. To be called once."""
