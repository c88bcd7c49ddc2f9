"""HTTP of the simulator: loopback only, one thread for each connection, faults of the wire. Knows nothing of AWS."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from traycreds.core.value_class import field, value_class
from traycreds.process.loopback_server import SilentHandler, ThreadingLoopbackServer
from traycreds.sim.faults import Fault, Faults
from traycreds.sim.sigv4 import SignedRequest

BODY_LIMIT = 1 << 20


@value_class(kw_only=True)
class Response:
    """What goes back over the wire, and the fault that hits it on the way."""

    status: int
    body: str = field(repr=False)
    content_type: str = "text/xml"
    error_type: str | None = None
    location: str | None = None
    fault: Fault | None = None


class Server(ThreadingLoopbackServer):
    """Listens on loopback only and knows its open connections, so that closing never waits for a client."""

    def __init__(self, handle: Callable[[SignedRequest], Response], date: Callable[[], str], faults: Faults) -> None:
        """Answer requests with `handle`; `date` gives the Date header, `faults` those of the wire."""
        self.handle, self.date, self.faults = handle, date, faults
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(_SimulatorHandler)

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

    def close_connections(self) -> None:
        """End every connection that is still open."""
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _SimulatorHandler(SilentHandler):
    protocol_version = "HTTP/1.1"
    # Without this, each keep-alive call costs 40 ms.
    disable_nagle_algorithm = True
    # With a buffer, headers and body leave in one packet.
    wbufsize = -1
    timeout = 120
    server: Server

    def do_POST(self) -> None:
        self._respond()

    def do_GET(self) -> None:
        self._respond()

    def _respond(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True
            return self._send(Response(status=413, body="", content_type="text/plain"))
        split = urlsplit(self.path)
        response = self.server.handle(
            SignedRequest(
                method=self.command,
                path=split.path or "/",
                query=split.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(length)),
            )
        )
        faults = self.server.faults
        if response.fault is Fault.HANG:
            faults.wait()
            self.close_connection = True
            return None
        if response.fault is Fault.DROP:
            self.close_connection = True
            return None
        return self._send(response)

    def _send(self, response: Response) -> None:
        body = response.body.encode()
        self.send_response_only(response.status)
        self.send_header("Date", self.server.date())
        self.send_header("Content-Type", response.content_type)
        if response.error_type is not None:
            self.send_header("x-amzn-ErrorType", response.error_type)
        if response.location is not None:
            self.send_header("Location", response.location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if response.fault is not Fault.DRIP:
            self.wfile.write(body)
            return
        faults = self.server.faults
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if faults.wait(faults.drip_interval):
                break
        self.close_connection = True
