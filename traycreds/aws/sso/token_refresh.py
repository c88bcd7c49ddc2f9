"""Renews sign-in tokens with their refresh tokens, in place of botocore, which takes no lock and believes faults.

A refresh token works once, so a renewal runs once, under a lock that our processes share, and all who waited share its
result. Only AWS's refusal ends a sign-in, and only if no other tool has renewed it. The file is never removed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

from traycreds.aws.errors import SERVER_ERRORS, code_of, status_of
from traycreds.aws.sso import token_cache
from traycreds.aws.sso.token_cache import TokenFolder, left
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError
from traycreds.core.text import from_rfc_3339

log = logging.getLogger(__name__)

Token: TypeAlias = dict[str, Any]
Renew: TypeAlias = "Callable[[Mapping[str, Any]], Mapping[str, Any]]"
"""Gets the parts of a token that a renewal changes, by one call of CreateToken."""

RENEWS = ("refreshToken", "clientId", "clientSecret", "registrationExpiresAt")
"""What a token needs to be renewed, as in botocore; the region is the sso-session's."""
PAUSE = 60.0
"""Seconds between two tries to renew a token that can still be used: botocore's own."""

_REFUSALS = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "InvalidClientException",
        "InvalidGrantException",
        "InvalidRequestException",
        "UnauthorizedClientException",
        "UnsupportedGrantTypeException",
    }
)
"""AWS's codes for a token or code that it refuses permanently."""
_REFUSED: set[int] = set()
"""Marks of tokens that AWS refuses to renew, for this process."""


def refusals() -> int:
    """How many tokens that is; a change means that `is_renewable` may answer differently."""
    return len(_REFUSED)


def is_renewable(token: Mapping[str, Any], now: datetime) -> bool:
    """Whether a token can be renewed with what is in it, unless AWS has refused that."""
    return (
        all(isinstance(token.get(name), str) for name in RENEWS)
        and left(token, now, "registrationExpiresAt") > timedelta()
        and _mark(token) not in _REFUSED
    )


class Tokens:
    """The sign-in tokens of this user; may be used from several threads."""

    def __init__(self, folder: TokenFolder) -> None:
        """Look after a folder; nothing is read yet."""
        self._folder = folder
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._failures: dict[str, tuple[float, Exception]] = {}
        self._unwritten: dict[str, tuple[int, Token]] = {}

    def read(self, key: str) -> Token | None:
        """The token as it is: on file, or in memory if a renewed one could not be written."""
        token = self._folder.read(key)
        replaced, renewed = self._unwritten.get(key, (None, token))
        if token is not None and _mark(token) == replaced:
            return renewed
        self._unwritten.pop(key, None)
        return token

    def fresh(self, key: str, renew: Renew) -> Token | None:
        """The token, renewed if it ends soon. Raises what `renew` raises, if the token is unusable without it."""
        began = time.monotonic()
        token = self.read(key)
        if token is None or not (self._due(token) or key in self._unwritten):
            return token
        with self._guard:
            lock = self._locks[key]
        with lock:
            self._write(key)
            failed_at, failure = self._failures.get(key, (began - PAUSE, None))
            token = self.read(key)
            if token is None or not self._due(token):
                return token
            usable = left(token, _now()) > timedelta()
            if failure is not None and (failed_at >= began or (usable and failed_at > began - PAUSE)):
                if usable:
                    return token
                # It failed while this caller waited, and another try would make the next caller wait too.
                raise failure
            try:
                token = self._renewed(key, renew)
            except Exception as error:
                self._failures[key] = (time.monotonic(), error)
                if not usable:
                    raise
                log.info("a sign-in could not be renewed (%s); it is still valid for a while", type(error).__name__)
                return token
            self._failures.pop(key, None)
            return token

    def _renewed(self, key: str, renew: Renew) -> Token | None:
        try:
            with self._folder.locked(key):
                # Another process may have renewed it before we got the lock.
                token = self.read(key)
                if token is None or not self._due(token):
                    return token
                return self._renew(key, token, renew)
        except CredentialsFileError as error:
            raise IssueError(FailureKind.NETWORK, error.sentence, error.hint) from error

    def _renew(self, key: str, token: Token, renew: Renew) -> Token:
        try:
            new = {name: value for name, value in token.items() if name != "refreshToken"} | dict(renew(token))
        except Exception as error:
            if not _is_refusal(error):
                raise
            other = self._folder.read(key)
            if other is not None and other.get("refreshToken") != token["refreshToken"]:
                # A tool without our locks has already used the refresh token.
                return other
            _REFUSED.add(_mark(token))
            log.info("AWS no longer renews a sign-in: %s", type(error).__name__)
            return token
        self._unwritten[key] = (_mark(token), new)
        self._write(key)
        log.info("renewed a sign-in until %s", new["expiresAt"])
        return new

    def _write(self, key: str) -> None:
        """Write a renewed token, now or as soon as the disk allows: the one on file is used up."""
        if key not in self._unwritten:
            return
        try:
            self._folder.write(key, self._unwritten[key][1])
        except CredentialsFileError as error:
            log.warning("Could not save a renewed sign-in, so it is only in memory. %s", error)
        else:
            # A reader may have found it on file and dropped it already.
            self._unwritten.pop(key, None)

    def _due(self, token: Mapping[str, Any]) -> bool:
        now = _now()
        return left(token, now) < token_cache.RENEW_WITHIN and is_renewable(token, now)


class BotocoreTokens:
    """A token cache for botocore that gives fresh tokens, without what botocore would need to renew them itself."""

    def __init__(self, tokens: Tokens, renewals: Mapping[str, Renew]) -> None:
        """Provide these tokens; `renewals` says by key how to renew those that end soon."""
        self._tokens = tokens
        self._renewals = renewals

    def __contains__(self, key: str) -> bool:
        """Whether there is a token, fresh or not, that can be sent at all."""
        access = (self._tokens.read(key) or {}).get("accessToken")
        return isinstance(access, str) and access != ""

    def __getitem__(self, key: str) -> Token:
        """A token that does not end soon, if AWS gives one."""
        renew = self._renewals.get(key)
        token = self._tokens.read(key) if renew is None else self._tokens.fresh(key, renew)
        if token is None:
            raise KeyError(key)
        unread = {"refreshToken"} if from_rfc_3339(token.get("expiresAt")) else {"refreshToken", "expiresAt"}
        return {name: value for name, value in token.items() if name not in unread}


def _mark(token: Mapping[str, Any]) -> int:
    return hash(str(token.get("refreshToken")))


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _is_refusal(error: Exception) -> bool:
    """Whether AWS itself refuses a token or code permanently; a fault of the service does not count."""
    return code_of(error) in _REFUSALS and status_of(error) < SERVER_ERRORS
