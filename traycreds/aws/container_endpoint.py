"""An endpoint on the loopback interface that SDKs fetch credentials from, as they do on ECS and EKS.

Serves local callers with the token; stores and logs nothing. Protocol: AWS SDKs and Tools Reference Guide, "Container
credential provider".
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import final

from traycreds.core.errors import TraycredsError
from traycreds.core.text import os_reason
from traycreds.process.bounded_call import daemon
from traycreds.process.loopback_server import SilentHandler, ThreadingLoopbackServer

_PATH = "/credentials"
_REQUEST_SECONDS = 5.0
"""Seconds in which a client must send its request; an SDK takes milliseconds."""

ReadCredentials = Callable[[], Mapping[str, str]]
"""Gives the body of a successful response; raises TraycredsError without a session."""


@final
class Endpoint:
    """Serves credentials in its `with` block; `url` and the secret `token` are for AWS_CONTAINER_* variables."""

    def __init__(self, read_credentials: ReadCredentials) -> None:
        """Listen on a free port; each request with the right token calls `read_credentials`. Raises TraycredsError."""
        self.token = secrets.token_urlsafe(32)
        try:
            self._server = _EndpointServer(read_credentials, self.token)
        except OSError as error:
            why = os_reason(error)
            raise TraycredsError(f"Cannot listen on 127.0.0.1: {why}.", "Run it without --server.") from error
        self.url = f"http://127.0.0.1:{self._server.server_port}{_PATH}"

    def __enter__(self) -> Endpoint:
        # Without an interval it never wakes; typeshed knows no such.
        daemon("endpoint", lambda: self._server.serve_forever(poll_interval=None))  # type: ignore[arg-type]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The server's thread never wakes to check for a stop, so it ends with the process.
        self._server.server_close()


class _EndpointServer(ThreadingLoopbackServer):
    def __init__(self, read_credentials: ReadCredentials, token: str) -> None:
        super().__init__(_EndpointHandler)
        self.read_credentials = read_credentials
        self.token = token


class _EndpointHandler(SilentHandler):
    timeout = _REQUEST_SECONDS
    server: _EndpointServer

    def do_GET(self) -> None:
        """Send the credentials to a caller that knows the token."""
        given = self.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), self.server.token.encode()):
            self._send(401, {"Code": "Unauthorized", "Message": "The authorization token is wrong."})
        elif self.path != _PATH:
            self._send(404, {"Code": "NotFound", "Message": "There is nothing here."})
        else:
            try:
                self._send(200, self.server.read_credentials())
            except TraycredsError as error:
                self._send(503, {"Code": "NoSession", "Message": f"traycreds: {error}"})

    def _send(self, status: int, body: Mapping[str, str]) -> None:
        data = json.dumps(dict(body)).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
