"""The log file: private, rotated, without secrets; redaction works on the final line. Never raises to callers."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import time
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traycreds.core.text import os_reason
from traycreds.files import private_files
from traycreds.state import known_secrets
from traycreds.state.known_secrets import GONE

MAX_BYTES = 1_000_000
"""A file of this size is full."""
BACKUPS = 3
"""Full files that are kept, `.1` being the newest."""
_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(threadName)s %(name)s: %(message)s"
_CHATTY = ("botocore", "boto3", "urllib3", "s3transfer", "PIL", "asyncio")
"""Loggers that stay at WARNING even for debugging: botocore's debug log holds requests, answers and their secrets."""

_REPEATS_US = "botocore.credentials"
"""Warns of each source whose keys it cannot renew, with a traceback of a hundred lines: we log that in a sentence."""

_NAMES = (
    r"(?:secret[_ -]?(?:access[_ -]?)?key|(?:session|security|access|refresh|id|identity|bearer|csrf)[_ -]?token"
    r"|sso_bearer_token|client[_ -]?secret|code[_ -]?verifier|device[_ -]?code|user[_ -]?code|signature|passw(?:or)?d"
    r"|passphrase|(?:proxy-)?authorization|(?:set-)?cookie|signin[_ -]?token"
    r"|(?:mfa|otp|totp|token|one-time)[_ -]?(?:code|token)|totp|otp)"
)
_BETWEEN = r"(?:\\*[\"'])?\s*(?:[:=]|%(?:25)*3[AD]|>|\bis\b)+\s*"
_QUOTED = r"b?(?P<quote>\\*[\"'])(?:(?!(?P=quote)).)*"
_NAMED_HEADER = re.compile(rf"((?:proxy-)?authorization{_BETWEEN})(?:{_QUOTED}|[^\r\n\"']+)", re.IGNORECASE | re.DOTALL)
"""A header's value may have spaces and commas, so it ends with its quotes or the line."""
_NAMED = re.compile(rf"({_NAMES}{_BETWEEN})(?:{_QUOTED}|[^\s\"'&<>,;)}}\]]+)", re.IGNORECASE | re.DOTALL)
_BEARER = re.compile(r"\b(bearer\s+)[^\s\"',;]+", re.IGNORECASE)
_CODE = re.compile(r"(\bcode\W{1,6}(?:is\W+)?)[0-9]{6}\b", re.IGNORECASE)
_LETTER = r"(?:[A-Za-z0-9+]|\\*/|%(?:25)*2[FBfb]|\\u002[fFbB])"
_SHAPED = re.compile(rf"{_LETTER}{{40,}}=*")
"""A secret access key has 40 characters of base64 and a session token hundreds; `/` and `+` may be encoded."""
_LONG = re.compile(r"[A-Za-z0-9_+/=%.~:-]{160,}|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")
"""Tokens of Identity Center and JSON web tokens are of URL-safe base64."""
_KEY_ID = re.compile(r"((?:AKIA|ASIA)[A-Z0-9]{4})[A-Z0-9]{4,}([A-Z0-9]{4})")


def redact(text: str) -> str:
    """The text without keys, tokens, signatures and MFA codes; access key ids keep their ends.

    What looks like a secret counts as one: a run of 40 letters, digits and slashes goes too.
    """
    text = known_secrets.without(text)
    text = _NAMED_HEADER.sub(rf"\1{GONE}", text)
    text = _NAMED.sub(rf"\1{GONE}", text)
    text = _BEARER.sub(rf"\1{GONE}", text)
    text = _CODE.sub(rf"\1{GONE}", text)
    text = _SHAPED.sub(GONE, text)
    text = _LONG.sub(GONE, text)
    return _KEY_ID.sub(r"\1…\2", text)


class RedactingFormatter(logging.Formatter):
    """One line with the time in UTC; traceback below; secrets out. For every handler that we make."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The whole record as text, exception included, redacted."""
        return redact(super().format(record))


class _Discreet(logging.Handler):
    """A handler that does not show the arguments of a record that it cannot write."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say only where the record came from: logging's own way prints its arguments, secrets included, on stderr."""
        stream = getattr(self, "stream", None)
        with contextlib.suppress(Exception):
            if stream is not None:
                stream.write(f"A record of {record.name}, line {record.lineno}, could not be written.\n")
                stream.flush()


class _PrivateFile(_Discreet, logging.FileHandler):
    """A rotating file that is 0600 from the start, and that several processes may write and rotate.

    logging's own would follow a file that another process moved, or stop on Windows; it also loads half a megabyte.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write it, into a new file if this one is full or has been moved away."""
        with contextlib.suppress(OSError, ValueError):
            self._turn()
        try:
            super().emit(record)
        except OSError:
            # The file could not be opened again.
            self.handleError(record)

    def _turn(self) -> None:
        if self.stream is None:
            return
        path = Path(self.baseFilename)
        there = path.stat() if path.exists() else None
        ours = there is not None and os.path.samestat(os.fstat(self.stream.fileno()), there)
        if ours and there is not None and there.st_size < MAX_BYTES:
            return
        self.stream.close()
        # Without a stream, the next record opens the file again.
        self.stream = None
        if ours:
            _shift(path)

    def _open(self) -> TextIOWrapper:
        stream: Any = open(  # noqa: SIM115 - the handler closes it
            self.baseFilename,
            self.mode,
            encoding=self.encoding,
            errors=self.errors,
            opener=private_files.opener_for_owner_alone,
        )
        return stream  # type: ignore[no-any-return]


def _shift(path: Path) -> None:
    """Move a full file to `.1`, and the older ones on. Raises OSError: it is held open; all files are in place then."""
    full = path.replace(f"{path}.full")
    for number in range(BACKUPS - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}.{number}").replace(f"{path}.{number + 1}")
    full.replace(f"{path}.1")


if TYPE_CHECKING:
    _ToStream = logging.StreamHandler[Any]
else:
    # Before Python 3.11, `StreamHandler` takes no type.
    _ToStream = logging.StreamHandler


class _Stderr(_Discreet, _ToStream):
    """Standard error, without a file."""


class Log:
    """The log of this process, from `start` to `stop`; `path` is None if it could not be opened."""

    def __init__(self, path: Path | None, handler: logging.Handler) -> None:
        self.path = path
        self._handler = handler

    def stop(self) -> None:
        """Close it; never raises, also when the last lines do not fit on the disk."""
        logging.getLogger().removeHandler(self._handler)
        with contextlib.suppress(OSError, ValueError):
            self._handler.close()


def start_log(folder: Path, *, debug: bool = False) -> Log:
    """Log into `folder` (created with 0700), or to stderr if that fails; `debug` adds our own debug lines."""
    path: Path | None = folder / "traycreds.log"
    problem = ""
    handler: logging.Handler
    try:
        private_files.make_folder(folder)
        handler = _PrivateFile(folder / "traycreds.log", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        path, problem = None, os_reason(error)
        handler = _Stderr()
    handler.setFormatter(RedactingFormatter())
    logging.getLogger().addHandler(handler)
    logging.getLogger("traycreds").setLevel(logging.DEBUG if debug else logging.INFO)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_REPEATS_US).setLevel(logging.ERROR)
    if problem:
        logging.getLogger(__name__).warning("There is no log file because %s cannot be used: %s.", folder, problem)
    return Log(path, handler)
