"""The simulated IAM Identity Center portal: sign-ins, and GetRoleCredentials (rest-json); knows nothing of HTTP."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from traycreds.sim.refusal import Refused
from traycreds.sim.sigv4 import Request
from traycreds.sim.world import Principal, World, unique_id

CREDENTIALS_PATH = "/federation/credentials"
TOKEN_HEADER = "x-amz-sso_bearer_token"  # noqa: S105 - the name of a header


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What one access token opens.

    Attributes:
        token: the access token.
        user: who signed in.
        roles: accounts with the role assigned there.
        expires_at: end of the token.
    """

    token: str = field(repr=False)
    user: str
    roles: frozenset[tuple[str, str]]
    expires_at: datetime


class Portal:
    """Sign-ins and the roles that they open.

    Attributes:
        session_length: how long a role's credentials last (the permission set's session duration).
    """

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        """Issue sessions into a world; sign-ins and sessions end by this clock."""
        self.session_length = timedelta(hours=1)
        self._world = world
        self._clock = clock
        self._lock = threading.Lock()
        self._sign_ins: dict[str, SignIn] = {}

    def sign_in(self, user: str, roles: Iterable[tuple[str, str]], *, lasts: timedelta = timedelta(hours=8)) -> SignIn:
        """Sign a user in who is assigned these (account, role name) pairs."""
        sign_in = SignIn(
            token=secrets.token_urlsafe(48), user=user, roles=frozenset(roles), expires_at=self._clock() + lasts
        )
        with self._lock:
            self._sign_ins[sign_in.token] = sign_in
        return sign_in

    def sign_out(self, sign_in: SignIn) -> None:
        """Revoke a sign-in: its token opens nothing any more."""
        with self._lock:
            self._sign_ins.pop(sign_in.token, None)

    def role_credentials(self, request: Request) -> str:
        """Answer GetRoleCredentials.

        Raises:
            Refused: not signed in, or not assigned.
        """
        sign_in = self._signed_in(request)
        query = parse_qs(request.query)
        account, name = query.get("account_id", [""])[0], query.get("role_name", [""])[0]
        if (account, name) not in sign_in.roles:
            raise Refused(403, "ForbiddenException", "No access")
        role = f"AWSReservedSSO_{name}_0123456789abcdef"
        principal = Principal(
            arn=f"arn:aws:sts::{account}:assumed-role/{role}/{sign_in.user}",
            trusted_as=f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{role}",
            account=account,
            unique_id=f"{unique_id('AROA')}:{sign_in.user}",
        )
        key = self._world.open_session(principal, expires_at=self._clock() + self.session_length)
        assert key.expires_at is not None
        return json.dumps(
            {
                "roleCredentials": {
                    "accessKeyId": key.access_key_id,
                    "secretAccessKey": key.secret_access_key,
                    "sessionToken": key.session_token,
                    "expiration": int(key.expires_at.timestamp() * 1000),
                }
            }
        )

    def _signed_in(self, request: Request) -> SignIn:
        with self._lock:
            sign_in = self._sign_ins.get(request.headers.get(TOKEN_HEADER, ""))
        if sign_in is None or sign_in.expires_at <= self._clock():
            raise Refused(401, "UnauthorizedException", "Session token not found or invalid")
        return sign_in


def error_json(refused: Refused) -> str:
    """The body of a refusal."""
    return json.dumps({"message": refused.message})
