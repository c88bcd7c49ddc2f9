"""The sign-in service of the simulator (sso-oidc): clients, codes and tokens. Knows nothing of HTTP and shows no page.

Refresh tokens are stricter than AWS's own: each works once, and one that is used again ends the whole sign-in, so that
a client which loses a rotated token is found out.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.sim.oidc_records import Client, Code, Device, Grant
from tests.support.sim.portal import Portal
from traycreds.sim.errors import ErrorResponse

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = frozenset({"authorization_code", "refresh_token", DEVICE_GRANT})
DEVICE_PATH = "/device"
CODE_LENGTH = timedelta(minutes=5)
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


class Oidc:
    """Registers clients, hands out codes and tokens.

    Attributes:
        visitor: who sits at the browser.
        token_length: how long an access token lasts that comes with a refresh token.
        sign_in_length: how long a sign-in lasts, refreshes included (IAM Identity Center: 8 hours by default).
        registration_length: how long a client may use its registration.
        device_length: how long a device may wait.
        interval: seconds between two polls of a device.
    """

    def __init__(self, portal: Portal, clock: Callable[[], datetime]) -> None:
        """Sign in at a portal; everything ends by this clock."""
        self.visitor = "alice"
        self.token_length = timedelta(hours=1)
        self.sign_in_length = timedelta(hours=8)
        self.registration_length = timedelta(days=90)
        self.device_length = timedelta(minutes=10)
        self.interval = 1
        self._portal = portal
        self._clock = clock
        self._lock = threading.RLock()
        self._clients: dict[str, Client] = {}
        self._codes: dict[str, Code] = {}
        self._devices: dict[str, Device] = {}
        self._grants: dict[str, Grant] = {}

    def register(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Response RegisterClient."""
        if body.get("clientType") != "public" or not body.get("clientName"):
            raise ErrorResponse(400, "InvalidClientMetadataException", "Invalid client metadata")
        grants, redirects = tuple(body.get("grantTypes", ())), tuple(body.get("redirectUris", ()))
        if not GRANTS.issuperset(grants):
            raise ErrorResponse(400, "UnsupportedGrantTypeException", "Grant type not supported")
        if any(_loopback(uri) is None for uri in redirects):
            raise ErrorResponse(400, "InvalidRedirectUriException", "Invalid redirect uri")
        if "authorization_code" in grants and not (redirects and body.get("issuerUrl")):
            raise _invalid_request("redirectUris and issuerUrl are required")
        now = self._clock()
        client_id = secrets.token_urlsafe(16)
        client = Client(
            secret=secrets.token_urlsafe(32),
            scopes=tuple(body.get("scopes", ())),
            grants=grants,
            redirects=redirects,
            expires_at=now + self.registration_length,
        )
        with self._lock:
            self._clients[client_id] = client
        return {
            "clientId": client_id,
            "clientSecret": client.secret,
            "clientIdIssuedAt": int(now.timestamp()),
            "clientSecretExpiresAt": int(client.expires_at.timestamp()),
        }

    def start_device(self, body: Mapping[str, Any], base: str) -> dict[str, Any]:
        """Response StartDeviceAuthorization; `base` is where the pages are."""
        self._authenticate(body)
        if not body.get("startUrl"):
            raise _invalid_request("startUrl is required")
        code = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(2))
        device_code = secrets.token_urlsafe(32)
        device = Device(
            client_id=body["clientId"],
            user_code=code,
            expires_at=self._clock() + self.device_length,
            interval=self.interval,
        )
        with self._lock:
            self._devices[device_code] = device
        return {
            "deviceCode": device_code,
            "userCode": code,
            "verificationUri": base + DEVICE_PATH,
            "verificationUriComplete": f"{base}{DEVICE_PATH}?{urlencode({'user_code': code})}",
            "expiresIn": int(self.device_length.total_seconds()),
            "interval": device.interval,
        }

    def create_token(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Response CreateToken."""
        with self._lock:
            client = self._authenticate(body)
            grant = body.get("grantType", "")
            if grant not in GRANTS:
                raise ErrorResponse(400, "UnsupportedGrantTypeException", "Grant type not supported")
            if client.grants and grant not in client.grants:
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
        if wanted is None or wanted not in [_loopback(uri) for uri in client.redirects]:
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

    def decide_device(self, user_code: str, *, allowed: bool) -> bool:
        """Let a device in, or not; False when no device shows this code."""
        with self._lock:
            for device_code, device in self._devices.items():
                if device.user_code == user_code.strip().upper() and device.expires_at > self._clock():
                    self._devices[device_code] = replace(device, allowed=allowed)
                    return True
        return False

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

    def _authenticate(self, body: Mapping[str, Any]) -> Client:
        client = self._clients.get(str(body.get("clientId")))
        secret = str(body.get("clientSecret", ""))
        if client is None or not secrets.compare_digest(client.secret, secret) or client.expires_at <= self._clock():
            raise ErrorResponse(401, "InvalidClientException", "Invalid client")
        return client

    def _redeem_code(self, body: Mapping[str, Any]) -> None:
        code = self._codes.pop(str(body.get("code")), None)
        if code is None or code.client_id != body["clientId"] or code.expires_at <= self._clock():
            raise _invalid_grant()
        digest = hashlib.sha256(str(body.get("codeVerifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != code.challenge or code.redirect != body.get("redirectUri"):
            raise _invalid_grant()

    def _poll(self, body: Mapping[str, Any]) -> None:
        device_code = str(body.get("deviceCode"))
        device = self._devices.get(device_code)
        if device is None or device.client_id != body["clientId"]:
            raise _invalid_grant()
        now = self._clock()
        if device.expires_at <= now:
            raise ErrorResponse(400, "ExpiredTokenException", "Device code has expired")
        early = device.polled_at is not None and now - device.polled_at < timedelta(seconds=device.interval)
        interval = device.interval + 5 if early else device.interval
        self._devices[device_code] = replace(device, polled_at=now, interval=interval)
        if early:
            raise ErrorResponse(400, "SlowDownException", "Slow down")
        if device.allowed is None:
            raise ErrorResponse(400, "AuthorizationPendingException", "Authorization is pending")
        del self._devices[device_code]
        if not device.allowed:
            raise ErrorResponse(400, "AccessDeniedException", "Access denied")

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
        renews = self._clients[client_id].renews
        left = ends_at - self._clock()
        lasts = min(self.token_length, left) if renews else left
        signed_in = self._portal.sign_in(self.visitor, self._portal.assigned(self.visitor), lasts=lasts)
        answer: dict[str, Any] = {
            "accessToken": signed_in.token,
            "tokenType": "Bearer",
            "expiresIn": int(lasts.total_seconds()),
        }
        if renews:
            answer["refreshToken"] = secrets.token_urlsafe(48)
            self._grants[answer["refreshToken"]] = Grant(client_id=client_id, family=family, ends_at=ends_at)
        return answer


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
