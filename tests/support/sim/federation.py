"""AWS's federation endpoint, which gives the sign-in token of a page of the console."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

TOKEN = "sign-in-token+/="


class Federation(HTTPServer):
    """A federation endpoint that keeps what it is asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []
        self.status, self.body, self.location = 200, json.dumps({"SigninToken": TOKEN}), None
        self.url = f"http://127.0.0.1:{self.server_address[1]}/federation"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self.server.asked.append((self.path, parse_qs(body)))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(self.server.body.encode())

    def do_GET(self):
        self.do_POST()

    def log_message(self, *_):
        pass
