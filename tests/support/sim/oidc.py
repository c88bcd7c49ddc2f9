"""The sign-in service of the simulator (sso-oidc) in tests: codes and renewals beside devices. Knows nothing of HTTP.

Refresh tokens are stricter than AWS's own: each works once, and one that is used again ends the whole sign-in, so that
a client which loses a rotated token is found out.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.sim.portal import Portal
from traycreds.core.value_class import replace, value_class
from traycreds.sim.device_authorization import DEVICE_GRANT, Client, DeviceAuthorization
from traycreds.sim.errors import ErrorResponse

GRANTS = frozenset({"authorization_code", "refresh_token", DEVICE_GRANT})
CODE_LENGTH = timedelta(minutes=5)


@value_class(kw_only=True)
class Code:
    """What an authorization code stands for."""

    client_id: str
    redirect: str
    challenge: str
    expires_at: datetime


@value_class(kw_only=True)
class Grant:
    """What a refresh token stands for: a sign-in of a client, until it ends."""

    client_id: str
    family: str
    ends_at: datetime
    used: bool = False


class Oidc(DeviceAuthorization):
    """Registers clients, hands out codes and tokens.

    Attributes:
        token_length: how long an access token lasts that comes with a refresh token.
    """

    def __init__(self, portal: Portal, clock: Callable[[], datetime]) -> None:
        """Sign in at a portal; everything ends by this clock."""
        super().__init__(portal, clock)
        self.token_length = timedelta(hours=1)
        self._portal: Portal = portal
        self._codes: dict[str, Code] = {}
        self._grants: dict[str, Grant] = {}

    def register(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Response RegisterClient, of a request that is checked."""
        if body.get("clientType") != "public" or not body.get("clientName"):
            raise ErrorResponse(400, "InvalidClientMetadataException", "Invalid client metadata")
        grants, redirects = tuple(body.get("grantTypes", ())), tuple(body.get("redirectUris", ()))
        if not GRANTS.issuperset(grants):
            raise ErrorResponse(400, "UnsupportedGrantTypeException", "Grant type not supported")
        if any(_loopback(uri) is None for uri in redirects):
            raise ErrorResponse(400, "InvalidRedirectUriException", "Invalid redirect uri")
        if "authorization_code" in grants and not (redirects and body.get("issuerUrl")):
            raise _invalid_request("redirectUris and issuerUrl are required")
        return super().register(body)

    def create_token(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Response CreateToken."""
        with self._lock:
            client = self._authenticate(body)
            grant = body.get("grantType", "")
            if grant not in GRANTS:
                raise ErrorResponse(400, "UnsupportedGrantTypeException", "Grant type not supported")
            allowed = client.wanted.get("grantTypes")
            if allowed and grant not in allowed:
                raise ErrorResponse(400, "UnauthorizedClientException", "Client is not authorized for this grant type")
            if grant == "authorization_code":
                self._redeem_code(body)
            elif grant == "refresh_token":
                return self._refresh(body)
            else:
                self._poll(body)
            family = secrets.token_hex(8)
            return self._tokens(body["clientId"], family, self._clock() + self.sign_in_length)

    def check_authorize(self, query: Mapping[str, str]) -> None:
        """Whether the page of an authorization request may be shown.

        Raises:
            ErrorResponse: the request is wrong; the browser must not be sent anywhere.
        """
        client = self._clients.get(query.get("client_id", ""))
        if client is None or client.expires_at <= self._clock():
            raise ErrorResponse(401, "InvalidClientException", "Invalid client")
        wanted = _loopback(query.get("redirect_uri", ""))
        if wanted is None or wanted not in [_loopback(uri) for uri in client.wanted.get("redirectUris", ())]:
            raise ErrorResponse(400, "InvalidRedirectUriException", "Invalid redirect uri")
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            raise _invalid_request("Only the code flow with S256 is supported")
        if not query.get("code_challenge") or not query.get("state"):
            raise _invalid_request("code_challenge and state are required")

    def decide(self, query: Mapping[str, str], *, allowed: bool) -> str:
        """Where the browser goes once the visitor has decided about an authorization request."""
        self.check_authorize(query)
        outcome = {"error": "access_denied"}
        if allowed:
            code = secrets.token_urlsafe(24)
            with self._lock:
                self._codes[code] = Code(
                    client_id=query["client_id"],
                    redirect=query["redirect_uri"],
                    challenge=query["code_challenge"],
                    expires_at=self._clock() + CODE_LENGTH,
                )
            outcome = {"code": code}
        return f"{query['redirect_uri']}?{urlencode({**outcome, 'state': query['state']})}"

    def revoke(self, *, access: bool = True) -> None:
        """End every sign-in, as an administrator can; without `access` the access tokens live on till they expire."""
        with self._lock:
            self._grants.clear()
        if access:
            self._portal.sign_out_all()

    def forget_clients(self) -> None:
        """Lose every registration."""
        with self._lock:
            self._clients.clear()

    def _redeem_code(self, body: Mapping[str, Any]) -> None:
        code = self._codes.pop(str(body.get("code")), None)
        if code is None or code.client_id != body["clientId"] or code.expires_at <= self._clock():
            raise _invalid_grant()
        digest = hashlib.sha256(str(body.get("codeVerifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != code.challenge or code.redirect != body.get("redirectUri"):
            raise _invalid_grant()

    def _refresh(self, body: Mapping[str, Any]) -> dict[str, Any]:
        token = str(body.get("refreshToken"))
        grant = self._grants.get(token)
        if grant is None or grant.client_id != body["clientId"] or grant.ends_at <= self._clock():
            raise _invalid_grant()
        if grant.used:
            self._grants = {key: one for key, one in self._grants.items() if one.family != grant.family}
            raise _invalid_grant()
        self._grants[token] = replace(grant, used=True)
        return self._tokens(grant.client_id, grant.family, grant.ends_at)

    def _tokens(self, client_id: str, family: str, ends_at: datetime) -> dict[str, Any]:
        renews = _renews(self._clients[client_id])
        left = ends_at - self._clock()
        lasts = min(self.token_length, left) if renews else left
        answer = self._token(lasts)
        if renews:
            answer["refreshToken"] = secrets.token_urlsafe(48)
            self._grants[answer["refreshToken"]] = Grant(client_id=client_id, family=family, ends_at=ends_at)
        return answer


def _renews(client: Client) -> bool:
    """Whether its tokens come with a refresh token: AWS gives one to clients with a scope."""
    grants = client.wanted.get("grantTypes")
    return bool(client.wanted.get("scopes")) and (not grants or "refresh_token" in grants)


def _loopback(uri: str) -> tuple[str, str] | None:
    """Host and path of a redirect to this machine: the port does not count (RFC 8252, 7.3); None for any other."""
    try:
        split = urlsplit(uri)
    except ValueError:
        return None
    if split.scheme != "http" or split.hostname != "127.0.0.1" or split.query or split.fragment:
        return None
    return split.hostname, split.path


def _invalid_request(message: str) -> ErrorResponse:
    return ErrorResponse(400, "InvalidRequestException", message)


def _invalid_grant() -> ErrorResponse:
    return ErrorResponse(400, "InvalidGrantException", "Invalid grant provided")
