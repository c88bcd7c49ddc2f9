"""Hands a secret address to the browser by way of a page of our own, so that it stands in no process list.

A browser is started with an address on its command line, which every user of the machine can read. What stands there is
an address on the loopback interface that is good for one visit and leads on to the real one; on Linux, which tells
whose a connection is, for a visit of this user alone.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer


class _Door(HTTPServer):
    """Serves until its one visitor has come."""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.target = target
        self.path = f"/{secrets.token_urlsafe(24)}"
        self.visited = False

    def server_bind(self) -> None:
        """Bind without HTTPServer's reverse look-up of the host name, which can take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a visitor that breaks off is none."""


class _Visit(BaseHTTPRequestHandler):
    timeout = 2
    server: _Door

    def do_GET(self) -> None:
        """Lead the one visitor on; others find nothing."""
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

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing."""


def owner(port: int, to: int) -> int | None:
    """The user id whose connection goes from one port of the loopback interface to another, or None: nothing tells."""
    if sys.platform != "linux":  # on Windows that path is a file on C:, which anybody may put there
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


def lead_to(target: str, open_page: Callable[[str], None], *, seconds: float) -> bool:
    """Open a page that leads to `target`, and wait for the browser to come; whether it came.

    Args:
        target: where to lead it; secret.
        open_page: opens an address in the browser; must not block.
        seconds: how long to wait.
    """
    deadline = time.monotonic() + seconds
    with _Door(target) as door:
        open_page(f"http://127.0.0.1:{door.server_address[1]}{door.path}")
        while not door.visited and (left := deadline - time.monotonic()) > 0:
            door.timeout = left
            door.handle_request()
        return door.visited
