"""Gets sessions from AWS for roles. Must never let a secret, or botocore's own text, into an error or a log."""

from __future__ import annotations

import getpass
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from traycreds.adapters import stserrors
from traycreds.adapters.hop import CHAIN_CAP, LONGEST, Hop, assume_role_arguments, hop_to
from traycreds.adapters.keys import Keys
from traycreds.adapters.mfa import MfaSessions
from traycreds.adapters.stsdoor import Assume, Door
from traycreds.adapters.stserrors import Attempt
from traycreds.adapters.stssource import Source
from traycreds.core import notices
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.model import Credentials, Role

_CHAINED = (
    "Its sessions last one hour, not {}: AWS allows no more from a temporary source, such as another role or an MFA "
    "session."
)
_REFUSED = "Its sessions last one hour, since AWS allows it none of {}. Set its duration to what the role allows."


class StsSource:
    """A CredentialSource that asks AWS, by whatever way the role's profile prescribes.

    May be called from several threads. botocore is imported by the first `issue`, not before.
    """

    def __init__(
        self,
        *,
        mfa: MfaSessions | None = None,
        on_date: Callable[[datetime], None] | None = None,
        connect_timeout: float = 5,
        read_timeout: float = 10,
    ) -> None:
        """Prepare; nothing is read or called yet.

        Args:
            mfa: the MFA sessions, and the codes that the user gave for them; None is for a run without either.
            on_date: gets the Date header of every answer of AWS, refusals included.
            connect_timeout: seconds to wait for a connection, each try.
            read_timeout: seconds of silence to bear, each try.
        """
        self._mfa = mfa or MfaSessions()
        self._on_date = on_date
        self._door = Door(connect_timeout=connect_timeout, read_timeout=read_timeout, on_answer=self._read_date)
        self._lock = threading.Lock()
        self._sources: dict[tuple[str | None, ...], Source] = {}
        self._capped: set[tuple[str | None, int | None]] = set()

    def issue(self, role: Role) -> Credentials:
        """Get a new session of a role.

        Raises:
            IssueError: with the class of the failure, a sentence and a hint.
        """
        attempt = Attempt(role=role.name, who="its profile", what="be used", region="", login=role.from_profile or "")
        try:
            config = self._door.config()
            hop = hop_to(role, config)
            attempt = _attempt(role, hop)
            source = self._source_for(hop)
            if hop.arn is None:
                return _whole(source.own_session(hop, self._assumer(role)), role, hop)
            if hop.token_file is not None:
                return self._within_role(role, hop, self._token_call(role, hop, source))
            return self._assume(role, hop, source)
        except IssueError:
            raise
        except Exception as error:
            known = stserrors.explain(error, attempt)
            if known is None:
                raise
            raise known from None  # botocore's text may quote a file or a foreign program

    def _assume(self, role: Role, hop: Hop, source: Source) -> Credentials:
        keys = source.keys(hop, self._assumer(role))
        try:
            return self._assume_with(role, hop, source, keys)
        except Exception as error:
            if stserrors.code_of(error) not in stserrors.EXPIRED_CODES or not source.forget(keys):
                raise
        return self._assume_with(role, hop, source, source.keys(hop, self._assumer(role)))

    def _assume_with(self, role: Role, hop: Hop, source: Source, keys: Keys) -> Credentials:
        def call(arguments: dict[str, Any]) -> Any:
            if hop.mfa_serial:
                arguments["SerialNumber"] = hop.mfa_serial
            return self._mfa.assume_role(role, keys, arguments, lambda keys, retry: source.client(keys, retry=retry))

        if self._mfa.chains(keys, hop.mfa_serial):
            note = _CHAINED.format(_span(hop.duration)) if _is_long(hop.duration) else None
            return self._call(role, hop, CHAIN_CAP if note else hop.duration, call, note)
        if hop.mfa_serial is None:
            return self._within_role(role, hop, call)
        got = self._call(role, hop, hop.duration, call)
        wanted = hop.duration or LONGEST
        if self._mfa.seconds(keys, hop.mfa_serial, hop.arn or "", hop.duration) == wanted:
            return got
        return replace(got, note=_REFUSED.format(_span(wanted)))

    @staticmethod
    def _token_call(role: Role, hop: Hop, source: Source) -> Callable[[dict[str, Any]], Any]:
        def call(arguments: dict[str, Any]) -> Any:
            token = _read_token(hop.token_file or "", role)
            return source.anonymous_client(hop).assume_role_with_web_identity(WebIdentityToken=token, **arguments)

        return call

    def _within_role(self, role: Role, hop: Hop, call: Callable[[dict[str, Any]], Any]) -> Credentials:
        """Assume the role by a call; for an hour when it allows no more, of which the session has a note."""
        wanted = (hop.arn, hop.duration)
        if wanted not in self._capped:
            try:
                return self._call(role, hop, hop.duration, call)
            except Exception as error:
                if not _is_long(hop.duration) or not stserrors.is_too_long(error):
                    raise
            self._capped.add(wanted)
        return self._call(role, hop, CHAIN_CAP, call, _REFUSED.format(_span(hop.duration)))

    @staticmethod
    def _call(
        role: Role, hop: Hop, seconds: int | None, call: Callable[[dict[str, Any]], Any], note: str | None = None
    ) -> Credentials:
        answer = call(assume_role_arguments(role, hop, session_name=_default_session_name(), seconds=seconds))
        given = answer["Credentials"]
        return Credentials(
            access_key_id=given["AccessKeyId"],
            secret_access_key=given["SecretAccessKey"],
            session_token=given["SessionToken"],
            expires_at=given["Expiration"].astimezone(timezone.utc),
            note=note,
        )

    def _assumer(self, role: Role) -> Assume:
        """How the hops before a role are assumed."""
        return lambda keys, arguments, connect: self._mfa.assume_role(role, keys, arguments, connect)

    def _source_for(self, hop: Hop) -> Source:
        key = (hop.options, hop.source_profile, hop.credential_source, hop.region)
        with self._lock:
            if key not in self._sources:
                self._sources[key] = Source(self._door, hop.region)
            return self._sources[key]

    def _read_date(self, http_response: Any, **_: Any) -> None:
        from email.utils import parsedate_to_datetime  # noqa: PLC0415 - botocore brings it

        header = http_response.headers.get("date")
        if self._on_date is None or header is None:
            return
        try:
            date = parsedate_to_datetime(header)
        except ValueError:
            return  # a proxy's nonsense
        self._on_date(date if date.tzinfo else date.replace(tzinfo=timezone.utc))


def _is_long(seconds: int | None) -> bool:
    return seconds is not None and seconds > CHAIN_CAP


def _span(seconds: int | None) -> str:
    return notices.span(timedelta(seconds=seconds or 0))


def _whole(keys: Keys, role: Role, hop: Hop) -> Credentials:
    """The profile's own session as credentials to write; long-lived keys are none."""
    if keys.token is None or keys.expires_at is None:
        raise IssueError(
            FailureKind.BAD_CONFIG,
            f"Role {role.name} has no session to renew: the keys of {hop.source} have no end.",
            "Give the role a role_arn, and this profile as its source_profile.",
        )
    return Credentials(
        access_key_id=keys.access_key,
        secret_access_key=keys.secret_key,
        session_token=keys.token,
        expires_at=keys.expires_at,
    )


def _read_token(path: str, role: Role) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it holds no token"
        sentence = f"The web identity token of role {role.name} cannot be read: {path}: {reason}."
        hint = "Have the token written there again, or correct web_identity_token_file of the profile."
        raise IssueError(FailureKind.SOURCE_EXPIRED, sentence, hint) from None


def _attempt(role: Role, hop: Hop) -> Attempt:
    return Attempt(
        role=role.name,
        who=hop.source,
        what=f"assume {hop.arn}" if hop.arn else "be used",
        region=hop.region,
        login=hop.login,
    )


def _default_session_name() -> str:
    """What CloudTrail shows when the configuration names nothing: `traycreds-` and the user, in STS's alphabet."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user, as in some containers
        return "traycreds"
    return re.sub(r"[^\w+=,.@-]", "-", f"traycreds-{user}", flags=re.ASCII)[:64]
