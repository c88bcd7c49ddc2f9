"""The simulator itself: HTTP on loopback, faults, and a record of all calls. Decides nothing about STS."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import final
from urllib.parse import parse_qsl, urlsplit

from traycreds.sim import sigv4
from traycreds.sim.faults import TRANSPORT, Fault, Faults, refusal
from traycreds.sim.refusal import Refused
from traycreds.sim.sts import Sts, error_xml
from traycreds.sim.world import World

BODY_LIMIT = 1 << 20
PARAMETER_LIMIT = 1000
PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1>a proxy</body></html>"


def real_now() -> datetime:
    """The machine's clock."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that came in.

    Attributes:
        action: such as AssumeRole.
        role_arn: the role it asks for.
        region: the region it was signed for; None when unsigned or refused before.
        outcome: "OK", an AWS error code, or a fault's value.
        parameters: all of them, MFA codes and tokens included, for tests.
        user_agent: what the client calls itself.
        host: the Host header.
    """

    action: str
    role_arn: str | None
    region: str | None
    outcome: str
    parameters: Mapping[str, str] = field(repr=False)
    user_agent: str
    host: str


@final
class Simulator:
    """A local STS; use it as a context manager.

    Attributes:
        world: users, roles, sessions: add what a test or the demo needs.
        faults: what shall go wrong.
    """

    def __init__(self, *, clock: Callable[[], datetime] = real_now) -> None:
        """Prepare; nothing listens before `start`.

        Args:
            clock: when sessions begin and end and what the Date header says; signatures are checked by real time.
        """
        self.world = World()
        self.faults = Faults()
        self._clock = clock
        self._sts = Sts(self.world, clock)
        self._calls: list[Call] = []
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The endpoint, for AWS_ENDPOINT_URL."""
        if self._server is None:
            raise RuntimeError("The simulator is not running.")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls so far, oldest first."""
        return tuple(self._calls)

    def start(self) -> None:
        """Listen on a free port of the loopback interface."""
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sim", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening and close every connection, hanging ones too."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.shutdown()
            thread.join()
            self.faults.close()
            server.close_connections()
            server.server_close()

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def date_header(self) -> str:
        """The Date header of an answer sent now."""
        return format_datetime((self._clock() + self.faults.date_skew).astimezone(timezone.utc), usegmt=True)

    def handle(self, request: sigv4.Request) -> Answer:
        """Carry out one request: fault, signature, action; recorded."""
        if request.method != "POST" or request.path != "/":
            return Answer(status=404, body="", content_type="text/plain")
        form = _form(request)
        request_id = str(uuid.uuid4())
        signers: list[sigv4.Signer] = []
        fault = self.faults.take(form.get("RoleArn"))
        outcome = "OK"

        def authenticate() -> sigv4.Signer:
            signer = sigv4.verify(request, find_key=self.world.key, real_now=real_now(), session_now=self._clock())
            signers.append(signer)
            if fault is not None and fault not in TRANSPORT:
                caller = signer.key.principal
                arn = form.get("RoleArn")
                raise refusal(fault, principal_arn=caller.arn, account=caller.account, role_arn=arn)
            return signer

        if fault in TRANSPORT and fault is not Fault.DRIP:
            outcome = fault.value
            answer = Answer(status=502, body=PROXY_PAGE, content_type="text/html", fault=fault)
        else:
            try:
                answer = Answer(status=200, body=self._sts.answer(form, authenticate, request_id), fault=fault)
            except Refused as refused:
                outcome = refused.code
                answer = Answer(status=refused.status, body=error_xml(refused, request_id), fault=fault)
        self._calls.append(
            Call(
                action=form.get("Action", ""),
                role_arn=form.get("RoleArn"),
                region=signers[0].region if signers else None,
                outcome=outcome,
                parameters=form,
                user_agent=request.headers.get("user-agent", ""),
                host=request.headers.get("host", ""),
            )
        )
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over the wire, and the fault that hits it on the way."""

    status: int
    body: str = field(repr=False)
    content_type: str = "text/xml"
    fault: Fault | None = None


def _form(request: sigv4.Request) -> dict[str, str]:
    """The parameters of a query-protocol call; what is not such a form is an empty one."""
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=PARAMETER_LIMIT)
    except ValueError:
        return {}
    return dict(pairs)


class _Server(ThreadingHTTPServer):
    """Listens on loopback only and knows its open connections, so that closing never waits for a client."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Bind without HTTPServer's reverse look-up of the host name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is not an error of the simulator."""

    def close_connections(self) -> None:
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # without it each keep-alive call costs 40 ms
    wbufsize = -1  # headers and body leave in one packet
    timeout = 120
    server: _Server

    def do_POST(self) -> None:
        self._respond()

    def do_GET(self) -> None:
        self._respond()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing: `Simulator.calls` is the record."""

    def _respond(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True
            return self._send(Answer(status=413, body="", content_type="text/plain"))
        split = urlsplit(self.path)
        answer = self.server.simulator.handle(
            sigv4.Request(
                method=self.command,
                path=split.path or "/",
                query=split.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(length)),
            )
        )
        faults = self.server.simulator.faults
        if answer.fault is Fault.HANG:
            faults.wait()
            self.close_connection = True
            return None
        if answer.fault is Fault.DROP:
            self.close_connection = True
            return None
        return self._send(answer)

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response_only(answer.status)
        self.send_header("Date", self.server.simulator.date_header())
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if answer.fault is not Fault.DRIP:
            self.wfile.write(body)
            return
        faults = self.server.simulator.faults
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if faults.wait(faults.drip_interval):
                break
        self.close_connection = True
