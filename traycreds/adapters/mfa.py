"""MFA sessions: one code of a device serves all roles of its source for hours.

Owns the codes that the user has given, each to be used once, and the sessions got with them; they are kept in the
keyring over a restart. Never waits for a person, and lets no code and no key into a text.
"""

from __future__ import annotations

import enum
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Protocol

from traycreds.adapters import codeprocess, stserrors
from traycreds.adapters.hop import CHAIN_CAP
from traycreds.adapters.keys import SPARE, Keys
from traycreds.adapters.stsdoor import Connect
from traycreds.adapters.stserrors import Attempt
from traycreds.adapters.stsrows import LOST_MFA, NEEDS_MFA, NO_MFA_SESSION, WRONG_MFA, Row
from traycreds.core.errors import FailureKind, IssueError, TraycredsError
from traycreds.core.model import Role, Settings

CODE_LIFE = 60.0
"""Seconds for which a code is worth sending: its own 30, and the 30 by which AWS lets it be late."""

UNSENT = frozenset({"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"})
"""Exceptions of botocore after which AWS cannot have seen the code, so that it still counts."""

DETAIL = 160
"""The most characters of AWS's own words that are shown."""

METHOD = "mfa-session"


class Verdict(enum.Enum):
    """What became of a code."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"
    """AWS may have seen it, but what it said never came."""


@dataclass(slots=True)
class _Offer:
    code: str = field(repr=False)
    at: float
    verdict: Future[Verdict] = field(default_factory=Future)

    def settle(self, verdict: Verdict) -> None:
        if not self.verdict.done():
            self.verdict.set_result(verdict)


class Keeper(Protocol):
    """Keeps texts over a restart: a Vault."""

    def load(self, name: str) -> str | None:
        """The text of a name, if there is one."""

    def save(self, name: str, text: str) -> bool:
        """Keep it; says whether it is kept."""

    def delete(self, name: str) -> None:
        """Forget it."""


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
    ) -> None:
        """Nothing is read or asked yet.

        Args:
            keeper: keeps sessions over a restart.
            settings: how long a session shall last, what prints codes, and whether sessions are kept.
            hint: how the user gives a code.
            now: by which sessions end.
            monotonic: seconds, by which codes grow old.
        """
        self._now = now
        self._keeper = keeper
        self._settings = settings or Settings()
        self._hint = hint
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._flights: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._sessions: dict[str, Keys] = {}
        self._offers: dict[str, _Offer] = {}
        self._processes: dict[str, str | None] = {}
        self._trouble: dict[str, tuple[float, IssueError]] = {}
        self._without: set[str] = set()

    def configure(self, settings: Settings) -> None:
        """Go by other settings from now on."""
        self._settings = settings

    def process_of(self, serial: str) -> str | None:
        """The command that prints the codes of a device, as far as a role that needed one has told."""
        return self._processes.get(serial)

    def offer(self, serial: str, code: str) -> Future[Verdict]:
        """Hand in a code of a device; the next role that needs it uses it, once. Tells what became of it."""
        offer = _Offer(code, self._monotonic())
        with self._lock:
            self._offers[serial] = offer
            self._trouble.pop(serial, None)
        return offer.verdict

    def chains(self, keys: Keys, serial: str | None) -> bool:
        """Whether a role is assumed with a session, MFA's or another, so that it lasts an hour at most."""
        return keys.token is not None or (serial is not None and keys.access_key not in self._without)

    def assume_role(self, role: Role, keys: Keys, arguments: dict[str, Any], connect: Connect) -> Any:
        """Assume a role with the keys of its source; with a SerialNumber among the arguments, by way of MFA.

        Raises:
            IssueError: MFA, with the device, when a code is needed.
        """
        serial: str | None = arguments.pop("SerialNumber", None)
        if serial is None:
            return connect(keys, True).assume_role(**arguments)
        if keys.token is not None or keys.access_key in self._without:  # GetSessionToken takes long-lived keys only
            arguments["SerialNumber"] = serial
            call = connect(keys, False).assume_role
            return self._with_code(role, serial, lambda code: call(TokenCode=code, **arguments))
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
                if self._keeper is not None and self._settings.store == "keyring":
                    self._keeper.save(name, _to_text(found))
            self._sessions[name] = found
            return found

    def _new_session(self, role: Role, keys: Keys, serial: str, connect: Connect) -> Keys:
        seconds = int(self._settings.mfa_session.total_seconds())

        def get(code: str) -> Any:
            client = connect(keys, False)
            return client.get_session_token(SerialNumber=serial, TokenCode=code, DurationSeconds=seconds)

        try:
            given = self._with_code(role, serial, get)["Credentials"]
        except Exception as error:
            if stserrors.code_of(error) != "AccessDenied":
                raise
            # A policy forbids GetSessionToken, which needs no permission otherwise: codes then go with AssumeRole.
            self._without.add(keys.access_key)
            raise self._refusal(NO_MFA_SESSION, role, serial, error) from None
        expires_at = given["Expiration"].astimezone(timezone.utc)
        return Keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], expires_at, METHOD)

    def _with_code(self, role: Role, serial: str, call: Callable[[str], Any]) -> Any:
        """Make a call that takes a code, once."""
        offer = self._take(role, serial)
        try:
            answer = call(offer.code)
        except Exception as error:
            if type(error).__name__ in UNSENT:
                with self._lock:
                    self._offers.setdefault(serial, offer)
                raise
            if stserrors.is_mfa_refusal(error):
                offer.settle(Verdict.REFUSED)
                raise self._refusal(WRONG_MFA, role, serial, error) from None
            offer.settle(Verdict.LOST)
            if _passes_by_itself(error):
                raise self._refusal(LOST_MFA, role, serial, error) from None
            raise
        offer.settle(Verdict.ACCEPTED)
        with self._lock:
            self._trouble.pop(serial, None)
        return answer

    def _take(self, role: Role, serial: str) -> _Offer:
        """A code that was not used yet: the user's, else the process's."""
        with self._lock:
            offer = self._offers.pop(serial, None)
            command = self._processes[serial] = role.mfa_process or self._settings.mfa_process
            told_at, trouble = self._trouble.get(serial, (0.0, None))
        now = self._monotonic()
        if offer is not None and now - offer.at <= CODE_LIFE:
            return offer
        if trouble is not None and now - told_at <= CODE_LIFE:  # those that waited for that try share its failure
            raise IssueError(trouble.kind, trouble.sentence, trouble.hint, device=serial)
        if command is None:
            raise _in_words(NEEDS_MFA, role, serial, self._hint)
        try:
            return _Offer(codeprocess.run(command), now)
        except TraycredsError as error:
            raise self._noted(IssueError(FailureKind.MFA, error.sentence, error.hint, device=serial)) from None

    def _refusal(self, row: Row, role: Role, serial: str, error: Exception) -> IssueError:
        detail = " ".join(stserrors.message_of(error).split())[:DETAIL] or type(error).__name__
        return self._noted(_in_words(row, role, serial, self._hint, detail))

    def _noted(self, refusal: IssueError) -> IssueError:
        """Keep it for those who wait for the same code."""
        assert refusal.device is not None
        with self._lock:
            self._trouble[refusal.device] = (self._monotonic(), refusal)
        return refusal

    def _good(self, keys: Keys) -> bool:
        return keys.expires_at is not None and keys.expires_at - self._now() > SPARE

    def _load(self, name: str) -> Keys | None:
        if self._keeper is None or self._settings.store != "keyring":
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
                if self._keeper is not None and self._settings.store == "keyring":
                    self._keeper.delete(name)


def _name(keys: Keys, serial: str) -> str:
    """By key, not by profile: two profiles of one key share, and another user's key under an old name never does."""
    return f"mfa {keys.access_key} {serial}"


def _in_words(row: Row, role: Role, serial: str, give: str, detail: str = "") -> IssueError:
    words = {"role": role.name, "device": serial.rpartition("/")[2], "give": give, "detail": detail}
    sentence = row.sentence.format_map(words).rstrip(". ") + "."
    return IssueError(row.kind, sentence, row.hint.format_map(words), device=serial)


def _passes_by_itself(error: Exception) -> bool:
    known = stserrors.explain(error, Attempt(role="", who="", what="", region="", login=""))
    return known is not None and known.kind in (FailureKind.NETWORK, FailureKind.THROTTLED)


def _to_text(keys: Keys) -> str:
    assert keys.expires_at is not None
    return json.dumps([keys.access_key, keys.secret_key, keys.token, keys.expires_at.isoformat()])


def _from_text(text: str) -> Keys | None:
    try:
        access_key, secret_key, token, expires_at = json.loads(text)
        return Keys(str(access_key), str(secret_key), str(token), datetime.fromisoformat(expires_at), METHOD)
    except (ValueError, TypeError):
        return None
