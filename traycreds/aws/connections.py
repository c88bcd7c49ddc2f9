"""The connections of a call, which its deadline closes, even if data still drips in and no read timeout applies.

Covers everything botocore does on the call's thread, pooled connections included. A call that was ended opens no other
connection, so no late retry runs unseen. Refuses certificates that a connection would read forever.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from traycreds.awsfiles.settings.values import NAME_CERTIFICATES
from traycreds.core.errors import ConfigError, FailureKind, IssueError
from traycreds.files import contents

_current = threading.local()


SECONDS = 40.0
"""Real seconds for a call, or for all that one refresh calls: less than a refresh may take."""


class CallEndedError(Exception):
    """The deadline of a call has passed."""


class CallConnections:
    """The connections of a call on one thread, each with a duplicate socket to close it by.

    The duplicate stays ours when urllib3 wraps, passes on or closes its own.
    """

    def __init__(self) -> None:
        """Begin without a connection."""
        self._lock = threading.Lock()
        self._lines: list[socket.socket] = []
        self.ended = False

    def add(self, connection: socket.socket) -> None:
        """Take note of a connection. Raises CallEndedError: no further one is allowed."""
        line = socket.fromfd(connection.fileno(), connection.family, connection.type)
        with self._lock:
            if not self.ended:
                self._lines.append(line)
                return
        line.close()
        raise CallEndedError

    def end(self) -> None:
        """Close all its connections; from any thread. A thread waiting for one gets an error at once."""
        with self._lock:
            self.ended = True
            for line in self._lines:
                # The peer may have closed the connection already.
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Forget what was noted; the connections stay open."""
        with self._lock:
            for line in self._lines:
                line.close()
            self._lines.clear()


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[CallConnections]:
    """Close the connections of this thread's calls after `seconds`; an outer deadline still applies.

    Raises CallEndedError after the deadline, whatever the result: a closed connection can look like an answer.
    """
    outer = getattr(_current, "calls", ())
    call = CallConnections()
    timer = threading.Timer(seconds, call.end)
    timer.daemon = True
    timer.name = "call-deadline"
    timer.start()
    _current.calls = (*outer, call)
    try:
        yield call
    except Exception:
        if not call.ended:
            raise
    finally:
        _current.calls = outer
        timer.cancel()
        call.close()
    if call.ended:
        raise CallEndedError


def connected(*arguments: Any, **more: Any) -> socket.socket:
    """Like `socket.create_connection`, but the calls of this thread take note of the connection."""
    _check_calls()
    made: socket.socket = _added(socket.create_connection(*arguments, **more))
    return made


def noted(kind: Any) -> Any:
    """A class of connections of urllib3 that the calls of their thread take note of."""

    class Noted(kind):  # type: ignore[misc]
        def _new_conn(self) -> Any:
            _check_calls()
            return _added(super()._new_conn())

        def request(self, *args: Any, **more: Any) -> Any:
            _check_calls()
            # An open socket is left from an earlier call, so this call has not noted it yet.
            if self.sock is not None:
                _add(self.sock)
            return super().request(*args, **more)

    Noted.__name__ = Noted.__qualname__ = kind.__name__
    return Noted


def _check_calls() -> None:
    if any(call.ended for call in getattr(_current, "calls", ())):
        raise CallEndedError


def _added(made: Any) -> Any:
    """A new connection that only this call knows yet."""
    try:
        _add(made)
    except CallEndedError:
        made.close()
        raise
    return made


def _add(connection: Any) -> None:
    for call in getattr(_current, "calls", ()):
        call.add(connection)


class UnusableCertificatesError(IssueError):
    """A setting names a bundle of certificates that cannot be read to its end."""

    exit_code = ConfigError.exit_code

    def __init__(self, sentence: str) -> None:
        """Keep what is wrong."""
        super().__init__(FailureKind.BAD_CONFIG, sentence, NAME_CERTIFICATES)


def check_certificates(session: Any) -> None:
    """Refuse a CA bundle that would block or never end. Raises UnusableCertificatesError."""
    bundle, variable = session.get_config_variable("ca_bundle"), "AWS_CA_BUNDLE"
    if not bundle:
        bundle, variable = os.environ.get("REQUESTS_CA_BUNDLE"), "REQUESTS_CA_BUNDLE"
    if not bundle or Path(bundle).is_dir():
        return
    try:
        contents.check_bounded(Path(bundle))
    except OSError as error:
        # Any other error ends the call at once when it uses the bundle, and is reported then.
        if error.errno in {errno.EISDIR, errno.EFBIG}:
            of_profile = f"ca_bundle of profile {session.profile or 'default'}"
            place = f"The variable {variable}" if os.environ.get(variable) else of_profile
            raise UnusableCertificatesError(f"{place} names {bundle}: {error.strerror}.") from None
