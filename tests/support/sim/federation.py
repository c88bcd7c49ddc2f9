"""AWS's federation endpoint, which gives the sign-in token of a page of the console."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

TOKEN = "sign-in-token+/="


class Federation(HTTPServer):
    """A federation endpoint that keeps what it is asked, and refuses the sessions with these key ids."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []
        self.refused = set()
        self.status, self.body, self.location = 200, json.dumps({"SigninToken": TOKEN}), None
        self.url = f"http://127.0.0.1:{self.server_address[1]}/federation"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = parse_qs(body)
        self.server.asked.append((self.path, form))
        refused = any(key in session for session in form.get("Session", ()) for key in self.server.refused)
        self.send_response(403 if refused else self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(self.server.body.encode())

    def do_GET(self):
        self.do_POST()

    def log_message(self, *_):
        pass
