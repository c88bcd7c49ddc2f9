"""The simulated IAM Identity Center portal: sign-ins, and GetRoleCredentials (rest-json); knows nothing of HTTP."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from traycreds.sim.errors import ErrorResponse
from traycreds.sim.sigv4 import SignedRequest
from traycreds.sim.world import Principal, World, unique_id

PAGE = 100
"""The most entries of one page (max_result in the model of sso)."""
TOKEN_HEADER = "x-amz-sso_bearer_token"


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
        calls_a_second: beyond it the portal answers 429; None knows no limit.
    """

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        """Issue sessions into a world; sign-ins and sessions end by this clock."""
        self.session_length = timedelta(hours=1)
        self.calls_a_second: int | None = None
        self._world = world
        self._clock = clock
        self._lock = threading.Lock()
        self._sign_ins: dict[str, SignIn] = {}
        self._assigned: dict[str, frozenset[tuple[str, str]]] = {}
        self._names: dict[str, str] = {}
        self._recent: deque[float] = deque()

    def assign(self, user: str, roles: Iterable[tuple[str, str]], *, names: Mapping[str, str] | None = None) -> None:
        """Assign a user (account, role name) pairs, for when the user signs in; `names` are those of accounts."""
        with self._lock:
            self._assigned[user] = frozenset(roles)
            self._names |= names or {}

    def assigned(self, user: str) -> frozenset[tuple[str, str]]:
        """What a user is assigned."""
        with self._lock:
            return self._assigned.get(user, frozenset())

    def sign_in(self, user: str, roles: Iterable[tuple[str, str]], *, lasts: timedelta = timedelta(hours=8)) -> SignIn:
        """Sign a user in who is assigned these (account, role name) pairs."""
        sign_in = SignIn(
            token=secrets.token_urlsafe(48), user=user, roles=frozenset(roles), expires_at=self._clock() + lasts
        )
        with self._lock:
            self._sign_ins[sign_in.token] = sign_in
        return sign_in

    def sign_out(self, sign_in: SignIn) -> None:
        """Revoke a sign-in: its token opens nothing."""
        with self._lock:
            self._sign_ins.pop(sign_in.token, None)

    def sign_out_all(self) -> None:
        """Revoke every sign-in."""
        with self._lock:
            self._sign_ins.clear()

    def log_out(self, request: SignedRequest) -> None:
        """Carry out Logout.

        Raises:
            ErrorResponse: not signed in.
        """
        self.sign_out(self._signed_in(request))

    def list_accounts(self, request: SignedRequest) -> dict[str, Any]:
        """Response ListAccounts.

        Raises:
            ErrorResponse: not signed in, or too fast.
        """
        accounts = sorted({account for account, _ in self._signed_in(request).roles})
        with self._lock:
            names = dict(self._names)
        listed = [
            {
                "accountId": account,
                "accountName": names.get(account, f"account-{account[-4:]}"),
                "emailAddress": f"aws+{account}@example.com",
            }
            for account in accounts
        ]
        return _page("accountList", listed, request)

    def list_roles(self, request: SignedRequest) -> dict[str, Any]:
        """Response ListAccountRoles.

        Raises:
            ErrorResponse: not signed in, too fast, or nothing assigned in this account.
        """
        account = parse_qs(request.query).get("account_id", [""])[0]
        roles = sorted(name for one, name in self._signed_in(request).roles if one == account)
        if not roles:
            raise ErrorResponse(403, "ForbiddenException", "No access")
        return _page("roleList", [{"roleName": name, "accountId": account} for name in roles], request)

    def role_credentials(self, request: SignedRequest) -> dict[str, Any]:
        """Response GetRoleCredentials.

        Raises:
            ErrorResponse: not signed in, or not assigned.
        """
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
        assert key.expires_at is not None
        return {
            "roleCredentials": {
                "accessKeyId": key.access_key_id,
                "secretAccessKey": key.secret_access_key,
                "sessionToken": key.session_token,
                "expiration": int(key.expires_at.timestamp() * 1000),
            }
        }

    def _signed_in(self, request: SignedRequest) -> SignIn:
        with self._lock:
            self._pace()
            sign_in = self._sign_ins.get(request.headers.get(TOKEN_HEADER, ""))
        if sign_in is None or sign_in.expires_at <= self._clock():
            raise ErrorResponse(401, "UnauthorizedException", "Session token not found or invalid")
        return sign_in

    def _pace(self) -> None:
        """Count a call by real time; a refused one does not count."""
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if self.calls_a_second is not None and len(self._recent) >= self.calls_a_second:
            raise ErrorResponse(429, "TooManyRequestsException", "HTTP 429 Unknown Code")
        self._recent.append(now)


def _page(name: str, entries: list[dict[str, str]], request: SignedRequest) -> dict[str, Any]:
    """One page of a list; the next token is opaque to clients."""
    query = parse_qs(request.query)
    size, token = query.get("max_result", [str(PAGE)])[0], query.get("next_token", ["page-0"])[0]
    start = token.removeprefix("page-")
    if not (size.isdigit() and 1 <= int(size) <= PAGE and start.isdigit()):
        raise ErrorResponse(400, "InvalidRequestException", "Invalid page")
    end = int(start) + int(size)
    page: dict[str, Any] = {name: entries[int(start) : end]}
    return page | {"nextToken": f"page-{end}"} if end < len(entries) else page
