"""The portal of IAM Identity Center in tests: lists of accounts and roles, sign-outs, and a pace, beside sessions."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from traycreds.sim.errors import ErrorResponse
from traycreds.sim.portal import PortalSignIn, SsoPortal
from traycreds.sim.sigv4 import SignedRequest
from traycreds.sim.world import World

PAGE = 100
"""The most entries of one page (max_result in the model of sso)."""


class Portal(SsoPortal):
    """Sign-ins and the roles that they open.

    Attributes:
        calls_a_second: beyond it the portal answers 429; None knows no limit.
    """

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        """Issue sessions into a world; sign-ins and sessions end by this clock."""
        super().__init__(world, clock, clock)
        self.calls_a_second: int | None = None
        self._names: dict[str, str] = {}
        self._recent: deque[float] = deque()

    def assign(self, user: str, roles: Iterable[tuple[str, str]], *, names: Mapping[str, str] | None = None) -> None:
        """Assign a user (account, role name) pairs, for when the user signs in; `names` are those of accounts."""
        super().assign(user, roles)
        with self._lock:
            self._names |= names or {}

    def sign_out(self, sign_in: PortalSignIn) -> None:
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

    def _signed_in(self, request: SignedRequest) -> PortalSignIn:
        with self._lock:
            self._pace()
        return super()._signed_in(request)

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
