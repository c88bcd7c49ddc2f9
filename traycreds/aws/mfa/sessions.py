"""MFA sessions: one code of a device serves all roles of its source for hours.

Owns those sessions, kept in the keyring over a restart, and how long roles may last. Never waits for a person, and puts
no code or key into a text.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from traycreds.aws import errors
from traycreds.aws.error_table import NO_MFA_SESSION, NO_OWN_SESSION
from traycreds.aws.keys import HOUR, LONGEST, SPARE, Keys
from traycreds.aws.mfa.codes import MfaCodes, Verdict
from traycreds.aws.mfa.question import HOW
from traycreds.aws.mfa.refusals import KnownRefusals
from traycreds.aws.usable_credentials import session_of
from traycreds.core.model import Role, Settings
from traycreds.core.ports import SecretStore
from traycreds.core.text import from_rfc_3339, json_value, rfc_3339

if TYPE_CHECKING:
    from traycreds.aws.botocore_session import StsClients

METHOD = "mfa-session"


class MfaSessions:
    """The MFA sessions of all sources and devices; from any thread."""

    def __init__(
        self,
        store: SecretStore | None = None,
        *,
        settings: Settings | None = None,
        hint: str = HOW,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Read and ask nothing yet; `store` survives a restart, `hint` says how the user gives a code for {role}."""
        self._now = now
        self._configured_store = store
        self._settings = settings or Settings()
        self._codes = MfaCodes(hint=hint, monotonic=monotonic, wall=wall)
        self._refusals = KnownRefusals(lambda: self._store, now)
        self._lock = threading.Lock()
        self._session_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._sessions: dict[str, Keys] = {}

    def configure(self, settings: Settings) -> None:
        """Go by other settings from now on."""
        self._settings = settings

    def process_of(self, serial: str) -> str | None:
        """The command that prints the codes of a device, as the last role that needed one has it."""
        return self._codes.process_of(serial)

    def offer(self, serial: str, code: str) -> Future[Verdict]:
        """Give a device's code, which the next role uses once; return its result."""
        return self._codes.offer(serial, code)

    def chains(self, keys: Keys, serial: str | None) -> bool:
        """Whether a role is assumed with a session, so that it lasts an hour at most."""
        return keys.token is not None or (serial is not None and self._gives_session(keys))

    def seconds(self, keys: Keys, serial: str | None, arn: str, wanted: int | None) -> int | None:
        """The longest duration not known to be refused, because an attempt costs a code; None leaves it to AWS."""
        if self.chains(keys, serial):
            return min(wanted, HOUR) if wanted is not None else None
        if serial is None:
            return wanted
        longest = wanted or LONGEST
        return HOUR if longest > HOUR and self._refusals.is_known(_too_long(arn, longest)) else longest

    def assume_role(
        self, role: Role, keys: Keys, serial: str | None, arguments: dict[str, Any], clients: StsClients
    ) -> Any:
        """Assume a role, with MFA if there is a serial; return STS's response. Raises IssueError: a code is needed."""
        if serial is None:
            return clients.client(keys, retry=True).assume_role(**arguments)
        # `GetSessionToken` only accepts long-lived keys.
        if keys.token is not None or not self._gives_session(keys):
            return self._assume_by_code(role, keys, serial, arguments, clients)
        if arguments.get("DurationSeconds", 0) > HOUR:
            arguments["DurationSeconds"] = HOUR
        session = self._session(role, keys, serial, clients)
        try:
            return clients.client(session, retry=True).assume_role(**arguments)
        except Exception as error:
            if errors.code_of(error) not in errors.EXPIRED_CODES:
                raise
            self._forget(keys, serial, session)
        return clients.client(self._session(role, keys, serial, clients), retry=True).assume_role(**arguments)

    def own_session(self, role: Role, keys: Keys, serial: str, clients: StsClients) -> Keys:
        """The MFA session of a user with long-lived keys, which roles of the device share; raises what a code raises.

        A new one once half of its time is over: by then the engine asks for one, since it does in the last quarter.
        """
        return self._session(role, keys, serial, clients, self._settings.mfa_session / 2)

    def _assume_by_code(
        self, role: Role, keys: Keys, serial: str, arguments: dict[str, Any], clients: StsClients
    ) -> Any:
        """Send the code with AssumeRole for the longest session, because the next one costs a code too.

        STS checks the code before the role, so a refused duration costs one.
        """
        arn, wanted = arguments["RoleArn"], arguments.get("DurationSeconds")
        seconds = self.seconds(keys, serial, arn, wanted)
        call = clients.client(keys, retry=False).assume_role
        how_long = {} if seconds is None else {"DurationSeconds": seconds}

        def send(code: str) -> Any:
            return call(**{**arguments, **how_long, "SerialNumber": serial, "TokenCode": code})

        try:
            return self._codes.use_code(role, serial, self._command(role), send, is_wasted=errors.is_too_long)
        except Exception as error:
            if seconds is None or seconds <= HOUR or not errors.is_too_long(error):
                raise
        self._refusals.add(_too_long(arn, seconds))
        return self._assume_by_code(role, keys, serial, arguments, clients)

    def _command(self, role: Role) -> str | None:
        return role.mfa_process or self._settings.mfa_process

    def _gives_session(self, keys: Keys) -> bool:
        return not self._refusals.is_known(_no_session(keys))

    @property
    def _store(self) -> SecretStore | None:
        return self._configured_store if self._settings.store == "keyring" else None

    def _session(self, role: Role, keys: Keys, serial: str, clients: StsClients, at_least: timedelta = SPARE) -> Keys:
        """The session in memory or in the keyring, else a new one for a code; one caller at a time asks AWS."""
        name = _name(keys, serial)
        with self._lock:
            lock = self._session_locks[name]
        with lock:
            found = self._sessions.get(name)
            if found is None or not self._lasts(found, at_least):
                found = self._load(name)
            if found is None or not self._lasts(found, at_least):
                found = self._new_session(role, keys, serial, clients)
                if self._store is not None:
                    self._store.save(name, _to_text(found))
            self._sessions[name] = found
            return found

    def _new_session(self, role: Role, keys: Keys, serial: str, clients: StsClients) -> Keys:
        seconds = int(self._settings.mfa_session.total_seconds())
        command = self._command(role)

        def get(code: str) -> Any:
            client = clients.client(keys, retry=False)
            return client.get_session_token(SerialNumber=serial, TokenCode=code, DurationSeconds=seconds)

        try:
            given = session_of(lambda: self._codes.use_code(role, serial, command, get, is_wasted=_is_denied))
        except Exception as error:
            if not _is_denied(error):
                raise
            # A policy forbids GetSessionToken, which needs no permission otherwise: codes then go with AssumeRole.
            self._refusals.add(_no_session(keys))
            if role.is_mfa_session:
                raise self._codes.refusal(NO_OWN_SESSION, role, serial, error) from None
            if command is not None:
                raise self._codes.postponed(role, serial) from None
            raise self._codes.refusal(NO_MFA_SESSION, role, serial, error) from None
        expires_at = given["Expiration"].astimezone(timezone.utc)
        return Keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], expires_at, METHOD)

    def _lasts(self, keys: Keys, at_least: timedelta) -> bool:
        return keys.expires_at is not None and keys.expires_at - self._now() > at_least

    def _load(self, name: str) -> Keys | None:
        if self._store is None:
            return None
        text = self._store.load(name)
        return None if text is None else _from_text(text)

    def _forget(self, keys: Keys, serial: str, session: Keys) -> None:
        name = _name(keys, serial)
        with self._lock:
            lock = self._session_locks[name]
        with lock:
            if self._sessions.get(name) == session:
                del self._sessions[name]
                if self._store is not None:
                    self._store.delete(name)


def _name(keys: Keys, serial: str) -> str:
    """By key, not by profile: two profiles of one key share, and another user's key under an old name never does."""
    return f"mfa {keys.access_key} {serial}"


def _no_session(keys: Keys) -> str:
    return f"GetSessionToken of {keys.access_key}"


def _too_long(arn: str, seconds: int) -> str:
    return f"{seconds} s of {arn}"


def _is_denied(error: Exception) -> bool:
    return errors.code_of(error) == "AccessDenied"


def _to_text(keys: Keys) -> str:
    assert keys.expires_at is not None
    return json.dumps([keys.access_key, keys.secret_key, keys.token, rfc_3339(keys.expires_at)])


def _from_text(text: str) -> Keys | None:
    try:
        access_key, secret_key, token, expires_at = json_value(text)
    except (ValueError, TypeError):
        return None
    end = from_rfc_3339(expires_at)
    return None if end is None else Keys(str(access_key), str(secret_key), str(token), end, METHOD)
