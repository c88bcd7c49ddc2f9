"""The simulated sign-in service (sso-oidc), for devices that sign in with a code. Knows nothing of HTTP."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from traycreds.core.value_class import field, replace, value_class
from traycreds.sim.errors import ErrorResponse
from traycreds.sim.portal import SsoPortal

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DEVICE_PATH = "/device"
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


@value_class(kw_only=True)
class Client:
    """A registration, with the request that made it."""

    secret: str = field(repr=False)
    wanted: Mapping[str, Any]
    expires_at: datetime


@value_class(kw_only=True)
class Device:
    """A device that waits to be allowed; `allowed` is None until someone decides."""

    client_id: str
    user_code: str
    expires_at: datetime
    interval: int
    allowed: bool | None = None
    polled_at: datetime | None = None


class DeviceAuthorization:
    """Registers clients, and gives a token to a device once the visitor, at the browser, has allowed it.

    Attributes:
        interval: seconds between two polls of a device.
    """

    def __init__(self, portal: SsoPortal, clock: Callable[[], datetime]) -> None:
        """Sign in at a portal; everything ends by this clock."""
        self.visitor = "alice"
        self.sign_in_length = timedelta(hours=8)
        self.registration_length = timedelta(days=90)
        self.device_length = timedelta(minutes=10)
        self.interval = 1
        self._portal = portal
        self._clock = clock
        self._lock = threading.RLock()
        self._clients: dict[str, Client] = {}
        self._devices: dict[str, Device] = {}

    def register(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Response RegisterClient."""
        now, client_id = self._clock(), secrets.token_urlsafe(16)
        client = Client(secret=secrets.token_urlsafe(32), wanted=body, expires_at=now + self.registration_length)
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
            raise ErrorResponse(400, "InvalidRequestException", "startUrl is required")
        code = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(2))
        device_code, end = secrets.token_urlsafe(32), self._clock() + self.device_length
        device = Device(client_id=body["clientId"], user_code=code, expires_at=end, interval=self.interval)
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
            self._authenticate(body)
            if body.get("grantType") != DEVICE_GRANT:
                raise ErrorResponse(400, "UnsupportedGrantTypeException", "Grant type not supported")
            self._poll(body)
            return self._token(self.sign_in_length)

    def decide_device(self, user_code: str, *, allowed: bool) -> bool:
        """Let a device in, or not; False when no device shows this code."""
        with self._lock:
            for device_code, device in self._devices.items():
                if device.user_code == user_code.strip().upper() and device.expires_at > self._clock():
                    self._devices[device_code] = replace(device, allowed=allowed)
                    return True
        return False

    def _authenticate(self, body: Mapping[str, Any]) -> Client:
        client = self._clients.get(str(body.get("clientId")))
        secret = str(body.get("clientSecret", ""))
        if client is None or not secrets.compare_digest(client.secret, secret) or client.expires_at <= self._clock():
            raise ErrorResponse(401, "InvalidClientException", "Invalid client")
        return client

    def _poll(self, body: Mapping[str, Any]) -> None:
        device_code = str(body.get("deviceCode"))
        device = self._devices.get(device_code)
        if device is None or device.client_id != body["clientId"]:
            raise ErrorResponse(400, "InvalidGrantException", "Invalid grant provided")
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

    def _token(self, lasts: timedelta) -> dict[str, Any]:
        signed_in = self._portal.sign_in(self.visitor, self._portal.assigned(self.visitor), lasts=lasts)
        return {"accessToken": signed_in.token, "tokenType": "Bearer", "expiresIn": int(lasts.total_seconds())}
