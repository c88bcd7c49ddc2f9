"""A real HTTP proxy that answers for itself with a page of HTML, or lets requests through."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>Corporate gateway</p></body></html>"


class Proxy(ThreadingHTTPServer):
    """Listens on loopback.

    Attributes:
        status: what it answers; None lets requests through.
        asked: method and target of each request so far.
    """

    daemon_threads = True

    def __init__(self, status: int | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.asked: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join(5)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_CONNECT(self) -> None:
        self._refuse()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.status is not None:
            self._refuse()
            return
        self.server.asked.append((self.command, self.path))
        target = urlsplit(self.path)
        way = http.client.HTTPConnection(target.netloc, timeout=5)
        way.request("POST", target.path or "/", body, dict(self.headers))
        answer = way.getresponse()
        self._send(answer.status, answer.headers.get_content_type(), answer.read(), answer.headers["Date"])
        way.close()

    def _refuse(self) -> None:
        self.server.asked.append((self.command, self.path))
        # The proxy never lets a tunnel through.
        status = self.server.status or 502
        page = PAGE.format(http.client.responses[status]).encode()
        self._send(status, "text/html", page, self.date_time_string())

    def _send(self, status: int, kind: str, body: bytes, date: str) -> None:
        self.send_response_only(status)
        self.send_header("Date", date)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Quiet."""
