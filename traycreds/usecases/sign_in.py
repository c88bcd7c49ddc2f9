"""Signs in to IAM Identity Center and out of it, for commands and the app: finds the session, brings the parts."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from datetime import datetime
from typing import Any

from traycreds.aws import botocore_session
from traycreds.aws.sso import session
from traycreds.aws.sso.oidc import Oidc
from traycreds.aws.sso.session import SsoSession, of_role
from traycreds.aws.sso.sign_in import SignedIn, SignIn, SignInOptions
from traycreds.aws.sso.sign_out import end_sign_in
from traycreds.aws.sso.token_cache import TokenFolder, key_of
from traycreds.aws.sso.token_refresh import is_renewable
from traycreds.awsfiles import profiles
from traycreds.awsfiles.profiles import AwsProfiles
from traycreds.config import loaded_files
from traycreds.core.errors import ConfigError, FailureKind, UsageError
from traycreds.core.model import Role, RoleName
from traycreds.core.snapshot import Snapshot
from traycreds.core.text import LATEST, from_rfc_3339
from traycreds.core.value_class import value_class
from traycreds.state.paths import Paths

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 10.0


def find(paths: Paths, word: str) -> SsoSession:
    """The sign-in that a session, profile or role name means. Raises ConfigError, UsageError: there is none."""
    aws = profiles.read_at(paths)
    try:
        roles = loaded_files.load_ours(paths, aws, named=True).config.roles
    except ConfigError:  # of our own configuration: a session needs none of it
        roles = ()
    return session.find(word, aws, roles)


def sign_in(session: SsoSession, options: SignInOptions | None, report: Callable[[str], None]) -> SignedIn:
    """Sign in; blocks while the person decides. Without options it uses the user's browser.

    Raises IssueError: refused, timed out or AWS unreachable. Raises CredentialsFileError, UsageError: bad region.
    """
    oidc = Oidc(connect(session, "sso-oidc"), session)
    return SignIn(session, oidc, TokenFolder.of_this_user(), report=report).run(options or SignInOptions())


def sign_out(session: SsoSession) -> bool:
    """Sign out; return whether there was a sign-in.

    Raises CredentialsFileError: the token is still there. Raises IssueError: AWS was not told. Raises UsageError.
    """
    return end_sign_in(session, lambda service: connect(session, service), TokenFolder.of_this_user())


def connect(session: SsoSession, service: str) -> Any:
    """A client of "sso" or "sso-oidc" for a sign-in. Raises UsageError: the session's region cannot be one."""
    try:
        return botocore_session.create_anonymous_client(
            service, session.region, connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS
        )
    except ValueError as error:
        if type(error).__name__ != "InvalidRegionError":
            raise
        sentence = f"The sso_region of {session.label} is not a region: {session.region}."
        raise UsageError(sentence, "Fix it in ~/.aws/config.") from None


def outcome(session: SsoSession, signed_in: SignedIn) -> str:
    """How a sign-in ended, in a sentence."""
    who = f"Another sign-in to {session.label} has just succeeded" if signed_in.by_other else "You are signed in"
    if signed_in.renews:
        return f"{who}: {session.label} is renewed silently until IAM Identity Center ends it."
    return f"{who}: {session.label} lasts until {signed_in.expires_at.astimezone():%Y-%m-%d %H:%M}."


def waiting(snapshot: Snapshot) -> tuple[RoleName, ...]:
    """The roles that fail for want of a sign-in; which one does not matter, since a try costs one call."""
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
