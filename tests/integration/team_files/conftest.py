"""A web server of the team's, over TLS with a certificate made here, and a user's home that trusts it."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import ipaddress
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """Certificate and key in one file, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "team")])
    now = dt.datetime.now(dt.timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem, secret = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(
        # The key is only for tests, so it has no passphrase.
        built.public_bytes(pem) + key.private_bytes(pem, secret, serialization.NoEncryption())
    )
    return path


class TeamServer:
    """Answers as its `behave` says; counts the requests.

    Attributes:
        url: of the one file that it has.
        data: what is in it.
        behave: "serve", or how it misbehaves.
        requests: the paths asked for.
    """

    def __init__(self, certificate) -> None:
        self.data = b""
        self.behave = "serve"
        self.requests: list[str] = []
        self.over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests.append(self.path)
                with contextlib.suppress(OSError):
                    outer.answer(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False, suppress_ragged_eofs=True
        )
        # A client that does not trust the server reports it.
        self._server.handle_error = lambda *_: None
        self.port = self._server.server_address[1]
        self.url = f"https://127.0.0.1:{self.port}/roles.toml"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, handler) -> None:
        to = {"to-http": f"http://127.0.0.1:{self.port}/x", "to-file": "file:///etc/passwd", "round": self.url}
        if self.behave in to:
            handler.send_response(302)
            handler.send_header("Location", to[self.behave])
            handler.end_headers()
        elif self.behave == "to-https" and handler.path == "/roles.toml":
            handler.send_response(302)
            handler.send_header("Location", "/elsewhere")
            handler.end_headers()
        elif self.behave == "missing":
            handler.send_error(404)
        elif self.behave == "silent":
            self.over.wait(60)
        elif self.behave == "drip":
            handler.send_response(200)
            handler.end_headers()
            while not self.over.wait(0.05):
                handler.wfile.write(b"#")
        elif self.behave == "drip-headers":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not self.over.wait(0.05):
                handler.wfile.write(b"x")
        else:
            handler.send_response(200)
            length = len(self.data) + (10 if self.behave == "broken" else 0)
            handler.send_header("Content-Length", str(length))
            handler.end_headers()
            handler.wfile.write(self.data)

    @property
    def pin(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def entry(self) -> str:
        """What is in `include`."""
        return f'{{ url = "{self.url}", sha256 = "{self.pin}" }}'

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server(certificate):
    running = TeamServer(certificate)
    yield running
    running.close()


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))


class Proxy:
    """An HTTP proxy that knows CONNECT alone."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        near, _ = self._listener.accept()
        with near:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                piece = near.recv(4096)
                if not piece:
                    return
                head += piece
            target = head.split()[1].decode()
            self.asked.append(target)
            host, _, port = target.partition(":")
            with socket.create_connection((host, int(port))) as far:
                near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_pump, args=(far, near))
                back.start()
                _pump(near, far)
                back.join()

    def close(self) -> None:
        # If nobody came, this connection ends the wait for one.
        with contextlib.suppress(OSError):
            socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy():
    running = Proxy()
    yield running
    running.close()
