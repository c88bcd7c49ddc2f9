"""Notices that this machine's way into the network is another: up again, another Wi-Fi, a VPN. Sends nothing itself.

Looks only while somebody wants to know, so that a program that is well costs no wake-up.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import TypeAlias

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks."""

_FAR = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses that nobody has, kept for documentation (RFC 5737, RFC 3849): the way there is the way to anywhere."""

Ways: TypeAlias = tuple[str | None, ...]
"""This machine's own address on the way out by each protocol; None where there is no way."""


def ways() -> Ways:
    """How this machine would reach the world now: a system call each, no packet."""
    return tuple(_own_address(family, far) for family, far in _FAR)


def _own_address(family: socket.AddressFamily, far: str) -> str | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))  # of a datagram socket this only chooses the way
            return str(probe.getsockname()[0])
    except OSError:
        return None


class NetworkWatch:
    """A daemon thread that looks while it is wanted."""

    def __init__(self, changed: Callable[[], None], *, look: Callable[[], Ways] = ways, every: float = EVERY) -> None:
        """Look at nothing yet.

        Args:
            changed: called on the watch's thread each time the way is another; must not raise.
            look: gives the way of now.
            every: seconds between two looks.
        """
        self._changed = changed
        self._look = look
        self._every = every
        self._wanted = threading.Event()

    def start(self) -> None:
        """Begin, for the life of the process."""
        threading.Thread(target=self._run, name="network-watch", daemon=True).start()

    def want(self, on: bool) -> None:
        """Look from now on, or no more; returns at once, from any thread."""
        if on:
            self._wanted.set()
        else:
            self._wanted.clear()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            before = self._look()
            while self._wanted.is_set():
                time.sleep(self._every)
                now = self._look()
                if now != before:
                    log.info("the way into the network is another")
                    self._changed()
                before = now
