"""Waits on 127.0.0.1 for the browser that comes back from a sign-in page.

Takes one answer with the right state and no other, for a limited time; tells the browser how the sign-in really ended.
Never listens on any other interface, and keeps the code out of every log and page.
"""

from __future__ import annotations

import base64
import hashlib
import html
import queue
import secrets
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import final
from urllib.parse import parse_qs, urlsplit

PATH = "/oauth/callback"
VERDICT_SECONDS = 45.0
"""How long the browser waits to be told how it ended: the exchange of the code is one call."""
READ_SECONDS = 5.0
"""Browsers open connections ahead and leave them silent."""

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px system-ui,sans-serif;margin:15vh auto;max-width:32em;padding:0 1em}}</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""


def proof() -> tuple[str, str]:
    """A new secret of ours and what proves it to who asks for the token: verifier and challenge (RFC 7636, S256)."""
    verifier = secrets.token_urlsafe(64)
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class Refused(Exception):  # noqa: N818 - the person refused, nothing is broken
    """The person, or the page, said no."""


@final
class Loopback:
    """The listener; use it as a context manager.

    Attributes:
        state: what the page must bring back.
    """

    def __init__(self) -> None:
        """Listen on a free port.

        Raises:
            OSError: the loopback interface has none.
        """
        self.state = secrets.token_urlsafe(24)
        self._answers: queue.Queue[tuple[str, str]] = queue.Queue()
        self._taken = threading.Lock()
        self._verdict: tuple[str, str] | None = None
        self._judged = threading.Event()
        self._told = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sign-in", daemon=True
        )

    @property
    def redirect(self) -> str:
        """Where the page shall send the browser."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._judged.set()
        self._server.shutdown()
        self._server.server_close()

    def no_browser(self) -> None:
        """No browser could be opened: whoever waits need not."""
        self._answers.put(("no browser", ""))

    def wait(self, seconds: float) -> str | None:
        """The code that the browser brings; None when no browser could be opened.

        Raises:
            Refused: the person refused.
            TimeoutError: nobody came.
        """
        try:
            what, value = self._answers.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise TimeoutError from None
        if what == "refused":
            self.finish("The sign-in was refused", "Nothing was changed. You can close this window.")
            raise Refused
        return value if what == "code" else None

    def finish(self, title: str, text: str) -> None:
        """Tell the browser how it ended."""
        self._verdict = (title, text)
        self._judged.set()
        self._told.wait(READ_SECONDS)

    def answer(self, target: str, host: str) -> tuple[int, str]:
        """Status and page for a request of a browser; blocks until the one answer that counts is judged."""
        split = urlsplit(target)
        if split.path != PATH:
            return 404, page("Not found", "There is nothing here.")
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        # The host is checked so that no page elsewhere can reach this one by a name of its own (DNS rebinding).
        ours = host == urlsplit(self.redirect).netloc and secrets.compare_digest(
            query.get("state", "").encode(), self.state.encode()
        )
        if not ours or not ("code" in query or "error" in query):
            return 400, page("This is no answer", "It does not belong to the sign-in that is under way.")
        if not self._taken.acquire(blocking=False):
            return 400, page("Too late", "This sign-in has had its answer.")
        self._answers.put(("code", query["code"]) if "code" in query else ("refused", ""))
        self._judged.wait(VERDICT_SECONDS)
        return 200, page(*(self._verdict or ("The sign-in was given up", "Start it again.")))

    def told(self) -> None:
        """The answer that counts has been told."""
        if self._judged.is_set():
            self._told.set()


def page(title: str, text: str) -> str:
    """A plain page."""
    return _PAGE.format(title=html.escape(title), text=html.escape(text))


class _Server(ThreadingHTTPServer):
    allow_reuse_address = False  # on Windows it would let others listen on the same port
    daemon_threads = True
    block_on_close = False  # a silent connection must not hold up the end

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Bind without HTTPServer's reverse look-up of the host name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser that goes away is no error."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = READ_SECONDS
    wbufsize = -1

    def do_GET(self) -> None:
        status, text = self.server.loopback.answer(self.path, self.headers.get("Host", ""))
        body = text.encode()
        self.send_response_only(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if status == 200:  # noqa: PLR2004 - what only the answer that counts gets
            self.server.loopback.told()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing: the address holds the code."""
