"""IAM Identity Center of the simulator: which request is which action of the portal, the sign-in service or its page.

Speaks rest-json in AWS's error codes; the page speaks HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, ClassVar, TypeAlias
from urllib.parse import parse_qsl

from traycreds.sim.device_authorization import DEVICE_PATH, DeviceAuthorization
from traycreds.sim.errors import ErrorResponse
from traycreds.sim.faults import Fault, refusal
from traycreds.sim.portal import SsoPortal
from traycreds.sim.server import Response
from traycreds.sim.sigv4 import SignedRequest

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><style>body {{ font-family: sans-serif; margin: 2em }}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""
BUTTONS = (
    '<p><button id="allow" name="answer" value="allow">Allow</button> '
    '<button id="deny" name="answer" value="deny">Deny</button></p>'
)
Act: TypeAlias = "Callable[[SignedRequest], Response]"


class IdentityCenter:
    """Answers for IAM Identity Center: `oidc` says who signs in, `portal` gives their roles."""

    pages: ClassVar[frozenset[str]] = frozenset({"DevicePage", "AllowDevice"})

    def __init__(self, portal: SsoPortal, oidc: DeviceAuthorization) -> None:
        """Route to these."""
        self.portal, self.oidc = portal, oidc
        self._actions: dict[tuple[str, str], tuple[str, Act]] = {
            ("GET", "/federation/credentials"): ("GetRoleCredentials", as_json(portal.role_credentials)),
            ("POST", "/client/register"): ("RegisterClient", as_json(lambda r: oidc.register(body_of(r)))),
            ("POST", "/device_authorization"): (
                "StartDeviceAuthorization",
                as_json(lambda r: oidc.start_device(body_of(r), f"http://{r.headers.get('host', '')}")),
            ),
            ("POST", "/token"): ("CreateToken", as_json(lambda r: oidc.create_token(body_of(r)))),
            ("GET", DEVICE_PATH): ("DevicePage", self._device_page),
            ("POST", DEVICE_PATH): ("AllowDevice", self._allow_device),
        }

    def action(self, request: SignedRequest) -> str | None:
        """The name of what a request asks for; None when there is no such thing."""
        found = self._actions.get((request.method, request.path))
        return found and found[0]

    def respond(self, request: SignedRequest, fault: Fault | None) -> tuple[Response, str]:
        """Carry out a request, or fail as AWS would under a fault; with "OK" or the error code."""
        action, act = self._actions[request.method, request.path]
        try:
            if fault is not None and fault is not Fault.DRIP:
                raise self.refusal(fault, action)
            return act(request), "OK"
        except ErrorResponse as error:
            if action in self.pages:
                return html_page("This does not work", escape(error.message), status=error.status), error.code
            body = error.body or (_oidc_error(error) if request.method == "POST" else {"message": error.message})
            text = json.dumps(body)
            return Response(status=error.status, body=text, content_type=JSON, error_type=error.code), error.code

    @staticmethod
    def parameters(request: SignedRequest) -> dict[str, str]:
        """What a request says, as text."""
        if request.method == "POST" and "json" in request.headers.get("content-type", ""):
            fields = body_of(request).items()
            return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields}
        return pairs(request.query or request.body.decode(errors="replace"))

    @staticmethod
    def refusal(fault: Fault, action: str) -> ErrorResponse:
        """What AWS answers to an action under a fault."""
        del action
        return refusal(fault, principal_arn="", account="", role_arn=None)

    def _device_page(self, request: SignedRequest) -> Response:
        code = escape(pairs(request.query).get("user_code", ""))
        return html_page(
            "Allow a device?",
            f"<p>{escape(self.oidc.visitor)}, allow the device that shows this code?</p>"
            f'<form method="post" action="{DEVICE_PATH}"><label>Code <input name="user_code" value="{code}"></label>'
            f"{BUTTONS}</form>",
        )

    def _allow_device(self, request: SignedRequest) -> Response:
        form = pairs(request.body.decode(errors="replace"))
        allowed = form.get("answer") == "allow"
        if not self.oidc.decide_device(form.get("user_code", ""), allowed=allowed):
            raise ErrorResponse(400, "InvalidRequestException", "No device shows this code.")
        return html_page("Done", "You can close this window." if allowed else "The device was not allowed.")


JSON, HTML = "application/json", "text/html; charset=utf-8"


def html_page(title: str, body: str, *, status: int = 200) -> Response:
    """A page for the browser."""
    return Response(status=status, body=_PAGE.format(title=title, body=body), content_type=HTML)


def as_json(act: Callable[[SignedRequest], Mapping[str, Any]]) -> Act:
    """Answer with what it returns."""
    return lambda request: Response(status=200, body=json.dumps(act(request)), content_type=JSON)


def body_of(request: SignedRequest) -> dict[str, Any]:
    """The JSON object that a request holds. Raises ErrorResponse: it holds none."""
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ErrorResponse(400, "InvalidRequestException", "The body is not a JSON object")
    return body


def pairs(text: str) -> dict[str, str]:
    """The fields of a query or a form; none of an invalid one."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return {}


def _oidc_error(error: ErrorResponse) -> dict[str, str]:
    """The body of an error of the sign-in service: OAuth's name of it (RFC 6749, 5.2) is made from AWS's."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", error.code.removesuffix("Exception")).lower()
    return {"error": name, "error_description": error.message}
