"""Gets sessions for roles from AWS. Never puts a secret, or botocore's own text, into an error or a log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traycreds.aws import connections, errors
from traycreds.aws.assume_role import AssumeRoleSettings, effective_settings, needs_long_term_keys
from traycreds.aws.botocore_session import BotoSessions, default_session_name
from traycreds.aws.errors import Attempt
from traycreds.aws.keys import HOUR, LONGEST, Keys
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.source import SourceKeys, blamed_setting
from traycreds.aws.usable_credentials import session_of
from traycreds.core import text
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.model import Credentials, Role
from traycreds.core.names import account_id, account_of
from traycreds.core.text import sensible
from traycreds.core.value_class import replace
from traycreds.files import contents
from traycreds.state import known_secrets

if TYPE_CHECKING:
    from traycreds.aws.error_table import ErrorText
    from traycreds.aws.federation.assume_role import FederatedRoles

_CHAINED = (
    "Its sessions last one hour, not {}: that is AWS's limit for a temporary source, such as another role or an MFA "
    "session."
)
_HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"
"""The one form in which servers send a date (RFC 9110, section 5.6.7)."""
_OF_SETTINGS = frozenset({"", "IncompleteSignature"})
"""AWS's codes, or none, that a setting can cause: a custom endpoint refuses odd regions this way."""
_REFUSED = "Its sessions last one hour because AWS does not allow it {}. Set its duration to what the role allows."


class StsSource:
    """A CredentialSource that asks AWS as the role's profile says; thread-safe. The first `issue` imports boto3."""

    def __init__(
        self,
        *,
        mfa: MfaSessions | None = None,
        on_date: Callable[[datetime], None] | None = None,
        connect_timeout: float = 5,
        read_timeout: float = 10,
        deadline: float = connections.SECONDS,
        attempts: int = 1,
    ) -> None:
        """Call nothing yet.

        `on_date` gets the Date header of every AWS response, errors included. `connect_timeout` and `read_timeout` are
        seconds of one attempt; after `deadline` seconds, one `issue` loses its connections. `attempts` are the tries of
        a call that AWS did not answer well; a call with an MFA code gets one, since a code works once.
        """
        self._mfa = mfa or MfaSessions()
        self._on_date = on_date
        self._sessions = BotoSessions(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            attempts=attempts,
            on_response=self._read_date,
        )
        self._deadline = deadline
        self._lock = threading.Lock()
        self._sources: dict[tuple[str | None, ...], SourceKeys] = {}
        self._federated: FederatedRoles | None = None
        self._capped: set[tuple[str | None, int | None]] = set()

    def issue(self, role: Role) -> Credentials:
        """Get a new session of a role. Raises IssueError: with the class of the failure, a sentence and a hint."""
        try:
            with connections.bounded(self._deadline):
                return self._issue(role)
        except connections.CallEndedError:
            sentence = f"AWS did not respond for {role.name} within {self._deadline:g} seconds."
            raise IssueError(FailureKind.NETWORK, sentence, "Check the network or proxy; traycreds retries.") from None

    def _issue(self, role: Role) -> Credentials:
        attempt = Attempt(role=role.name, who="its profile", what="be used", region="", login=role.from_profile or "")
        settings: AssumeRoleSettings | None = None
        try:
            settings = self._settings_of(role)
            attempt = _attempt(settings)
            source = self._source_for(settings)
            if role.is_mfa_session:
                return self._own_session(settings, source)
            if settings.arn is None:
                return _profile_session(source.own_session(settings), settings)
            if role.token_setting is not None:
                return self._assume_with_token(settings, source)
            if settings.token_file is not None:
                return self._assume_within_limit(settings, source, None)
            return self._assume(settings, source)
        except IssueError:
            raise
        except Exception as error:
            known = self._wrong_setting(error, settings) or errors.explain(error, attempt, _codes_of(role))
            if known is None:
                raise
            # Botocore's text may quote a file or a foreign program, so leave it out of the chain.
            raise known from None

    def _settings_of(self, role: Role) -> AssumeRoleSettings:
        if role.token_setting is None:
            return effective_settings(role, self._sessions.config(), self._sessions.location)
        from traycreds.aws.federation import assume_role

        return assume_role.settings_of(role, self._sessions.config())

    def _wrong_setting(self, error: Exception, settings: AssumeRoleSettings | None) -> IssueError | None:
        if settings is None or errors.code_of(error) not in _OF_SETTINGS or errors.is_of_program(error):
            return None
        blamed = blamed_setting(self._sessions.config(), settings)
        if blamed is None:
            return None
        place, wrong = blamed
        sentence = f"Role {settings.role.name} cannot be refreshed because {place} {wrong.what}."
        return IssueError(FailureKind.BAD_CONFIG, sentence, wrong.remedy)

    def _source_for(self, settings: AssumeRoleSettings) -> SourceKeys:
        with self._lock:
            if settings.source_key not in self._sources:
                self._sources[settings.source_key] = SourceKeys(self._sessions, self._mfa, settings.region)
            return self._sources[settings.source_key]

    def _own_session(self, settings: AssumeRoleSettings, source: SourceKeys) -> Credentials:
        """The MFA session of the source profile's user."""
        keys = source.keys(settings)
        # AWS gives no further session to keys that are temporary themselves.
        if keys.token is not None:
            raise needs_long_term_keys(settings.role.name, settings.source_profile or "")
        serial = settings.mfa_serial or ""
        session = self._mfa.own_session(settings.role, keys, serial, source.clients(settings))
        return _profile_session(session, settings)

    def _assume(self, settings: AssumeRoleSettings, source: SourceKeys) -> Credentials:
        keys = source.keys(settings)
        try:
            return self._assume_with_keys(settings, source, keys)
        except Exception as error:
            if errors.code_of(error) not in errors.EXPIRED_CODES or not source.forget(keys):
                raise
        return self._assume_with_keys(settings, source, source.keys(settings))

    def _assume_with_token(self, settings: AssumeRoleSettings, source: SourceKeys) -> Credentials:
        """With the token that a program prints; again if AWS refuses one that other roles have used before."""
        try:
            return self._assume_within_limit(settings, source, None)
        except Exception as error:
            if not self._federated_roles().forget_refused(settings, error):
                raise
        return self._assume_within_limit(settings, source, None)

    def _assume_with_keys(self, settings: AssumeRoleSettings, source: SourceKeys, keys: Keys) -> Credentials:
        serial = settings.mfa_serial
        if self._mfa.chains(keys, serial):
            if settings.is_long:
                return self._call(settings, source, keys, HOUR, _CHAINED.format(_span(settings.duration)))
            return self._call(settings, source, keys, settings.duration)
        if serial is None:
            return self._assume_within_limit(settings, source, keys)
        credentials = self._call(settings, source, keys, settings.duration)
        wanted = settings.duration or LONGEST
        if self._mfa.seconds(keys, serial, settings.arn or "", settings.duration) == wanted:
            return credentials
        return replace(credentials, note=_REFUSED.format(_span(wanted)))

    def _assume_within_limit(self, settings: AssumeRoleSettings, source: SourceKeys, keys: Keys | None) -> Credentials:
        wanted = (settings.arn, settings.duration)
        if wanted not in self._capped:
            try:
                return self._call(settings, source, keys, settings.duration)
            except Exception as error:
                if not settings.is_long or not errors.is_too_long(error):
                    raise
            self._capped.add(wanted)
        return self._call(settings, source, keys, HOUR, _REFUSED.format(_span(settings.duration)))

    def _call(
        self,
        settings: AssumeRoleSettings,
        source: SourceKeys,
        keys: Keys | None,
        seconds: int | None,
        note: str | None = None,
    ) -> Credentials:
        arguments = settings.arguments(session_name=default_session_name(), seconds=seconds)
        if settings.role.token_setting is not None:
            client, roles = source.clients(settings).client(None, retry=True), self._federated_roles()
            given = session_of(lambda: roles.assume(settings, client, arguments))
        elif keys is None:
            token = _read_token(settings)
            client = source.clients(settings).client(None, retry=True)
            given = session_of(lambda: client.assume_role_with_web_identity(WebIdentityToken=token, **arguments))
        else:
            clients = source.clients(settings)
            given = session_of(
                lambda: self._mfa.assume_role(settings.role, keys, settings.mfa_serial, arguments, clients)
            )
        # Without a length AWS gives an hour; beside MFA we ask for more.
        longest = seconds or (HOUR if settings.mfa_serial is None else None)
        lasts = None if longest is None else timedelta(seconds=longest)
        return _credentials(given, settings.arn, note, lasts)

    def _federated_roles(self) -> FederatedRoles:
        """What assumes roles by tokens of programs: loaded for the first role that has one."""
        from traycreds.aws.federation.assume_role import FederatedRoles

        with self._lock:
            self._federated = self._federated or FederatedRoles()
            return self._federated

    def _read_date(self, http_response: Any, **_: Any) -> None:
        header = http_response.headers.get("date")
        if self._on_date is None or header is None:
            return
        try:
            date = datetime.strptime(header, _HTTP_DATE).replace(tzinfo=timezone.utc)
        except (ValueError, TypeError):
            # A proxy may send a header that is not a date.
            return
        if sensible(date):
            self._on_date(date)


def _codes_of(role: Role) -> Mapping[str, ErrorText]:
    """What AWS's refusals mean for a role whose token a program prints; empty for others."""
    if role.token_setting is None:
        return {}
    from traycreds.aws.federation import assume_role

    return assume_role.codes_of(role.token_setting)


def _span(seconds: int | None) -> str:
    return text.span(timedelta(seconds=seconds or 0))


def _credentials(given: Mapping[str, Any], arn: str | None, note: str | None, lasts: timedelta | None) -> Credentials:
    known_secrets.note(given["SecretAccessKey"], given["SessionToken"], lasts=lasts)
    return Credentials(
        access_key_id=given["AccessKeyId"],
        secret_access_key=given["SecretAccessKey"],
        session_token=given["SessionToken"],
        expires_at=given["Expiration"].astimezone(timezone.utc),
        account_id=account_of(arn),
        note=note,
    )


def _profile_session(keys: Keys, settings: AssumeRoleSettings) -> Credentials:
    if keys.token is None and keys.expires_at is not None:
        raise IssueError(
            FailureKind.PROGRAM,
            f"Role {settings.role.name} has no session to write: {settings.source} returned keys without a token.",
            "Have its credential_process print a SessionToken.",
        )
    if keys.token is None or keys.expires_at is None:
        raise IssueError(
            FailureKind.BAD_CONFIG,
            f"Role {settings.role.name} has no session to renew: the keys of {settings.source} never expire.",
            "Give the role a role_arn, and this profile as its source_profile.",
        )
    return Credentials(
        access_key_id=keys.access_key,
        secret_access_key=keys.secret_key,
        session_token=keys.token,
        expires_at=keys.expires_at,
        account_id=account_id(keys.account_id) or settings.role.account_id,
    )


def _read_token(settings: AssumeRoleSettings) -> str:
    path = settings.token_file or ""
    if not path.strip():
        sentence = f"The web_identity_token_file of role {settings.role.name} is empty."
        raise IssueError(FailureKind.BAD_CONFIG, sentence, "Write the full path of the file that holds the token.")
    try:
        return contents.token(Path(path).expanduser()).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it holds no token"
        sentence = f"The web identity token of role {settings.role.name} cannot be read: {path}: {reason}."
        hint = "Write the token there again, or fix web_identity_token_file in the profile."
        raise IssueError(FailureKind.SOURCE_EXPIRED, sentence, hint) from None


def _attempt(settings: AssumeRoleSettings) -> Attempt:
    return Attempt(
        role=settings.role.name,
        who=settings.source,
        what=f"assume {settings.arn}" if settings.arn else "be used",
        region=settings.region,
        login=settings.login,
    )
