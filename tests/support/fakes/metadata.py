"""Credentials services of machines: EC2's metadata service (IMDSv2) and that of a container; on loopback, over HTTP."""

from __future__ import annotations

import contextlib
import http.server
import json
import secrets
import threading

ROLE = "machine"


class MetadataService:
    """Gives the credentials of one key to anyone who asks as AWS demands; use it as a context manager.

    Attributes:
        seen: method and path of each request.
        drips: answer one byte now and then, without end.
        endless: answer bytes without end.
        silent: answer nothing at all, until the end of the `with`.
        status: what every request is refused with; 200 refuses none.
        authorization: what a container must send.
    """

    def __init__(self, key) -> None:
        self.seen: list[str] = []
        self.silent = self.drips = self.endless = False
        self.status = 200
        self.authorization = secrets.token_hex(8)
        self._key = key
        self._token = secrets.token_hex(8)
        self._over = threading.Event()

    def credentials(self) -> str:
        return json.dumps(
            {
                "Code": "Success",
                "LastUpdated": "2026-01-01T00:00:00Z",
                "Type": "AWS-HMAC",
                "AccessKeyId": self._key.access_key_id,
                "SecretAccessKey": self._key.secret_access_key,
                "Token": self._key.session_token,
                "Expiration": f"{self._key.expires_at:%Y-%m-%dT%H:%M:%SZ}",
            }
        )

    def __enter__(self):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                self.answer(
                    {"/latest/api/token": service._token}, self.headers.get("x-aws-ec2-metadata-token-ttl-seconds")
                )

            def do_GET(self):
                if self.path.startswith("/latest/"):
                    proof = self.headers.get("x-aws-ec2-metadata-token") == service._token
                else:
                    proof = self.headers.get("authorization") == service.authorization
                folder = "/latest/meta-data/iam/security-credentials/"
                pages = {folder: ROLE, folder + ROLE: service.credentials(), "/container": service.credentials()}
                self.answer(pages, proof)

            def answer(self, pages, proof):
                service.seen.append(f"{self.command} {self.path}")
                if service.silent:
                    service._over.wait(30)
                    return
                if service.drips or service.endless:
                    self.send_response(200)
                    self.end_headers()
                    with contextlib.suppress(OSError):
                        while not service._over.wait(0.05 if service.drips else 0):
                            self.wfile.write(b"x" if service.drips else b"x" * 65536)
                    return
                text = pages.get(self.path)
                status = service.status if service.status != 200 else 404 if text is None else 200 if proof else 401
                body = (text or "").encode() if status == 200 else b""
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
