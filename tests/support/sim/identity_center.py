"""IAM Identity Center in tests, with `aws login`: which request is which action, beside those that the demo needs too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape
from typing import Any

from tests.support.sim.aws_login import ConsoleSignIn
from tests.support.sim.oidc import Oidc
from tests.support.sim.portal import Portal
from traycreds.sim import identity_center
from traycreds.sim.errors import ErrorResponse
from traycreds.sim.faults import Fault
from traycreds.sim.identity_center import BUTTONS, HTML, JSON, as_json, body_of, html_page, pairs
from traycreds.sim.server import Response
from traycreds.sim.sigv4 import SignedRequest
from traycreds.sim.world import World


class IdentityCenter(identity_center.IdentityCenter):
    """Answers everything that is not STS.

    Attributes:
        portal: accounts and roles, for who is signed in.
        oidc: who signs in, and how.
        console: who signs in with `aws login`.
    """

    pages = identity_center.IdentityCenter.pages | {"AuthorizePage", "Authorize"}
    portal: Portal
    oidc: Oidc

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        """Issue sessions into a world, by this clock."""
        portal = Portal(world, clock)
        super().__init__(portal, Oidc(portal, clock))
        self.console = ConsoleSignIn(world, clock)
        self._actions |= {
            ("GET", "/assignment/accounts"): ("ListAccounts", as_json(portal.list_accounts)),
            ("GET", "/assignment/roles"): ("ListAccountRoles", as_json(portal.list_roles)),
            ("POST", "/logout"): ("Logout", self._logout),
            ("POST", "/v1/token"): ("CreateOAuth2Token", as_json(self._renew_login)),
            ("GET", "/authorize"): ("AuthorizePage", self._authorize_page),
            ("POST", "/authorize"): ("Authorize", self._authorize),
        }

    @staticmethod
    def refusal(fault: Fault, action: str) -> ErrorResponse:
        """What AWS answers to an action under a fault."""
        if fault is not Fault.THROTTLE:
            return identity_center.IdentityCenter.refusal(fault, action)
        if action in ("CreateToken", "RegisterClient", "StartDeviceAuthorization"):
            return ErrorResponse(400, "SlowDownException", "Slow down")
        if action == "CreateOAuth2Token":
            body = {"error": "rate_exceeded", "message": ""}
            return ErrorResponse(429, "TooManyRequestsError", "Rate exceeded", body=body)
        return ErrorResponse(429, "TooManyRequestsException", "HTTP 429 Unknown Code")

    def _renew_login(self, request: SignedRequest) -> dict[str, Any]:
        url = f"http://{request.headers.get('host', '')}{request.path}"
        return self.console.create_token(body_of(request), request.headers.get("dpop", ""), url)

    def _logout(self, request: SignedRequest) -> Response:
        self.portal.log_out(request)
        return Response(status=200, body="", content_type=JSON)

    def _authorize_page(self, request: SignedRequest) -> Response:
        query = pairs(request.query)
        self.oidc.check_authorize(query)
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in query.items()
        )
        scopes = escape(query.get("scopes", "") or "no scope")
        return html_page(
            "Allow access?",
            f"<p>{escape(self.oidc.visitor)}, an app on this computer asks for access to your AWS accounts ({scopes})."
            f'</p><form method="post" action="/authorize">{hidden}{BUTTONS}</form>',
        )

    def _authorize(self, request: SignedRequest) -> Response:
        form = pairs(request.body.decode(errors="replace"))
        target = self.oidc.decide(form, allowed=form.get("answer") == "allow")
        return Response(status=302, body="", content_type=HTML, location=target)
