"""The running app's Unix socket: 0600, in a 0700 folder; the kernel is also asked who the peer is.

A socket's address holds about a hundred bytes, so a longer path is replaced by a short folder of the user's own.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import final

from traycreds.control.protocol import SOCKET

# Python has no Unix sockets on Windows.
assert sys.platform != "win32"

LONGEST_PATH = 107 if sys.platform == "linux" else 103
"""Bytes that fit into sockaddr_un, which has one more for the final zero."""
OPEN_FOLDERS = Path("/proc/self/fd")
_DARWIN_USER_CACHE_DIR = 65538
"""For confstr(3), from unistd.h. macOS deletes old files from the user's temporary folder, not from this one."""
_BACKLOG = 128
_NONE_LISTENS = frozenset({errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR, errno.ENOTSOCK})


@final
class SocketConnection:
    """A connected socket."""

    def __init__(self, connected: socket.socket) -> None:
        """Take the socket over."""
        self._socket = connected

    def send(self, data: bytes, *, seconds: float) -> None:
        """Send all of it; see `protocol.Connection`."""
        self._socket.settimeout(seconds)
        self._socket.sendall(data)

    def receive(self, *, seconds: float) -> bytes:
        """What has come; see `protocol.Connection`."""
        self._socket.settimeout(seconds)
        return self._socket.recv(65536)

    def is_gone(self) -> bool:
        """Whether the peer has closed its end; never blocks."""
        try:
            self._socket.setblocking(False)
            return self._socket.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        """Close it."""
        self._socket.close()


@final
class SocketListener:
    """A listening socket and its file."""

    def __init__(self, listening: socket.socket, file: Path, folder: Path) -> None:
        """Take a socket that listens already, the file that it is bound to, and the runtime folder."""
        self._socket = listening
        self._folder = folder
        self._file = file
        self._inode = file.stat().st_ino

    def accept(self) -> SocketConnection | None:
        """The next connection; see `transport.Listener`."""
        connected, _ = self._socket.accept()
        if peer_is_us(connected):
            return SocketConnection(connected)
        connected.close()
        return None

    def close(self) -> None:
        """Stop listening and remove the file, unless it is another app's by now."""
        with contextlib.suppress(OSError):
            # This ends a pending `accept`.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with contextlib.suppress(OSError):
            if self._file.lstat().st_ino == self._inode:
                self._file.unlink()
                # A short folder replaces one that is too long, and only we use it.
                if self._file.parent != self._folder:
                    self._file.parent.rmdir()


def listen(folder: Path) -> SocketListener | None:
    """Begin to listen; None if another app does. Call it as the single instance: it replaces a stale socket.

    Raises OSError: no private folder, or no socket.
    """
    runtime_folder, folder = folder, _folder_that_fits(folder)
    for each in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        # `parents=True` would leave the modes of the parent folders to the umask.
        each.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != os.getuid() or not stat.S_ISDIR(folder.lstat().st_mode):
        raise PermissionError(errno.EPERM, "it is not this user's own folder", str(folder))
    folder.chmod(0o700)
    another = connect(runtime_folder, seconds=1)
    if another is not None:
        another.close()
        return None
    path = folder / SOCKET
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(path) as address:
            listening.bind(address)
        # No connection is lost, as the socket does not listen yet.
        path.chmod(0o600)
        listening.listen(_BACKLOG)
        return SocketListener(listening, path, runtime_folder)
    except BaseException:
        listening.close()
        raise


def connect(folder: Path, *, seconds: float) -> SocketConnection | None:
    """A connection to the running app, for the caller to close; None if no app runs. Raises OSError: no access."""
    folder = _folder_that_fits(folder)
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connected.settimeout(seconds)
    try:
        with _address(folder / SOCKET) as address:
            connected.connect(address)
        if peer_is_us(connected):
            return SocketConnection(connected)
    except OSError as error:
        connected.close()
        if error.errno in _NONE_LISTENS:
            return None
        raise
    connected.close()
    raise PermissionError(errno.EPERM, "another user is listening there", str(folder / SOCKET))


def peer_is_us(connected: socket.socket) -> bool:
    """Whether the kernel says that the other end is a process of this user, if it says anything."""
    if sys.platform == "linux":
        _, uid, _ = struct.unpack("3i", connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return bool(uid == os.getuid())
    if sys.platform == "darwin":
        # getsockopt(SOL_LOCAL, LOCAL_PEERCRED) gives struct xucred: version, uid, groups (sys/un.h, sys/ucred.h).
        version, uid = struct.unpack_from("Ii", connected.getsockopt(0, 1, 76))
        return bool(version == 0 and uid == os.getuid())
    # On other systems, the mode of the folder alone keeps others out.
    return True


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST_PATH


def _folder_that_fits(folder: Path) -> Path:
    """The runtime folder, or a short one if its path is too long for an address. Raises OSError."""
    if _fits(folder / SOCKET) or (sys.platform == "linux" and OPEN_FOLDERS.is_dir()):
        return folder
    short = _short_folder(folder)
    if not _fits(short / SOCKET):
        raise OSError(errno.ENAMETOOLONG, "the path is too long for a socket", str(folder))
    return short


def _short_folder(folder: Path) -> Path:
    """Where the user's own files may be, without variables: the app and its commands may differ in those."""
    name = f"traycreds-{os.getuid()}-{zlib.crc32(os.fsencode(folder)):08x}"
    return Path(os.confstr(_DARWIN_USER_CACHE_DIR) or "/tmp" if sys.platform == "darwin" else "/tmp") / name  # noqa: S108 - `listen` uses it only if it is the user's own, and nobody else could enter


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """The path in a form that fits into a socket address; on Linux by way of its folder's handle."""
    if _fits(path) or sys.platform != "linux":
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield str(OPEN_FOLDERS / str(folder) / path.name)
    finally:
        os.close(folder)
