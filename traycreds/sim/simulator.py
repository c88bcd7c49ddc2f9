"""The simulator: routes each call to STS or to a further service, applies faults, and records every call."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from email.utils import format_datetime
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Protocol
from urllib.parse import parse_qsl

from traycreds.core.value_class import field, replace, value_class
from traycreds.sim import sigv4
from traycreds.sim.errors import ErrorResponse
from traycreds.sim.faults import TRANSPORT, Fault, Faults, refusal
from traycreds.sim.server import Response, Server
from traycreds.sim.sts import Sts, error_xml
from traycreds.sim.world import World

if TYPE_CHECKING:
    from typing_extensions import Self

PARAMETER_LIMIT = 1000
PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1>a proxy</body></html>"


def real_now() -> datetime:
    """The machine's clock."""
    return datetime.now(timezone.utc)


@value_class(kw_only=True)
class Call:
    """One call that came in; with all parameters, MFA codes included, for tests.

    `region` is that of its signature. `outcome`: "OK", an AWS error code, or a fault's value.
    """

    action: str
    role_arn: str | None
    region: str | None
    outcome: str
    parameters: Mapping[str, str] = field(repr=False)
    user_agent: str


class Service(Protocol):
    """A further AWS service that the simulator answers for."""

    def action(self, request: sigv4.SignedRequest) -> str | None:
        """Return the name of the action that a request asks for, or None when this service has no such action."""
        ...

    def parameters(self, request: sigv4.SignedRequest) -> Mapping[str, str]:
        """Return the parameters of a request as text."""
        ...

    def respond(self, request: sigv4.SignedRequest, fault: Fault | None) -> tuple[Response, str]:
        """Carry out a request, or fail as AWS does under a fault; return the response and "OK" or the error code."""
        ...


class Simulator:
    """A local STS and other services, as a context manager; tests and the demo add to its `world` and set `faults`.

    Attributes:
        poll_interval: seconds after which `close` is heard at the latest.
    """

    poll_interval: ClassVar[float] = 0.05

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = real_now,
        world: World | None = None,
        services: Iterable[Service] = (),
    ) -> None:
        """Prepare; nothing listens before `start`. `clock` is that of sessions; signatures go by real time."""
        self.world = world or World()
        self.faults = Faults()
        self._clock = clock
        self._services = tuple(services)
        self._sts = Sts(self.world, clock)
        self._calls: list[Call] = []
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The endpoint, for AWS_ENDPOINT_URL."""
        if self._server is None:
            raise RuntimeError("The simulator is not running.")
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls so far, oldest first."""
        return tuple(self._calls)

    def start(self) -> None:
        """Listen on a free port of the loopback interface."""
        self._server = Server(self._handle, self._date, self.faults)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": self.poll_interval}, name="sim", daemon=True
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

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _date(self) -> str:
        return format_datetime((self._clock() + self.faults.date_skew).astimezone(timezone.utc), usegmt=True)

    def _handle(self, request: sigv4.SignedRequest) -> Response:
        if (request.method, request.path) == ("POST", "/"):
            return self._handle_sts(request)
        for service in self._services:
            action = service.action(request)
            if action is not None:
                return self._handle_service(service, request, action)
        return Response(status=404, body="", content_type="text/plain")

    def _handle_sts(self, request: sigv4.SignedRequest) -> Response:
        form = _pairs(request.body)
        request_id = str(uuid.uuid4())
        role_arn = form.get("RoleArn")
        fault = self.faults.take(role_arn)
        signers: list[sigv4.Signer] = []

        def authenticate() -> sigv4.Signer:
            signer = sigv4.verify(
                request,
                find_key=self.world.key,
                real_now=real_now(),
                session_now=self._clock(),
                service=self._sts.services.get(form.get("Action", ""), "sts"),
            )
            signers.append(signer)
            if fault is not None and fault not in TRANSPORT:
                caller = signer.key.principal
                raise refusal(fault, principal_arn=caller.arn, account=caller.account, role_arn=role_arn)
            return signer

        response = _broken(fault)
        outcome = fault.value if response is not None and fault is not None else "OK"
        if response is None:
            try:
                response = Response(status=200, body=self._sts.respond(form, authenticate, request_id), fault=fault)
            except ErrorResponse as error:
                outcome = error.code
                response = Response(status=error.status, body=error_xml(error, request_id), fault=fault)
        region = signers[0].region if signers else None
        self._record(request, form.get("Action", ""), form, outcome=outcome, role_arn=role_arn, region=region)
        return response

    def _handle_service(self, service: Service, request: sigv4.SignedRequest, action: str) -> Response:
        parameters = service.parameters(request)
        fault = self.faults.take(parameters.get("role_name", action))
        broken = _broken(fault)
        if broken is not None and fault is not None:
            response, outcome = broken, fault.value
        else:
            response, outcome = service.respond(request, fault)
        self._record(request, action, parameters, outcome=outcome)
        return replace(response, fault=fault)

    def _record(
        self,
        request: sigv4.SignedRequest,
        action: str,
        parameters: Mapping[str, str],
        *,
        outcome: str,
        role_arn: str | None = None,
        region: str | None = None,
    ) -> None:
        agent = request.headers.get("user-agent", "")
        self._calls.append(
            Call(
                action=action,
                role_arn=role_arn,
                region=region,
                outcome=outcome,
                parameters=parameters,
                user_agent=agent,
            )
        )


def _broken(fault: Fault | None) -> Response | None:
    if fault in TRANSPORT and fault is not Fault.DRIP:
        return Response(status=502, body=PROXY_PAGE, content_type="text/html", fault=fault)
    return None


def _pairs(text: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(text.decode(), keep_blank_values=True, max_num_fields=PARAMETER_LIMIT))
    except ValueError:
        return {}
