"""The console of the demo: a federation endpoint that knows the simulated sessions, and the page that they open."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from html import escape

from traycreds.sim.errors import ErrorResponse
from traycreds.sim.faults import Fault
from traycreds.sim.identity_center import JSON, html_page, pairs
from traycreds.sim.server import Response
from traycreds.sim.sigv4 import SignedRequest
from traycreds.sim.world import Principal, World

PATH = "/console"
_REFUSED = "AWS did not accept this sign-in."


class DemoConsole:
    """Answers for AWS's federation endpoint, so that a simulated session never leaves this machine."""

    def __init__(self, world: World) -> None:
        """Sign in with the sessions of this world."""
        self._world = world
        self._tokens: dict[str, Principal] = {}

    def action(self, request: SignedRequest) -> str | None:
        """The name of what a request asks for; None when there is no such thing."""
        return {("POST", PATH): "GetSigninToken", ("GET", PATH): "Console"}.get((request.method, request.path))

    @staticmethod
    def parameters(request: SignedRequest) -> Mapping[str, str]:
        """What a request says, as text."""
        return pairs(request.query or request.body.decode(errors="replace"))

    def respond(self, request: SignedRequest, fault: Fault | None) -> tuple[Response, str]:
        """Give a token for a session, or the page for a token; with "OK" or the error code."""
        # The demo sets faults of roles alone.
        del fault
        given = self.parameters(request)
        try:
            return self._token(given) if request.method == "POST" else self._page(given), "OK"
        except ErrorResponse as error:
            return html_page("This does not work", escape(error.message), status=error.status), error.code

    def _token(self, given: Mapping[str, str]) -> Response:
        try:
            session = json.loads(given.get("Session", ""))
            key = self._world.key(session["sessionId"])
            shown = session["sessionKey"], session["sessionToken"]
        except (ValueError, KeyError, TypeError):
            raise _refusal() from None
        if key is None or shown != (key.secret_access_key, key.session_token):
            raise _refusal()
        token = secrets.token_urlsafe(32)
        self._tokens[token] = key.principal
        return Response(status=200, body=json.dumps({"SigninToken": token}), content_type=JSON)

    def _page(self, given: Mapping[str, str]) -> Response:
        principal = self._tokens.get(given.get("SigninToken", ""))
        if principal is None:
            raise _refusal()
        return html_page(
            "The AWS console would open here",
            f"<p>The demo has no real AWS. With your own roles, this is the console, signed in as "
            f"<b>{escape(principal.arn)}</b>.</p>",
        )


def _refusal() -> ErrorResponse:
    return ErrorResponse(400, "InvalidRequest", _REFUSED)
