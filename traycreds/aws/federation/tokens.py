"""Tokens that programs print, each shared by the roles that name the same program. Puts no token into a text."""

from __future__ import annotations

import base64
import binascii
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from traycreds.core.errors import FailureKind, IssueError, TraycredsError
from traycreds.core.model import Role
from traycreds.core.value_class import field, value_class
from traycreds.process import bounded_program
from traycreds.process.programs import setting_program
from traycreds.state import known_secrets

SECONDS = 40.0
"""How long a program may take, as for a credential_process: less than a refresh, so that it ends first."""

SHARED = 60.0
"""Seconds for which roles share a token: AWS takes an assertion for five minutes after it was issued."""

FAILURE_SHARED = 10.0
"""Seconds for which they share the failure of the program, which may ask its user something each time."""


class TokenKind(NamedTuple):
    """What a program prints, the most characters that AWS takes (STS API reference), and how long, if that is known."""

    noun: str
    most: int
    lasts: timedelta | None


KINDS = {
    "saml_process": TokenKind("SAML assertion", 100_000, timedelta(minutes=5)),
    "web_identity_process": TokenKind("web identity token", 20_000, None),
}
"""By the setting that names the program."""

_LEAST = 4
"""The fewest characters that AWS takes of either."""


@value_class
class _Shared:
    """A token with the moment at which the program printed it, or why there is none."""

    at: float
    token: str = field(repr=False)
    failure: IssueError | None = None


class FederationTokens:
    """The tokens of all programs; from any thread."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Run nothing yet."""
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._shared: dict[str, _Shared] = {}
        self._reused: set[str] = set()

    def token(self, role: Role, setting: str, *, unless: int | None = None) -> str:
        """The token for a role, shared unless its hash is this one: the role has failed with it before.

        Raises IssueError: its program cannot be run, failed, hung, or printed none.
        """
        command = getattr(role, setting)
        with self._lock:
            lock = self._locks[command]
        with lock:
            known = self._shared.get(command)
            if known is not None:
                age = self._monotonic() - known.at
                if known.failure is not None and age <= FAILURE_SHARED:
                    raise IssueError(known.failure.kind, known.failure.sentence, known.failure.hint)
                if known.failure is None and age <= SHARED and hash(known.token) != unless:
                    self._reused.add(command)
                    return known.token
            self._reused.discard(command)
            kind = KINDS[setting]
            try:
                token = _printed(command, setting, kind)
            except IssueError as failure:
                self._shared[command] = _Shared(self._monotonic(), "", failure)
                raise
            known_secrets.note(token, lasts=kind.lasts)
            self._shared[command] = _Shared(self._monotonic(), token)
            return token

    def forget(self, role: Role, setting: str) -> bool:
        """Drop a token that AWS refused; return whether it was an earlier one, so that another may be accepted."""
        command = getattr(role, setting)
        with self._lock:
            lock = self._locks[command]
        with lock:
            self._shared.pop(command, None)
            earlier = command in self._reused
            self._reused.discard(command)
            return earlier


def _printed(command: str, setting: str, kind: TokenKind) -> str:
    """The token that a program prints. Raises IssueError."""
    try:
        output = setting_program.run(command, setting, seconds=SECONDS, prints=kind.noun)
        return _checked(output, command, setting, kind)
    except bounded_program.OverdueError as error:
        # The program may be waiting for a network.
        raise IssueError(FailureKind.NETWORK, error.sentence, error.hint) from None
    except TraycredsError as error:
        raise IssueError(FailureKind.PROGRAM, error.sentence, error.hint) from None


def _checked(output: bytes, command: str, setting: str, kind: TokenKind) -> str:
    """The token in what a program printed. Raises TraycredsError: there is none."""
    saml = setting == "saml_process"
    # Base64 may come in lines.
    text = ("".join if saml else " ".join)(output.decode("utf-8", "replace").split())
    reason = None
    if len(text) < _LEAST:
        reason = "it printed nothing" if not text else "its output is too short"
    elif len(text) > kind.most:
        reason = f"it printed {len(text):,} characters, and AWS accepts {kind.most:,}"
    elif saml and not _is_base64(text):
        reason = "its output is not base64 text"
    elif not saml and not re.fullmatch("[!-~]+", text):
        reason = "its output is more than one word"
    if reason is not None:
        raise setting_program.nothing_useful(command, setting, kind.noun, reason)
    return text


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
