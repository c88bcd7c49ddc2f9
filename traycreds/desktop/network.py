"""Notices a new route to the network: up again, another Wi-Fi, a VPN. Sends nothing, and reads only on demand."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from typing import TypeAlias

from traycreds.process.bounded_call import daemon

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two readings."""

FAR = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Unused addresses, reserved for documentation (RFC 5737, RFC 3849): the route to them is the default route."""

Routes: TypeAlias = tuple[str | None, ...]
"""This machine's own address on the way out by each protocol; None where there is no way."""


def routes() -> Routes:
    """The routes that this machine would use now: one system call each, no packet."""
    return tuple(_own_address(family, far) for family, far in FAR)


def _own_address(family: socket.AddressFamily, far: str) -> str | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # On a datagram socket, `connect` sends nothing and only chooses the route.
            probe.connect((far, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None


class NetworkWatch:
    """A daemon thread that compares the routes while someone wants to know."""

    def __init__(
        self, changed: Callable[[], None], *, read: Callable[[], Routes] = routes, every: float = EVERY
    ) -> None:
        """Read nothing yet; `changed` runs on the watch's thread and must not raise, `every` is in seconds."""
        self._changed = changed
        self._read = read
        self._every = every
        self._wanted = threading.Event()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin; ends with `stop`, or with the process."""
        daemon("network-watch", self._run)

    def want(self, on: bool) -> None:
        """Start or stop reading; returns at once, from any thread."""
        if on:
            self._wanted.set()
        else:
            self._wanted.clear()

    def stop(self) -> None:
        """Stop calling back; returns at once, from any thread."""
        self._stopped.set()
        self._wanted.set()

    def _run(self) -> None:
        while self._wanted.wait() and not self._stopped.is_set():
            before = self._read()
            while self._wanted.is_set() and not self._stopped.wait(self._every):
                now = self._read()
                if now != before and not self._stopped.is_set():
                    log.info("the route to the network has changed")
                    self._changed()
                before = now
