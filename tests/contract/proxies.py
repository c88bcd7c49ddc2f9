"""Proxies on the way to an AWS that speaks TLS, on loopback: one that opens tunnels, and one that is not there."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextlib.contextmanager
def unused_address() -> Iterator[str]:
    """An address without a listener."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


class Tunnel(ThreadingHTTPServer):
    """A proxy that lets CONNECT through, for a user with a password where it is given one; a context manager."""

    daemon_threads = True

    def __init__(self, user: str = "", password: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.expected = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}" if user else None
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join(5)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Tunnel

    def do_CONNECT(self) -> None:
        if self.server.expected not in (None, self.headers["Proxy-Authorization"]):
            self.send_response(407)
            self.end_headers()
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as far:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_carry, args=(far, self.connection), daemon=True)
            back.start()
            _carry(self.connection, far)
            back.join(5)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _carry(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes on until the source ends."""
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
