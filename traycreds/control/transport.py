"""Where the running app listens, for this user alone: a Unix socket, or a named pipe on Windows.

Both give connections that keep a deadline, whatever the peer does.
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
        """The next connection; None for a stranger or a peer that is gone. Raises OSError, also after `close`."""

    def close(self) -> None:
        """Stop listening, which ends a pending `accept`, and clean up. Call it once."""
