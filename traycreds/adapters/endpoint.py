"""An endpoint on the loopback interface that SDKs fetch credentials from, as containers on ECS and EKS have one.

Owns who is let in: whoever knows the token, from this machine. Keeps no secret, logs nothing, and decides nothing about
sessions. The protocol: AWS SDKs and Tools Reference Guide, "Container credential provider".
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import final

from traycreds.core.errors import TraycredsError

_PATH = "/credentials"
_VISITORS = 64
"""Connections at one time; whoever comes beyond is sent away, since each costs a thread."""
_PATIENCE = 5.0
"""Seconds that a visitor has to say what it wants; an SDK takes milliseconds."""

Answer = Callable[[], Mapping[str, str]]
"""The body of a good answer; raises TraycredsError where there is none."""


@final
class Endpoint:
    """Serves from `with` to its end.

    Attributes:
        url: for AWS_CONTAINER_CREDENTIALS_FULL_URI.
        token: for AWS_CONTAINER_AUTHORIZATION_TOKEN; secret.
    """

    def __init__(self, answer: Answer) -> None:
        """Listen on a free port.

        Raises:
            TraycredsError: this machine has no port to give.
        """
        self.token = secrets.token_urlsafe(32)
        try:
            self._server = _Server(answer, self.token)
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise TraycredsError(
                f"No port of 127.0.0.1 can be listened on: {why}.", "Run it without --server."
            ) from error
        self.url = f"http://127.0.0.1:{self._server.server_port}{_PATH}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": None}, name="endpoint", daemon=True
        )

    def __enter__(self) -> Endpoint:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()  # its thread ends with the process: it does not wake to look whether it shall


class _Server(ThreadingHTTPServer):
    allow_reuse_address = False  # on Windows it would let others listen on the same port
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, answer: Answer, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.answer = answer
        self.token = token
        self._room = threading.BoundedSemaphore(_VISITORS)

    def server_bind(self) -> None:
        """Bind without HTTPServer's reverse look-up of the host name, which can take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_port = self.server_address[1]

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Hear a visitor in a thread of its own, if there is room."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Make room when the visitor has gone."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a visitor that breaks off is none."""


class _Visit(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    server: _Server

    def do_GET(self) -> None:
        """Answer whoever knows the token; others learn nothing but that."""
        given = self.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), self.server.token.encode()):
            self._reply(401, {"Code": "Unauthorized", "Message": "The authorization token is wrong."})
        elif self.path != _PATH:
            self._reply(404, {"Code": "NotFound", "Message": "There is nothing here."})
        else:
            try:
                self._reply(200, self.server.answer())
            except TraycredsError as error:
                self._reply(503, {"Code": "NoSession", "Message": f"traycreds: {error}"})

    def _reply(self, status: int, body: Mapping[str, str]) -> None:
        data = json.dumps(dict(body)).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing."""
