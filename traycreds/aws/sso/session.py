"""What ~/.aws/config says of IAM Identity Center sign-ins, and which one a name means. Reads no file, calls nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from traycreds.awsfiles.profiles import AwsProfiles
from traycreds.core.errors import UsageError
from traycreds.core.lookup import did_you_mean
from traycreds.core.model import Role
from traycreds.core.value_class import value_class
from traycreds.shell.quoting import shell_word

DEFAULT_SCOPE = "sso:account:access"
"""What aws cli asks for when sso_registration_scopes is not set: without a scope AWS gives no refresh token."""


class OfAwsCliError(UsageError):
    """Only the AWS CLI signs in to this profile; `session` is its `login_session`."""

    def __init__(self, profile: str, session: str) -> None:
        """Say so."""
        super().__init__(
            f"The AWS CLI manages the sign-in of profile {profile}.", f"Run: aws login --profile {shell_word(profile)}"
        )
        self.profile = profile
        self.session = session


@value_class(kw_only=True)
class SsoSession:
    """One sign-in, shared by every profile that names it.

    `name` is that of the `[sso-session]`, None for a legacy profile with its own start URL, which is the `label` then.
    """

    name: str | None
    label: str
    start_url: str
    region: str
    scopes: tuple[str, ...] = (DEFAULT_SCOPE,)

    @property
    def cached_as(self) -> str:
        """The text whose SHA-1 names the token's file, as in botocore's SSOTokenLoader."""
        return self.start_url if self.name is None else self.name


def find(word: str, aws: AwsProfiles, roles: Iterable[Role] = ()) -> SsoSession:
    """The sign-in that a session, profile or role name means. Raises UsageError: none, or it lacks a setting."""
    if word in aws.sso_sessions:
        return _session(word, aws.sso_sessions[word])
    by_name = {str(role.name): role for role in roles}
    if word in aws.profiles:
        found = of_profile(word, aws)
    elif word in by_name:
        found = of_role(by_name[word], aws)
    else:
        raise UsageError(
            f"There is no sso-session, profile or role {word}.",
            did_you_mean(word, [*aws.sso_sessions, *aws.profiles, *by_name], otherwise=_sessions_in_words(aws)),
        )
    if found is None:
        raise UsageError(f"{word} does not use IAM Identity Center.", _sessions_in_words(aws))
    return found


def of_role(role: Role, aws: AwsProfiles) -> SsoSession | None:
    """The sign-in that one of our roles uses, or None."""
    top = role.source_profile or role.from_profile
    return None if top is None else of_profile(top, aws)


def of_profile(name: str, aws: AwsProfiles) -> SsoSession | None:
    """The sign-in at the end of a profile's source chain, or None.

    Raises UsageError: the session is missing or incomplete. Raises OfAwsCliError: it is an `aws login`.
    """
    seen: set[str] = set()
    while name in aws.profiles and name not in seen:
        seen.add(name)
        settings = aws.profiles[name].settings
        session = settings.get("sso_session")
        if session is not None:
            if session not in aws.sso_sessions:
                hint = f"Add it to {aws.config_file}, or fix the profile."
                raise UsageError(f"Profile {name} names the sso-session {session}, which does not exist.", hint)
            return _session(session, aws.sso_sessions[session])
        if "sso_start_url" in settings:
            return SsoSession(name=None, label=name, scopes=(), **_places(f"Profile {name}", settings))
        if "login_session" in settings:
            raise OfAwsCliError(name, settings["login_session"])
        name = settings.get("source_profile", "")
    return None


def _session(name: str, settings: Mapping[str, str]) -> SsoSession:
    listed = (scope.strip() for scope in settings.get("sso_registration_scopes", "").split(","))
    scopes = tuple(scope for scope in listed if scope) or (DEFAULT_SCOPE,)
    return SsoSession(name=name, label=name, scopes=scopes, **_places(f"The sso-session {name}", settings))


def _places(who: str, settings: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in ("sso_start_url", "sso_region") if not settings.get(name)]
    if missing:
        raise UsageError(f"{who} has no {' and no '.join(missing)}.", "Add it to ~/.aws/config.")
    return {"start_url": settings["sso_start_url"], "region": settings["sso_region"]}


def _sessions_in_words(aws: AwsProfiles) -> str:
    sessions = ", ".join(aws.sso_sessions)
    return f"The sso-sessions are: {sessions}." if sessions else "~/.aws/config has no sso-session."
