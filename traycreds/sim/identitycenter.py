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

from traycreds.sim import signinpages
from traycreds.sim.consolesignin import ConsoleSignIn
from traycreds.sim.faults import Fault, refusal
from traycreds.sim.oidc import DEVICE_PATH, Oidc
from traycreds.sim.portal import Portal
from traycreds.sim.refusal import Refused
from traycreds.sim.server import Answer
from traycreds.sim.sigv4 import Request
from traycreds.sim.world import World

JSON = "application/json"
HTML = "text/html; charset=utf-8"

_Play: TypeAlias = "Callable[[Request], Answer]"


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

    def action(self, request: Request) -> str | None:
        """The name of what a request asks for; None when there is no such thing."""
        found = self._actions.get((request.method, request.path))
        return found and found[0]

    def answer(self, request: Request, fault: Fault | None) -> tuple[Answer, str]:
        """Carry out a request, or fail as AWS would under a fault; with "OK" or the error code."""
        action, play = self._actions[request.method, request.path]
        try:
            if fault is not None and fault is not Fault.DRIP:
                raise _refusal(fault, action)
            return play(request), "OK"
        except Refused as refused:
            if action in ("AuthorizePage", "Authorize", "DevicePage", "AllowDevice"):
                page = signinpages.said("This does not work", refused.message)
                return Answer(status=refused.status, body=page, content_type=HTML), refused.code
            plain = _oidc_error(refused) if request.method == "POST" else {"message": refused.message}
            body = json.dumps(refused.body or plain)
            return Answer(status=refused.status, body=body, content_type=JSON, error_type=refused.code), refused.code

    @staticmethod
    def parameters(request: Request) -> dict[str, str]:
        """What a request says, as text."""
        if request.method == "POST" and "json" in request.headers.get("content-type", ""):
            return {
                name: value if isinstance(value, str) else json.dumps(value) for name, value in _body(request).items()
            }
        return _pairs(request.query or request.body.decode(errors="replace"))

    def _renew_login(self, request: Request) -> dict[str, Any]:
        url = f"http://{request.headers.get('host', '')}{request.path}"
        return self.console.create_token(_body(request), request.headers.get("dpop", ""), url)

    def _authorize_page(self, request: Request) -> Answer:
        query = _pairs(request.query)
        self.oidc.check_authorize(query)
        return Answer(status=200, body=signinpages.authorize(self.oidc.visitor, query), content_type=HTML)

    def _authorize(self, request: Request) -> Answer:
        form = _pairs(request.body.decode(errors="replace"))
        target = self.oidc.decide(form, allowed=form.get("answer") == "allow")
        return Answer(status=302, body="", content_type=HTML, location=target)

    def _device_page(self, request: Request) -> Answer:
        page = signinpages.device(self.oidc.visitor, _pairs(request.query).get("user_code", ""))
        return Answer(status=200, body=page, content_type=HTML)

    def _allow_device(self, request: Request) -> Answer:
        form = _pairs(request.body.decode(errors="replace"))
        allowed = form.get("answer") == "allow"
        if not self.oidc.decide_device(form.get("user_code", ""), allowed=allowed):
            raise Refused(400, "InvalidRequestException", "No device shows this code.")
        page = signinpages.said("Done", "You can close this window." if allowed else "The device was not allowed.")
        return Answer(status=200, body=page, content_type=HTML)


def _json(play: Callable[[Request], Mapping[str, Any]]) -> _Play:
    return lambda request: Answer(status=200, body=json.dumps(play(request)), content_type=JSON)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "InvalidRequestException", "The body is no JSON object")
    return body


def _pairs(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return {}


def _refusal(fault: Fault, action: str) -> Refused:
    if fault is Fault.THROTTLE and action in ("CreateToken", "RegisterClient", "StartDeviceAuthorization"):
        return Refused(400, "SlowDownException", "Slow down")
    if fault is Fault.THROTTLE and action == "CreateOAuth2Token":
        return Refused(429, "TooManyRequestsError", "Rate exceeded", body={"error": "rate_exceeded", "message": ""})
    if fault is Fault.THROTTLE:
        return Refused(429, "TooManyRequestsException", "HTTP 429 Unknown Code")
    return refusal(fault, principal_arn="", account="", role_arn=None)


def _oidc_error(refused: Refused) -> dict[str, str]:
    """The body of an error of the sign-in service: OAuth's name of it (RFC 6749, 5.2) is made from AWS's."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", refused.code.removesuffix("Exception")).lower()
    return {"error": name, "error_description": refused.message}
