"""Signs in to IAM Identity Center, for the command line and the running app: finds the session, brings the parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from traycreds.adapters import awsconfig, config, ssosession, stsdoor
from traycreds.adapters.awsconfig import AwsProfiles
from traycreds.adapters.places import Places
from traycreds.adapters.ssocache import TokenFolder
from traycreds.adapters.ssosession import SsoSession
from traycreds.core.errors import ConfigError, FailureKind, UsageError
from traycreds.core.model import Role, RoleName
from traycreds.core.shown import Snapshot

if TYPE_CHECKING:
    from traycreds.adapters.ssologin import Manner, SignedIn

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 10.0


def find(where: Places, word: str) -> SsoSession:
    """The sign-in that a session's, profile's or role's name means.

    Raises:
        ConfigError: ~/.aws/config cannot be read.
        UsageError: there is no such sign-in.
    """
    aws = awsconfig.read(where.aws_config_file, where.credentials_file)
    try:
        roles = config.load(where, aws, named=True).roles
    except ConfigError:  # of our own configuration: a session needs none of it
        roles = ()
    return ssosession.find(word, aws, roles)


def sign_in(session: SsoSession, manner: Manner | None, say: Callable[[str], None]) -> SignedIn:
    """Sign in; blocks while the person decides.

    Args:
        session: to what.
        manner: how; None is by the user's browser.
        say: takes what the person is to know.

    Raises:
        IssueError: refused, not confirmed in time, or AWS cannot be reached.
        CredentialsFileError: the token could not be written.
        UsageError: the session's region cannot be one.
    """
    from traycreds.adapters.ssologin import Manner, SignIn  # noqa: PLC0415 - an app that only waits need not have it
    from traycreds.adapters.ssooidc import Oidc  # noqa: PLC0415

    oidc = Oidc(connect(session, "sso-oidc"), session)
    return SignIn(session, oidc, TokenFolder.of_this_user(), say=say).run(manner or Manner())


def connect(session: SsoSession, service: str) -> Any:
    """A client of "sso" or "sso-oidc" for a sign-in.

    Raises:
        UsageError: the session's region cannot be one.
    """
    try:
        return stsdoor.create_anonymous_client(
            service, session.region, connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS
        )
    except ValueError as error:
        if type(error).__name__ != "InvalidRegionError":
            raise
        sentence = f"The sso_region of {session.label} is no region: {session.region}."
        raise UsageError(sentence, "Correct it in ~/.aws/config.") from None


def outcome(session: SsoSession, signed_in: SignedIn) -> str:
    """How a sign-in ended, in a sentence."""
    who = f"Another sign-in to {session.label} has just ended well" if signed_in.by_other else "You are signed in"
    if signed_in.renews:
        return f"{who}: {session.label} is renewed silently until IAM Identity Center ends it."
    return f"{who}: {session.label} lasts until {signed_in.expires_at.astimezone():%Y-%m-%d %H:%M}."


def waiting(snapshot: Snapshot) -> tuple[RoleName, ...]:
    """The roles that fail for want of a sign-in; which one does not matter, since a try costs one call."""
    return tuple(view.name for view in snapshot.roles if view.kind is FailureKind.SIGN_IN)


def sessions_of(roles: tuple[Role, ...], aws: AwsProfiles) -> dict[RoleName, SsoSession]:
    """The sign-in behind each role that has one; what is configured wrongly is told elsewhere."""
    found = {}
    for role in roles:
        try:
            session = ssosession.of_role(role, aws)
        except UsageError:
            session = None
        if session is not None:
            found[role.name] = session
    return found
