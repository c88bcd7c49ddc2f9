"""The running app's named pipe on Windows: for this user alone, and local.

Commands reach the first pipe of this name, so the app insists on being first, and a command on the pipe's owner.
Overlapped I/O, because only that can be given up at a deadline.
"""

from __future__ import annotations

import _winapi
import errno
import hashlib
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import final

from traycreds.control import windows_security

assert sys.platform == "win32"

_BUFFER = 64 * 1024
_FIRST_INSTANCE = _winapi.FILE_FLAG_FIRST_PIPE_INSTANCE
_NOBODY_FROM_AFAR = 0x8
"""PIPE_REJECT_REMOTE_CLIENTS (winbase.h)."""
_IDENTIFY_ONLY = 0x110000
"""SECURITY_SQOS_PRESENT and SECURITY_IDENTIFICATION (winbase.h): the app cannot act in the name of its peer."""


@final
class PipeConnection:
    """One end of a connected pipe."""

    def __init__(self, handle: int) -> None:
        """Take the handle over; it must be open for overlapped work."""
        self._handle = handle

    def send(self, data: bytes, *, seconds: float) -> None:
        """Send all of it; see `protocol.Connection`."""
        work, _ = _winapi.WriteFile(self._handle, data, overlapped=True)
        _finish(work, seconds)

    def receive(self, *, seconds: float) -> bytes:
        """What has come; see `protocol.Connection`."""
        try:
            work, _ = _winapi.ReadFile(self._handle, _BUFFER, overlapped=True)
            count = _finish(work, seconds)
        except BrokenPipeError:
            return b""
        return bytes(work.getbuffer() or b"")[:count]

    def is_gone(self) -> bool:
        """Whether the peer has closed its end; never blocks."""
        try:
            _winapi.PeekNamedPipe(self._handle, 0)
        except OSError:
            return True
        return False

    def close(self) -> None:
        """Close it; the peer can still read what was sent."""
        if self._handle:
            _winapi.CloseHandle(self._handle)
            self._handle = 0


@final
class PipeListener:
    """A pipe of which one instance always waits for the next peer."""

    def __init__(self, name: str) -> None:
        """Make the pipe. Raises PermissionError: someone has one of that name; OSError: it cannot be made."""
        self._name = name
        self._attributes = windows_security.OnlyThisUser()
        self._waiting = self._instance(_FIRST_INSTANCE)
        self._pending: _winapi.Overlapped | None = None
        self._over = False
        # `close` and `accept` hold this lock where they must not overlap.
        self._lock = threading.Lock()

    def accept(self) -> PipeConnection | None:
        """The next connection; see `transport.Listener`. Windows lets nobody else connect."""
        with self._lock:
            if self._over:
                raise OSError(errno.EBADF, "it is no longer listening")
            if not self._waiting:
                self._waiting = self._instance()
            try:
                self._pending = _winapi.ConnectNamedPipe(self._waiting, overlapped=True)
            except OSError as error:
                if error.winerror != _winapi.ERROR_NO_DATA:
                    raise
                # Make the new one first, as there must always be an instance.
                came_and_went, self._waiting = self._waiting, self._instance()
                _winapi.CloseHandle(came_and_went)
                return None
        _winapi.WaitForMultipleObjects([self._pending.event], False, _winapi.INFINITE)
        with self._lock:
            _, code = self._pending.GetOverlappedResult(True)
            self._pending = None
            if self._over or code:
                self._give_up()
                raise OSError(errno.EBADF, "it is no longer listening")
            connected, self._waiting = PipeConnection(self._waiting), 0
            # After a failure, the next call tries again and raises the error.
            with suppress(OSError):
                self._waiting = self._instance()
        return connected

    def close(self) -> None:
        """Stop listening; see `transport.Listener`."""
        with self._lock:
            self._over = True
            if self._pending is not None:
                # This wakes `accept`, and that closes the handle.
                self._pending.cancel()
            else:
                self._give_up()

    def _give_up(self) -> None:
        if self._waiting:
            _winapi.CloseHandle(self._waiting)
            self._waiting = 0

    def _instance(self, first: int = 0) -> int:
        return _winapi.CreateNamedPipe(
            self._name,
            _winapi.PIPE_ACCESS_DUPLEX | _winapi.FILE_FLAG_OVERLAPPED | first,
            # Without a message type, the pipe is a stream of bytes.
            _winapi.PIPE_WAIT | _NOBODY_FROM_AFAR,
            _winapi.PIPE_UNLIMITED_INSTANCES,
            _BUFFER,
            _BUFFER,
            _winapi.NMPWAIT_WAIT_FOREVER,
            self._attributes.address,
        )


def listen(folder: Path) -> PipeListener | None:
    """Begin to listen; None if another app does already. Raises OSError: another user has a pipe of that name."""
    another = connect(folder, seconds=1)
    if another is not None:
        another.close()
        return None
    return PipeListener(name_of(folder))


def connect(folder: Path, *, seconds: float) -> PipeConnection | None:
    """A connection to the running app, or None; see `unix_socket.connect`. Raises OSError: no access."""
    name, deadline = name_of(folder), time.monotonic() + seconds
    while True:
        try:
            handle = _open(name)
        except FileNotFoundError:
            return None
        except OSError as error:
            left = deadline - time.monotonic()
            if error.winerror != _winapi.ERROR_PIPE_BUSY or left <= 0:
                raise
            # If this takes too long, or the pipe is gone, the next round finds out.
            with suppress(OSError):
                _winapi.WaitNamedPipe(name, max(1, int(left * 1000)))
            continue
        if windows_security.owner(handle) == windows_security.sid():
            return PipeConnection(handle)
        _winapi.CloseHandle(handle)
        raise PermissionError(errno.EPERM, "another user is listening there", name)


def name_of(folder: Path) -> str:
    """The pipe's name: one for each runtime folder, which is one for each user, and for each sandbox of a demo."""
    return rf"\\.\pipe\traycreds-{hashlib.sha256(os.path.normcase(folder).encode()).hexdigest()[:32]}"


def _open(name: str) -> int:
    access, alone = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE, 0
    how = _winapi.FILE_FLAG_OVERLAPPED | _IDENTIFY_ONLY
    return _winapi.CreateFile(name, access, alone, _winapi.NULL, _winapi.OPEN_EXISTING, how, _winapi.NULL)


def _finish(work: _winapi.Overlapped, seconds: float) -> int:
    """Wait until overlapped work is done; return its bytes. Raises TimeoutError: given up. Raises OSError."""
    begun = _winapi.WaitForMultipleObjects([work.event], False, max(0, int(seconds * 1000)))
    if begun == _winapi.WAIT_TIMEOUT:
        work.cancel()
    count, _ = work.GetOverlappedResult(True)
    if begun == _winapi.WAIT_TIMEOUT:
        raise TimeoutError(errno.ETIMEDOUT, "the peer took too long")
    return count
