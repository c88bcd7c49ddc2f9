"""IAM Identity Center and `aws login` as one: which request is which action of the portal, a sign-in service or page.

Speaks rest-json in AWS's error codes; the pages speak HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from tests.support.sim import sign_in_pages
from tests.support.sim.aws_login import ConsoleSignIn
from tests.support.sim.oidc import DEVICE_PATH, Oidc
from tests.support.sim.portal import Portal
from traycreds.sim.errors import ErrorResponse
from traycreds.sim.faults import Fault, refusal
from traycreds.sim.server import Response
from traycreds.sim.sigv4 import SignedRequest
from traycreds.sim.world import World

JSON = "application/json"
HTML = "text/html; charset=utf-8"

_Play: TypeAlias = "Callable[[SignedRequest], Response]"


class IdentityCenter:
    """Answers everything that is not STS.

    Attributes:
        portal: accounts and roles, for who is signed in.
        oidc: who signs in, and how.
        console: who signs in with `aws login`.
    """

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        """Issue sessions into a world, by this clock."""
        self.portal = Portal(world, clock)
        self.oidc = Oidc(self.portal, clock)
        self.console = ConsoleSignIn(world, clock)
        self._actions: dict[tuple[str, str], tuple[str, _Play]] = {
            ("GET", "/federation/credentials"): ("GetRoleCredentials", _json(self.portal.role_credentials)),
            ("GET", "/assignment/accounts"): ("ListAccounts", _json(self.portal.list_accounts)),
            ("GET", "/assignment/roles"): ("ListAccountRoles", _json(self.portal.list_roles)),
            ("POST", "/logout"): ("Logout", self._logout),
            ("POST", "/client/register"): ("RegisterClient", _json(lambda r: self.oidc.register(_body(r)))),
            ("POST", "/device_authorization"): (
                "StartDeviceAuthorization",
                _json(lambda r: self.oidc.start_device(_body(r), f"http://{r.headers.get('host', '')}")),
            ),
            ("POST", "/token"): ("CreateToken", _json(lambda r: self.oidc.create_token(_body(r)))),
            ("POST", "/v1/token"): ("CreateOAuth2Token", _json(self._renew_login)),
            ("GET", "/authorize"): ("AuthorizePage", self._authorize_page),
            ("POST", "/authorize"): ("Authorize", self._authorize),
            ("GET", DEVICE_PATH): ("DevicePage", self._device_page),
            ("POST", DEVICE_PATH): ("AllowDevice", self._allow_device),
        }

    def action(self, request: SignedRequest) -> str | None:
        """The name of what a request asks for; None when there is no such thing."""
        found = self._actions.get((request.method, request.path))
        return found and found[0]

    def respond(self, request: SignedRequest, fault: Fault | None) -> tuple[Response, str]:
        """Carry out a request, or fail as AWS would under a fault; with "OK" or the error code."""
        action, play = self._actions[request.method, request.path]
        try:
            if fault is not None and fault is not Fault.DRIP:
                raise _refusal(fault, action)
            return play(request), "OK"
        except ErrorResponse as error:
            if action in ("AuthorizePage", "Authorize", "DevicePage", "AllowDevice"):
                page = sign_in_pages.message_page("This does not work", error.message)
                return Response(status=error.status, body=page, content_type=HTML), error.code
            plain = _oidc_error(error) if request.method == "POST" else {"message": error.message}
            body = json.dumps(error.body or plain)
            return Response(status=error.status, body=body, content_type=JSON, error_type=error.code), error.code

    @staticmethod
    def parameters(request: SignedRequest) -> dict[str, str]:
        """What a request says, as text."""
        if request.method == "POST" and "json" in request.headers.get("content-type", ""):
            return {
                name: value if isinstance(value, str) else json.dumps(value) for name, value in _body(request).items()
            }
        return _pairs(request.query or request.body.decode(errors="replace"))

    def _renew_login(self, request: SignedRequest) -> dict[str, Any]:
        url = f"http://{request.headers.get('host', '')}{request.path}"
        return self.console.create_token(_body(request), request.headers.get("dpop", ""), url)

    def _logout(self, request: SignedRequest) -> Response:
        self.portal.log_out(request)
        return Response(status=200, body="", content_type=JSON)

    def _authorize_page(self, request: SignedRequest) -> Response:
        query = _pairs(request.query)
        self.oidc.check_authorize(query)
        return Response(status=200, body=sign_in_pages.authorize(self.oidc.visitor, query), content_type=HTML)

    def _authorize(self, request: SignedRequest) -> Response:
        form = _pairs(request.body.decode(errors="replace"))
        target = self.oidc.decide(form, allowed=form.get("answer") == "allow")
        return Response(status=302, body="", content_type=HTML, location=target)

    def _device_page(self, request: SignedRequest) -> Response:
        page = sign_in_pages.device(self.oidc.visitor, _pairs(request.query).get("user_code", ""))
        return Response(status=200, body=page, content_type=HTML)

    def _allow_device(self, request: SignedRequest) -> Response:
        form = _pairs(request.body.decode(errors="replace"))
        allowed = form.get("answer") == "allow"
        if not self.oidc.decide_device(form.get("user_code", ""), allowed=allowed):
            raise ErrorResponse(400, "InvalidRequestException", "No device shows this code.")
        page = sign_in_pages.message_page(
            "Done", "You can close this window." if allowed else "The device was not allowed."
        )
        return Response(status=200, body=page, content_type=HTML)


def _json(play: Callable[[SignedRequest], Mapping[str, Any]]) -> _Play:
    return lambda request: Response(status=200, body=json.dumps(play(request)), content_type=JSON)


def _body(request: SignedRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ErrorResponse(400, "InvalidRequestException", "The body is not a JSON object")
    return body


def _pairs(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return {}


def _refusal(fault: Fault, action: str) -> ErrorResponse:
    if fault is Fault.THROTTLE and action in ("CreateToken", "RegisterClient", "StartDeviceAuthorization"):
        return ErrorResponse(400, "SlowDownException", "Slow down")
    if fault is Fault.THROTTLE and action == "CreateOAuth2Token":
        return ErrorResponse(
            429, "TooManyRequestsError", "Rate exceeded", body={"error": "rate_exceeded", "message": ""}
        )
    if fault is Fault.THROTTLE:
        return ErrorResponse(429, "TooManyRequestsException", "HTTP 429 Unknown Code")
    return refusal(fault, principal_arn="", account="", role_arn=None)


def _oidc_error(error: ErrorResponse) -> dict[str, str]:
    """The body of an error of the sign-in service: OAuth's name of it (RFC 6749, 5.2) is made from AWS's."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", error.code.removesuffix("Exception")).lower()
    return {"error": name, "error_description": error.message}
