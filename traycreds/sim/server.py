"""HTTP of the simulator: loopback only, one thread for each connection, faults of the wire. Knows nothing of AWS."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from traycreds.sim.faults import Fault, Faults
from traycreds.sim.sigv4 import Request

BODY_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over the wire, and the fault that hits it on the way."""

    status: int
    body: str = field(repr=False)
    content_type: str = "text/xml"
    error_type: str | None = None
    location: str | None = None
    fault: Fault | None = None


class Server(ThreadingHTTPServer):
    """Listens on loopback only and knows its open connections, so that closing never waits for a client."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handle: Callable[[Request], Answer], date: Callable[[], str], faults: Faults) -> None:
        """Answer requests by `handle`; `date` gives the Date header.

        Args:
            handle: from a request to its answer.
            date: the Date header of an answer sent now.
            faults: asked while a fault of the wire lasts.
        """
        self.handle, self.date, self.faults = handle, date, faults
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Bind without HTTPServer's reverse look-up of the host name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        """Remember the connection."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        """Forget the connection."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is not an error of the simulator."""

    def close_connections(self) -> None:
        """End every connection that is still open."""
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # without it each keep-alive call costs 40 ms
    wbufsize = -1  # headers and body leave in one packet
    timeout = 120
    server: Server

    def do_POST(self) -> None:
        self._respond()

    def do_GET(self) -> None:
        self._respond()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing: `Simulator.calls` is the record."""

    def _respond(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True
            return self._send(Answer(status=413, body="", content_type="text/plain"))
        split = urlsplit(self.path)
        answer = self.server.handle(
            Request(
                method=self.command,
                path=split.path or "/",
                query=split.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(length)),
            )
        )
        faults = self.server.faults
        if answer.fault is Fault.HANG:
            faults.wait()
            self.close_connection = True
            return None
        if answer.fault is Fault.DROP:
            self.close_connection = True
            return None
        return self._send(answer)

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response_only(answer.status)
        self.send_header("Date", self.server.date())
        self.send_header("Content-Type", answer.content_type)
        if answer.error_type is not None:
            self.send_header("x-amzn-ErrorType", answer.error_type)
        if answer.location is not None:
            self.send_header("Location", answer.location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if answer.fault is not Fault.DRIP:
            self.wfile.write(body)
            return
        faults = self.server.faults
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if faults.wait(faults.drip_interval):
                break
        self.close_connection = True
