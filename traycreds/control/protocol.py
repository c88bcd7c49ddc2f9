"""The messages between the running app and its commands: one request, one reply, each a line of JSON, version 1.

Owns their shape and limits. No key or token is in them: commands read credentials from the credentials file. A request
may hold an MFA code, which works once.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any, Protocol

from traycreds.core.value_class import field, value_class

VERSION = 1
REQUEST_LIMIT = 64 * 1024
"""Bytes: the names of some thousand roles."""
REPLY_LIMIT = 8 * 1024 * 1024
"""Bytes: a snapshot of some ten thousand roles."""

BEAT_SECONDS = 1.0
"""Between two lines that say that the app is still at work."""
BEAT = "beat"
"""The key of such a line."""

SOCKET = "control.sock"
"""The name of the socket in the runtime folder, on systems with sockets."""

NAMELESS = frozenset({"refresh", "status", "show", "notice", "path", "quit", "pause", "resume", "use_none"})
"""Commands that may come without a role."""
COMMANDS = NAMELESS | {"use", "keep", "drop", "session", "used", "code"}
REGION = re.compile(r"[A-Za-z0-9-]{0,63}")
"""A region; empty restores the configured one."""

CODE = re.compile(r"[0-9]{6}")
"""An MFA code."""

_LONGEST_NAME = 256
_LONGEST_PATH = 4096
_LONGEST_ID = 64
_LONGEST_KEEP = 366 * 86400.0


class WireError(Exception):
    """A line that is invalid, too long or late; the text is for the log and the reply."""


@value_class(kw_only=True)
class Request:
    """What a command wants.

    Attributes:
        id: the client's mark, returned in the reply.
        seconds: how long `keep` lasts; None has no end.
        wait: reply once the result is known, not at the start.
        region: for `use`; empty restores the configured one, None changes nothing.
        attended: the user waits; otherwise no dialog opens.
        places: what the sender's paths follow from, for `session`; an app with other files does not answer it.
        beats: send a line now and then until the reply, to tell a busy app from a silent one.
    """

    id: str
    do: str
    roles: tuple[str, ...] = ()
    seconds: float | None = None
    wait: bool = True
    region: str | None = None
    attended: bool = True
    places: tuple[str, ...] = ()
    beats: bool = False
    code: str | None = field(default=None, repr=False)

    def as_message(self) -> dict[str, Any]:
        """The request as it is sent."""
        message: dict[str, Any] = {"v": VERSION, "id": self.id, "do": self.do, "roles": self.roles, "wait": self.wait}
        more: dict[str, Any] = {
            "seconds": self.seconds,
            "region": self.region,
            "attended": None if self.attended else False,
            "places": self.places or None,
            "beats": self.beats or None,
            "code": self.code,
        }
        return message | {key: value for key, value in more.items() if value is not None}


def request_from(message: Mapping[str, Any]) -> Request:
    """The request in a message, without unknown keys. Raises WireError: not valid."""
    version, do, identity = message.get("v"), message.get("do"), message.get("id")
    if version != VERSION or isinstance(version, bool):
        raise WireError(f"this app speaks version {VERSION} of the protocol")
    if not isinstance(identity, str) or len(identity) > _LONGEST_ID:
        raise WireError(f"id must be text of at most {_LONGEST_ID} characters")
    if not isinstance(do, str) or do not in COMMANDS:
        raise WireError(f"do must be one of {', '.join(sorted(COMMANDS))}")
    roles, seconds, wait = message.get("roles", []), message.get("seconds"), message.get("wait", True)
    if not _are_texts(roles, _LONGEST_NAME):
        raise WireError("roles must be a list of names")
    places = message.get("places", [])
    if not _are_texts(places, _LONGEST_PATH):
        raise WireError("places must be a list of paths")
    if do not in NAMELESS and len(roles) != 1:
        raise WireError(f"{do} takes one role")
    if seconds is not None and (
        isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= _LONGEST_KEEP
    ):
        raise WireError("seconds must be a number above zero, at most a year")
    attended, beats = message.get("attended", True), message.get("beats", False)
    if not all(isinstance(each, bool) for each in (wait, attended, beats)):
        raise WireError("wait, attended and beats must be true or false")
    region = message.get("region")
    if region is not None and not (do == "use" and isinstance(region, str) and REGION.fullmatch(region)):
        raise WireError("region must be a region name, and goes with use")
    return Request(
        id=identity,
        do=do,
        roles=tuple(roles),
        seconds=seconds,
        wait=wait,
        region=region,
        attended=attended,
        places=tuple(places),
        beats=beats,
        code=_code(message.get("code"), do),
    )


def _code(code: object, do: str) -> str | None:
    """The MFA code, which one command needs. Raises WireError: not valid."""
    if do != "code":
        return None
    if not (isinstance(code, str) and CODE.fullmatch(code)):
        raise WireError("code must be six digits")
    return code


def _are_texts(value: object, longest: int) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and len(each) <= longest for each in value)


class Connection(Protocol):
    """A stream to one peer and back; its maker closes it."""

    def send(self, data: bytes, *, seconds: float) -> None:
        """Send all of it within `seconds`; zero sends only what fits at once. Raises OSError, TimeoutError."""

    def receive(self, *, seconds: float) -> bytes:
        """At least one byte within `seconds`; nothing once the peer is gone. Raises OSError, TimeoutError."""

    def is_gone(self) -> bool:
        """Whether the peer has closed its end; never blocks."""

    def close(self) -> None:
        """Close it."""


class Channel:
    """A connection as a channel of JSON objects, one a line; the deadline covers all traffic until it is set again."""

    def __init__(self, connection: Connection, *, limit: int, seconds: float) -> None:
        """Take a connection, which its maker closes; `limit` is the longest line in bytes, `seconds` the deadline."""
        self._connection = connection
        self._limit = limit
        self._buffer = bytearray()
        self._deadline = time.monotonic() + seconds

    def allow(self, seconds: float) -> None:
        """Set the deadline again, counted from now."""
        self._deadline = time.monotonic() + seconds

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one object. Raises WireError: the peer is gone or does not read in time."""
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        try:
            self._connection.send(line, seconds=self._left())
        except OSError as error:
            raise WireError("the peer is no longer listening") from error

    def receive(self) -> dict[str, Any]:
        """Receive one object. Raises WireError: the peer is gone, too slow, or sends something else."""
        line = self._line()
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise WireError("a line that is not JSON") from error
        if not isinstance(message, dict):
            raise WireError("a line that is not a JSON object")
        return message

    def _line(self) -> bytes:
        start = 0
        while (end := self._buffer.find(b"\n", start)) < 0:
            start = len(self._buffer)
            if start > self._limit:
                raise WireError(f"a line of more than {self._limit} bytes")
            try:
                data = self._connection.receive(seconds=self._left())
            except OSError as error:
                raise WireError("no whole line came in time") from error
            if not data:
                raise WireError("the peer went away")
            self._buffer += data
        if end > self._limit:
            raise WireError(f"a line of more than {self._limit} bytes")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
