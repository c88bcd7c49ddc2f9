"""Waits on 127.0.0.1 for the browser to return from a sign-in page, and shows there how the sign-in ended.

Accepts one callback, with the right state, for a limited time. Keeps the code out of every log and page.
"""

from __future__ import annotations

import base64
import hashlib
import html
import queue
import secrets
import threading
from types import TracebackType
from typing import final
from urllib.parse import parse_qs, urlsplit

from traycreds.process.bounded_call import daemon
from traycreds.process.loopback_server import SilentHandler, ThreadingLoopbackServer

PATH = "/oauth/callback"
OUTCOME_SECONDS = 45.0
"""How long the browser waits for the outcome: the exchange of the code is one call."""
READ_SECONDS = 5.0
"""Browsers open connections ahead and leave them silent."""

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px system-ui,sans-serif;margin:15vh auto;max-width:32em;padding:0 1em}}</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""


def pkce_pair() -> tuple[str, str]:
    """Make a new PKCE verifier, which is secret, and its challenge (RFC 7636, S256)."""
    verifier = secrets.token_urlsafe(64)
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class SignInDenied(Exception):  # noqa: N818 - the person refused, nothing is broken
    """The person, or the sign-in page, refused."""


@final
class CallbackServer:
    """The server, as a context manager; a callback must carry its `state`."""

    def __init__(self) -> None:
        """Listen on a free port. Raises OSError: the loopback interface has none."""
        self.state = secrets.token_urlsafe(24)
        self._callbacks: queue.Queue[tuple[str, str]] = queue.Queue()
        self._accepted = threading.Lock()
        self._outcome: tuple[str, str] | None = None
        self._finished = threading.Event()
        self._page_sent = threading.Event()
        self._server = _BrowserListener(self)

    @property
    def redirect(self) -> str:
        """The address that the sign-in page sends the browser to."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def __enter__(self) -> CallbackServer:
        daemon("sign-in", lambda: self._server.serve_forever(poll_interval=0.05))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finished.set()
        self._server.shutdown()
        self._server.server_close()

    def no_browser(self) -> None:
        """End `wait`, since no browser could be opened."""
        self._callbacks.put(("no browser", ""))

    def wait(self, seconds: float) -> str | None:
        """The callback's code, or None without a browser. Raises SignInDenied, or TimeoutError after `seconds`."""
        try:
            what, value = self._callbacks.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise TimeoutError from None
        if what == "refused":
            self.finish("The sign-in was refused", "Nothing was changed. You can close this window.")
            raise SignInDenied
        return value if what == "code" else None

    def finish(self, title: str, text: str) -> None:
        """Show in the browser how the sign-in ended."""
        self._outcome = (title, text)
        self._finished.set()
        self._page_sent.wait(READ_SECONDS)

    def respond(self, target: str, host: str) -> tuple[int, str]:
        """Return status and page for a request of a browser; the accepted callback blocks until `finish`."""
        split = urlsplit(target)
        if split.path != PATH:
            return 404, page("Not found", "There is nothing here.")
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        # The host is checked so that no page elsewhere can reach this one by a name of its own (DNS rebinding).
        ours = host == urlsplit(self.redirect).netloc and secrets.compare_digest(
            query.get("state", "").encode(), self.state.encode()
        )
        if not ours or not ("code" in query or "error" in query):
            return 400, page("Not a sign-in response", "It does not belong to the current sign-in.")
        if not self._accepted.acquire(blocking=False):
            return 400, page("Too late", "This sign-in is already finished.")
        self._callbacks.put(("code", query["code"]) if "code" in query else ("refused", ""))
        self._finished.wait(OUTCOME_SECONDS)
        return 200, page(*(self._outcome or ("The sign-in was canceled", "Start it again.")))

    def page_sent(self) -> None:
        """Note that the browser has got the page of the accepted callback."""
        if self._finished.is_set():
            self._page_sent.set()


def page(title: str, text: str) -> str:
    """A plain page."""
    return _PAGE.format(title=html.escape(title), text=html.escape(text))


class _BrowserListener(ThreadingLoopbackServer):
    def __init__(self, callback: CallbackServer) -> None:
        self.callback = callback
        super().__init__(_CallbackHandler)


class _CallbackHandler(SilentHandler):
    server: _BrowserListener
    timeout = READ_SECONDS
    wbufsize = -1

    def do_GET(self) -> None:
        status, text = self.server.callback.respond(self.path, self.headers.get("Host", ""))
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
        if status == 200:  # noqa: PLR2004 - only the accepted callback gets it
            self.server.callback.page_sent()
