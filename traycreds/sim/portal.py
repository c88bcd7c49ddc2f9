"""The simulated portal of IAM Identity Center: who is signed in, and GetRoleCredentials. Knows nothing of HTTP."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from traycreds.core.value_class import field, value_class
from traycreds.sim.errors import ErrorResponse
from traycreds.sim.sigv4 import SignedRequest
from traycreds.sim.world import Principal, World, unique_id

BEARER_HEADER = "x-amz-sso_bearer_token"


@value_class(kw_only=True)
class PortalSignIn:
    """What an access token opens: the roles of a user, as accounts with the name of the role, until it expires."""

    token: str = field(repr=False)
    user: str
    roles: frozenset[tuple[str, str]]
    expires_at: datetime


class SsoPortal:
    """Sign-ins and the roles that they open, for `session_length`: the session duration of a permission set."""

    def __init__(self, world: World, clock: Callable[[], datetime], sign_in_clock: Callable[[], datetime]) -> None:
        """Issue sessions into a world, which end by `clock`; sign-ins end by a clock of their own."""
        self.session_length = timedelta(hours=1)
        self._world = world
        self._clock = clock
        self._sign_in_clock = sign_in_clock
        self._lock = threading.Lock()
        self._sign_ins: dict[str, PortalSignIn] = {}
        self._assigned: dict[str, frozenset[tuple[str, str]]] = {}

    def assign(self, user: str, roles: Iterable[tuple[str, str]]) -> None:
        """Assign a user (account, role name) pairs, for when the user signs in."""
        with self._lock:
            self._assigned[user] = frozenset(roles)

    def assigned(self, user: str) -> frozenset[tuple[str, str]]:
        """What a user is assigned."""
        with self._lock:
            return self._assigned.get(user, frozenset())

    def sign_in(
        self, user: str, roles: Iterable[tuple[str, str]], *, lasts: timedelta = timedelta(hours=8)
    ) -> PortalSignIn:
        """Sign a user in who is assigned these (account, role name) pairs."""
        end = self._sign_in_clock() + lasts
        sign_in = PortalSignIn(token=secrets.token_urlsafe(48), user=user, roles=frozenset(roles), expires_at=end)
        with self._lock:
            self._sign_ins[sign_in.token] = sign_in
        return sign_in

    def role_credentials(self, request: SignedRequest) -> dict[str, Any]:
        """Response GetRoleCredentials. Raises ErrorResponse: not signed in, or not assigned."""
        sign_in = self._signed_in(request)
        query = parse_qs(request.query)
        account, name = query.get("account_id", [""])[0], query.get("role_name", [""])[0]
        if (account, name) not in sign_in.roles:
            raise ErrorResponse(403, "ForbiddenException", "No access")
        role = f"AWSReservedSSO_{name}_0123456789abcdef"
        principal = Principal(
            arn=f"arn:aws:sts::{account}:assumed-role/{role}/{sign_in.user}",
            trusted_as=f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{role}",
            account=account,
            unique_id=f"{unique_id('AROA')}:{sign_in.user}",
        )
        key = self._world.open_session(principal, expires_at=self._clock() + self.session_length)
        assert key.expires_at is not None, "a session ends"
        return {
            "roleCredentials": {
                "accessKeyId": key.access_key_id,
                "secretAccessKey": key.secret_access_key,
                "sessionToken": key.session_token,
                "expiration": int(key.expires_at.timestamp() * 1000),
            }
        }

    def _signed_in(self, request: SignedRequest) -> PortalSignIn:
        with self._lock:
            sign_in = self._sign_ins.get(request.headers.get(BEARER_HEADER, ""))
        if sign_in is None or sign_in.expires_at <= self._sign_in_clock():
            raise ErrorResponse(401, "UnauthorizedException", "Session token not found or invalid")
        return sign_in
