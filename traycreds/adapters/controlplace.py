"""Where the running app listens for its commands, and who may speak there: nobody but this user.

On Linux and macOS a Unix socket, 0600, in a folder that is 0700; the peer's user is asked of the kernel as well. On
Windows a port of the loopback interface whose number and a fresh secret lie in a file of the user's own profile folder:
Python's sockets have no AF_UNIX there, and a named pipe of the standard library can neither bound the time that a
silent peer holds it nor be tested on the other platforms, while this way of listening can (`tcp=True`). Both sides
prove that they know the secret and neither sends it, so a stranger who takes over the port learns nothing and is not
believed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from traycreds.adapters.controlwire import Channel, WireError

_SOCKET, _PORT_FILE = "control.sock", "control.json"
_LONGEST_PATH = 103
"""Bytes that fit into sockaddr_un on every platform (macOS 104 with the final zero, Linux 108)."""
_BACKLOG = 128
_NONE_LISTENS = frozenset({errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR, errno.ENOTSOCK})


class Listener:
    """A listening socket, and how to know that a peer is this user."""

    def __init__(self, listening: socket.socket, file: Path, secret: bytes | None) -> None:
        """Take a socket that listens already.

        Args:
            listening: the socket.
            file: the socket's or the port's file, removed by `close` if it is still this one.
            secret: what peers must know; None asks the kernel who they are.
        """
        self.socket = listening
        self._file = file
        self._inode = file.stat().st_ino
        self._secret = secret

    def admit(self, connection: socket.socket) -> bool:
        """Whether the kernel says that the peer is this user; where it cannot be asked, `greet` finds out."""
        return self._secret is not None or peer_is_us(connection)

    def greet(self, channel: Channel) -> None:
        """Let the peer prove itself where that is needed.

        Raises:
            WireError: it cannot.
        """
        if self._secret is None:
            return
        ours = _nonce()
        channel.send({"nonce": ours})
        answer = channel.receive()
        theirs = str(answer.get("nonce", ""))
        if not _same(answer.get("proof"), _proof(self._secret, "client", ours, theirs)):
            raise WireError("a peer that does not know the secret")
        channel.send({"proof": _proof(self._secret, "server", ours, theirs)})

    def close(self) -> None:
        """Stop listening and take the file away, unless another one is there by now."""
        self.socket.close()
        with contextlib.suppress(OSError):
            if self._file.lstat().st_ino == self._inode:
                self._file.unlink()


def listen(folder: Path, *, tcp: bool = sys.platform == "win32") -> Listener | None:
    """Begin to listen; None when another app does already.

    What a killed process left behind is replaced: nobody answers there. Call it as the single instance.

    Raises:
        OSError: the folder cannot be made private, or the socket not be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        if folder.lstat().st_uid != os.getuid() or not stat.S_ISDIR(folder.lstat().st_mode):
            raise PermissionError(errno.EPERM, "it is not this user's own folder", str(folder))
        folder.chmod(0o700)
    another = connect(folder, seconds=1, tcp=tcp)
    if another is not None:
        another.close()
        return None
    return _listen_tcp(folder) if tcp else _listen_unix(folder)


def connect(folder: Path, *, seconds: float, tcp: bool = sys.platform == "win32") -> socket.socket | None:
    """A connection to the running app; None when no app runs. Closed by the caller.

    Args:
        folder: the runtime folder.
        seconds: how long the app may take to answer.
        tcp: by the loopback port rather than the Unix socket.

    Raises:
        OSError: something listens, but cannot be spoken to.
    """
    return _connect_tcp(folder, seconds) if tcp else _connect_unix(folder, seconds)


def peer_is_us(connection: socket.socket) -> bool:
    """Whether the other end of a Unix socket is a process of this user, by the kernel's word where it gives it."""
    if sys.platform == "linux":
        _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return bool(uid == os.getuid())
    if sys.platform == "darwin":
        # getsockopt(SOL_LOCAL, LOCAL_PEERCRED) gives struct xucred: version, uid, groups (sys/un.h, sys/ucred.h).
        version, uid = struct.unpack_from("Ii", connection.getsockopt(0, 1, 76))
        return bool(version == 0 and uid == os.getuid())
    return True  # the folder's mode alone keeps others out


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """The path in a form that fits into a socket address, where the platform has one."""
    if len(os.fsencode(path)) <= _LONGEST_PATH or sys.platform != "linux":
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _listen_unix(folder: Path) -> Listener:
    if sys.platform == "win32":
        raise OSError(errno.ENOTSUP, "Python has no Unix sockets here")
    path = folder / _SOCKET
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as address:
            listening.bind(address)
        path.chmod(0o600)  # nobody can have connected: it does not listen yet
        listening.listen(_BACKLOG)
        return Listener(listening, path, None)
    except BaseException:
        listening.close()
        raise


def _connect_unix(folder: Path, seconds: float) -> socket.socket | None:
    if sys.platform == "win32":
        raise OSError(errno.ENOTSUP, "Python has no Unix sockets here")
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        with _short(folder / _SOCKET) as address:
            connection.connect(address)
        if peer_is_us(connection):
            return connection
    except OSError as error:
        connection.close()
        if error.errno in _NONE_LISTENS:
            return None
        raise
    connection.close()
    raise PermissionError(errno.EPERM, "another user listens there", str(folder / _SOCKET))


def _listen_tcp(folder: Path) -> Listener:
    secret = os.urandom(32)
    path, fresh = folder / _PORT_FILE, folder / f"{_PORT_FILE}.new"
    fresh.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.bind(("127.0.0.1", 0))
        listening.listen(_BACKLOG)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - with a mode
            json.dump({"port": listening.getsockname()[1], "secret": secret.hex()}, file)
        fresh.replace(path)
        return Listener(listening, path, secret)
    except BaseException:
        listening.close()
        raise


def _connect_tcp(folder: Path, seconds: float) -> socket.socket | None:
    try:
        told = json.loads((folder / _PORT_FILE).read_text(encoding="ascii"))
        port, secret = int(told["port"]), bytes.fromhex(told["secret"])
        connection = socket.create_connection(("127.0.0.1", port), timeout=seconds)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    theirs, channel = _nonce(), Channel(connection, limit=1024, seconds=seconds)
    try:
        ours = str(channel.receive().get("nonce", ""))
        channel.send({"nonce": theirs, "proof": _proof(secret, "client", ours, theirs)})
        if _same(channel.receive().get("proof"), _proof(secret, "server", ours, theirs)):
            return connection
    except WireError:
        pass  # whoever has the port now is not the app
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def _nonce() -> str:
    return os.urandom(16).hex()


def _proof(secret: bytes, side: str, server: str, client: str) -> str:
    import hmac  # noqa: PLC0415 - 5 ms that a Unix socket need not pay

    return hmac.new(secret, f"{side}:{server}:{client}".encode(), "sha256").hexdigest()


def _same(given: object, proof: str) -> bool:
    import hmac  # noqa: PLC0415 - as above

    return hmac.compare_digest(str(given).encode(), proof.encode())
