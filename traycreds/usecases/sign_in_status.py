"""Which roles use a sign-in to IAM Identity Center, which wait for one, and when one ends; reads files only."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime

from traycreds.aws.sso.session import SsoSession, of_role
from traycreds.aws.sso.token_cache import TokenFolder, key_of
from traycreds.aws.sso.token_refresh import is_renewable
from traycreds.awsfiles.profiles import AwsProfiles
from traycreds.core.errors import FailureKind, UsageError
from traycreds.core.model import Role, RoleName
from traycreds.core.snapshot import Snapshot
from traycreds.core.text import LATEST, from_rfc_3339
from traycreds.core.value_class import value_class


def waiting(snapshot: Snapshot) -> tuple[RoleName, ...]:
    """The roles that fail because they need a sign-in, to any session: a try costs one call."""
    return tuple(view.name for view in snapshot.roles if view.kind is FailureKind.SIGN_IN)


def sessions_of(roles: tuple[Role, ...], aws: AwsProfiles) -> dict[RoleName, SsoSession]:
    """The sign-in of each role that uses one; configuration faults are reported elsewhere."""
    found = {}
    for role in roles:
        try:
            session = of_role(role, aws)
        except UsageError:
            session = None
        if session is not None:
            found[role.name] = session
    return found


def first_roles(sessions: Mapping[RoleName, SsoSession], among: Container[RoleName]) -> dict[SsoSession, RoleName]:
    """Each sign-in that one of these roles uses, with the first one that does."""
    first: dict[SsoSession, RoleName] = {}
    for name, used in sessions.items():
        if name in among:
            first.setdefault(used, name)
    return first


@value_class
class SignInEnd:
    """When a sign-in ends: `renewed_until`, None if not renewed; `expires_at` of the token, None without one."""

    renewed_until: datetime | None
    expires_at: datetime | None

    def at(self, now: datetime) -> datetime | None:
        """When it ends unless a person acts: never, if it is renewed automatically; None if there is none."""
        return LATEST if self.renewed_until is not None and now < self.renewed_until else self.expires_at


def end_of(session: SsoSession, folder: TokenFolder, now: datetime) -> SignInEnd:
    """The end of a sign-in; holds as long as its file and `token_refresh.refusals` stay as they are."""
    token = folder.read(key_of(session.cached_as)) or {}
    renewed = is_renewable(token, now)
    registered = token.get("registrationExpiresAt") if renewed else None
    return SignInEnd(from_rfc_3339(registered), from_rfc_3339(token.get("expiresAt")))
