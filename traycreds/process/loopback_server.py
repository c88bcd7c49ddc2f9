"""HTTP servers on the loopback interface, on a free port; no other machine reaches them, and they log nothing."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

CONNECTIONS = 64
"""Connections at one time, each of which costs a thread; beyond, they are closed."""


class LoopbackServer(HTTPServer):
    """Serves one connection at a time on 127.0.0.1."""

    # On Windows, reuse would let others listen on the same port.
    allow_reuse_address = False

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        """Listen on a free port. Raises OSError: there is none."""
        super().__init__(("127.0.0.1", 0), handler)

    def server_bind(self) -> None:
        """Bind without HTTPServer's reverse look-up of the host name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: a client that disconnects is not an error."""


class ThreadingLoopbackServer(socketserver.ThreadingMixIn, LoopbackServer):
    """Serves each connection in its own thread, which ends with the process at the latest."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        """See `LoopbackServer`."""
        self._slots = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__(handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Handle a connection in its own thread, or close it if there are too many."""
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:
            # The machine has no thread left, and the caller closes the connection.
            self._slots.release()
            raise

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Free the slot when the client has gone."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()


class SilentHandler(BaseHTTPRequestHandler):
    """Logs no request, because URLs and headers may hold secrets, and drops a slow one after `timeout` seconds."""

    timeout: ClassVar[float] = 5.0

    def setup(self) -> None:
        """Set the deadline: the timeout of a socket starts over with each byte."""
        super().setup()
        self._deadline = threading.Timer(self.timeout, self._give_up)
        self._deadline.daemon = True
        self._deadline.start()

    def parse_request(self) -> bool:
        """Read the headers; from then on the request may take its time."""
        try:
            return super().parse_request()
        finally:
            self._deadline.cancel()

    def finish(self) -> None:
        """Close the connection, also if the client has gone before it had the answer."""
        self._deadline.cancel()
        try:
            with contextlib.suppress(OSError):
                super().finish()
        finally:
            self.rfile.close()

    def _give_up(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing."""
