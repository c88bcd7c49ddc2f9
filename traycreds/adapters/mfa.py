"""MFA sessions: one code of a device serves all roles of its source for hours.

Owns the sessions got with codes, which are kept in the keyring over a restart, and how long roles may last with and
without them. Never waits for a person, and lets no code and no key into a text.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timezone
from typing import Any

from traycreds.adapters import stserrors
from traycreds.adapters.hop import CHAIN_CAP, LONGEST
from traycreds.adapters.keeper import Keeper
from traycreds.adapters.keys import SPARE, Keys
from traycreds.adapters.mfacodes import MfaCodes, Verdict
from traycreds.adapters.mfalessons import Lessons
from traycreds.adapters.stsdoor import Connect
from traycreds.adapters.stsrows import NO_MFA_SESSION
from traycreds.core.model import Role, Settings

METHOD = "mfa-session"


class MfaSessions:
    """The MFA sessions of all sources and devices; from any thread."""

    def __init__(
        self,
        keeper: Keeper | None = None,
        *,
        settings: Settings | None = None,
        hint: str = "Choose Enter MFA code in the tray menu.",
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is read or asked yet.

        Args:
            keeper: keeps sessions over a restart.
            settings: how long a session shall last, what prints codes, and whether sessions are kept.
            hint: how the user gives a code.
            now: by which sessions end.
            monotonic: seconds, by which codes grow old.
            wall: seconds since the epoch, by which devices go.
        """
        self._now = now
        self._vault = keeper
        self._settings = settings or Settings()
        self._codes = MfaCodes(hint=hint, monotonic=monotonic, wall=wall)
        self._lessons = Lessons(lambda: self._keeper, now)
        self._lock = threading.Lock()
        self._flights: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._sessions: dict[str, Keys] = {}

    def configure(self, settings: Settings) -> None:
        """Go by other settings from now on."""
        self._settings = settings

    def process_of(self, serial: str) -> str | None:
        """The command that prints the codes of a device, as far as a role that needed one has told."""
        return self._codes.process_of(serial)

    def offer(self, serial: str, code: str) -> Future[Verdict]:
        """Hand in a code of a device; the next role that needs it uses it, once. Tells what became of it."""
        return self._codes.offer(serial, code)

    def chains(self, keys: Keys, serial: str | None) -> bool:
        """Whether a role is assumed with a session, MFA's or another, so that it lasts an hour at most."""
        return keys.token is not None or (serial is not None and self._gives_session(keys))

    def seconds(self, keys: Keys, serial: str | None, arn: str, wanted: int | None) -> int | None:
        """How long a role may be asked for: the longest that is not known to be refused, where each try costs a code.

        Args:
            keys: of its source.
            serial: of the MFA device, if it needs one.
            arn: of the role.
            wanted: what the configuration says.
        """
        if self.chains(keys, serial):
            return min(wanted, CHAIN_CAP) if wanted is not None else None
        if serial is None:
            return wanted
        longest = wanted or LONGEST
        return CHAIN_CAP if longest > CHAIN_CAP and self._lessons.learnt(_too_long(arn, longest)) else longest

    def assume_role(self, role: Role, keys: Keys, arguments: dict[str, Any], connect: Connect) -> Any:
        """Assume a role with the keys of its source; with a SerialNumber among the arguments, by way of MFA.

        Raises:
            IssueError: MFA, with the device, when a code is needed.
        """
        serial: str | None = arguments.pop("SerialNumber", None)
        if serial is None:
            return connect(keys, True).assume_role(**arguments)
        if keys.token is not None or not self._gives_session(keys):  # GetSessionToken takes long-lived keys only
            return self._assume_by_code(role, keys, serial, arguments, connect)
        if arguments.get("DurationSeconds", 0) > CHAIN_CAP:
            arguments["DurationSeconds"] = CHAIN_CAP
        session = self._session(role, keys, serial, connect)
        try:
            return connect(session, True).assume_role(**arguments)
        except Exception as error:
            if stserrors.code_of(error) not in stserrors.EXPIRED_CODES:
                raise
            self._forget(keys, serial, session)
        return connect(self._session(role, keys, serial, connect), True).assume_role(**arguments)

    def _assume_by_code(self, role: Role, keys: Keys, serial: str, arguments: dict[str, Any], connect: Connect) -> Any:
        """Send the code with AssumeRole, and ask for as long a session as can be had, since the next takes a code too.

        STS looks at the code before it looks at the role, so that what is refused as too long costs one.
        """
        arn, wanted = arguments["RoleArn"], arguments.get("DurationSeconds")
        seconds = self.seconds(keys, serial, arn, wanted)
        call = connect(keys, False).assume_role
        how_long = {} if seconds is None else {"DurationSeconds": seconds}

        def send(code: str) -> Any:
            return call(**{**arguments, **how_long, "SerialNumber": serial, "TokenCode": code})

        try:
            return self._codes.spend(role, serial, self._command(role), send, in_vain=stserrors.is_too_long)
        except Exception as error:
            if seconds is None or seconds <= CHAIN_CAP or not stserrors.is_too_long(error):
                raise
        self._lessons.learn(_too_long(arn, seconds))
        return self._assume_by_code(role, keys, serial, arguments, connect)

    def _command(self, role: Role) -> str | None:
        return role.mfa_process or self._settings.mfa_process

    def _gives_session(self, keys: Keys) -> bool:
        return not self._lessons.learnt(_no_session(keys))

    @property
    def _keeper(self) -> Keeper | None:
        return self._vault if self._settings.store == "keyring" else None

    def _session(self, role: Role, keys: Keys, serial: str, connect: Connect) -> Keys:
        """The session in hand or in the keyring, else a new one for a code; one caller at a time asks AWS."""
        name = _name(keys, serial)
        with self._lock:
            flight = self._flights[name]
        with flight:
            found = self._sessions.get(name)
            if found is None or not self._good(found):
                found = self._load(name)
            if found is None or not self._good(found):
                found = self._new_session(role, keys, serial, connect)
                if self._keeper is not None:
                    self._keeper.save(name, _to_text(found))
            self._sessions[name] = found
            return found

    def _new_session(self, role: Role, keys: Keys, serial: str, connect: Connect) -> Keys:
        seconds = int(self._settings.mfa_session.total_seconds())
        command = self._command(role)

        def get(code: str) -> Any:
            client = connect(keys, False)
            return client.get_session_token(SerialNumber=serial, TokenCode=code, DurationSeconds=seconds)

        try:
            given = self._codes.spend(role, serial, command, get, in_vain=_is_denied)["Credentials"]
        except Exception as error:
            if not _is_denied(error):
                raise
            # A policy forbids GetSessionToken, which needs no permission otherwise: codes then go with AssumeRole.
            self._lessons.learn(_no_session(keys))
            if command is not None:
                raise self._codes.postponed(role, serial) from None
            raise self._codes.refusal(NO_MFA_SESSION, role, serial, error) from None
        expires_at = given["Expiration"].astimezone(timezone.utc)
        return Keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], expires_at, METHOD)

    def _good(self, keys: Keys) -> bool:
        return keys.expires_at is not None and keys.expires_at - self._now() > SPARE

    def _load(self, name: str) -> Keys | None:
        if self._keeper is None:
            return None
        text = self._keeper.load(name)
        return None if text is None else _from_text(text)

    def _forget(self, keys: Keys, serial: str, session: Keys) -> None:
        """Drop a session that AWS calls expired, before its time."""
        name = _name(keys, serial)
        with self._lock:
            flight = self._flights[name]
        with flight:
            if self._sessions.get(name) == session:
                del self._sessions[name]
                if self._keeper is not None:
                    self._keeper.delete(name)


def _name(keys: Keys, serial: str) -> str:
    """By key, not by profile: two profiles of one key share, and another user's key under an old name never does."""
    return f"mfa {keys.access_key} {serial}"


def _no_session(keys: Keys) -> str:
    return f"GetSessionToken of {keys.access_key}"


def _too_long(arn: str, seconds: int) -> str:
    return f"{seconds} s of {arn}"


def _is_denied(error: Exception) -> bool:
    return stserrors.code_of(error) == "AccessDenied"


def _to_text(keys: Keys) -> str:
    assert keys.expires_at is not None
    return json.dumps([keys.access_key, keys.secret_key, keys.token, keys.expires_at.isoformat()])


def _from_text(text: str) -> Keys | None:
    try:
        access_key, secret_key, token, expires_at = json.loads(text)
        return Keys(str(access_key), str(secret_key), str(token), datetime.fromisoformat(expires_at), METHOD)
    except (ValueError, TypeError):
        return None
