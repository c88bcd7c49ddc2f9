"""Opens a secret URL in the browser through a local redirect, because every user can read command lines.

The browser gets a loopback URL that redirects once; on Linux, which tells whose a connection is, for this user alone.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable
from typing import TypeAlias

from traycreds.core.errors import TraycredsError
from traycreds.core.model import RoleName, Settings
from traycreds.desktop import browser
from traycreds.process.loopback_server import LoopbackServer, SilentHandler

ByHand: TypeAlias = Callable[[str, "TraycredsError | None"], None]
"""Gets the address that no browser opened, and why if known; on any thread."""


class _RedirectServer(LoopbackServer):
    def __init__(self, target: str) -> None:
        super().__init__(_RedirectHandler)
        self.target = target
        self.path = f"/{secrets.token_urlsafe(24)}"
        self.visited = False


class _RedirectHandler(SilentHandler):
    timeout = 2
    server: _RedirectServer

    def do_GET(self) -> None:
        """Redirect the one visitor; others get 404."""
        right = secrets.compare_digest(self.path.encode(), self.server.path.encode()) and not self.server.visited
        right = right and owner(self.client_address[1], self.server.server_address[1]) in {None, _this_user()}
        self.server.visited |= right
        self.send_response_only(302 if right else 404)
        if right:
            self.send_header("Location", self.server.target)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Length", "0")
        self.end_headers()


def owner(port: int, to: int) -> int | None:
    """The user id whose connection goes from one port of the loopback interface to another, or None: nothing tells."""
    # On Windows, this path is a file on C:, and anybody may put one there.
    if sys.platform != "linux":
        return None
    try:
        with open("/proc/net/tcp", encoding="ascii") as table:  # noqa: PTH123 - not a file; see proc_net(5)
            rows = [line.split() for line in table][1:]
    except OSError:
        return None
    ends = f":{port:04X}", f":{to:04X}"
    return next((int(row[7]) for row in rows if row[1].endswith(ends[0]) and row[2].endswith(ends[1])), None)


def _this_user() -> int | None:
    if sys.platform == "win32":
        return None
    return os.getuid()


def open_redirected(target: str, open_page: Callable[[str], None], *, seconds: float) -> bool:
    """Open a page that redirects to the secret `target`; return whether the browser came within `seconds`."""
    deadline = time.monotonic() + seconds
    with _RedirectServer(target) as server:
        open_page(f"http://127.0.0.1:{server.server_address[1]}{server.path}")
        while not server.visited and (left := deadline - time.monotonic()) > 0:
            server.timeout = left
            server.handle_request()
        return server.visited


def open_as_role(
    target: str, role: RoleName, settings: Settings, *, seconds: float, by_hand: ByHand | None = None
) -> bool:
    """The same in the configured browser. If it cannot be started, `by_hand` is called, or TraycredsError raised."""
    by = browser.chosen(settings.console_opens_in, role, place="{role}")

    def open_page(url: str) -> None:
        try:
            browser.open_page(url, lambda: by_hand(url, None) if by_hand else None, by)
        except TraycredsError as error:
            if by_hand is None:
                raise
            by_hand(url, error)

    return open_redirected(target, open_page, seconds=seconds)
