"""Signs in to IAM Identity Center and out of it, for commands and the app: finds the session, brings the parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traycreds.aws import botocore_session
from traycreds.aws.sso import session
from traycreds.aws.sso.oidc import Oidc
from traycreds.aws.sso.session import SsoSession
from traycreds.aws.sso.sign_in import SignedIn, SignIn, SignInOptions
from traycreds.aws.sso.sign_out import end_sign_in
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.awsfiles import profiles
from traycreds.config import loaded_files
from traycreds.core.errors import ConfigError, UsageError
from traycreds.desktop import browser
from traycreds.state.paths import Paths

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 10.0


def find(paths: Paths, word: str) -> SsoSession:
    """The sign-in that a session, profile or role name means. Raises ConfigError, UsageError: there is none."""
    aws = profiles.read_at(paths)
    try:
        roles = loaded_files.load_ours(paths, aws, named=True).config.roles
    except ConfigError:
        # The error is in our own configuration, and a session needs none of it.
        roles = ()
    return session.find(word, aws, roles)


def sign_in(
    paths: Paths, session: SsoSession, report: Callable[[str], None], options: SignInOptions | None = None
) -> SignedIn:
    """Sign in; blocks while the person decides. Without options it uses the user's browser.

    Raises IssueError: refused, timed out or AWS unreachable. Raises CredentialsFileError, UsageError: bad region.
    Raises TraycredsError: the configured browser cannot be started.
    """
    options = options or SignInOptions()
    oidc = Oidc(connect(session, "sso-oidc"), session)
    open_by = _configured_browser(paths, session, report) if options.browser else None
    return SignIn(session, oidc, TokenFolder.of_this_user(), report=report, open_by=open_by).run(options)


def _configured_browser(paths: Paths, session: SsoSession, report: Callable[[str], None]) -> browser.Open | None:
    """What the configuration names for the page of a sign-in; None if it cannot be read."""
    try:
        config = loaded_files.load(paths, named=True).config
    except ConfigError as error:
        report(f"sign_in_browser is not used. {error}")
        return None
    return browser.chosen(config.sign_in_browser(session.label), session.label, place="{session}")


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
