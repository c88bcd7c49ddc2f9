"""Waits until a file may have changed, with Linux's inotify(7). Reads no file.

watchdog's threads wake each second, and watchfiles' each 50 ms while anything changes; both take megabytes.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import final

BURST = 0.5
"""Seconds after a change in which others count as the same one: most writers make several at once."""
_MODIFY, _ATTRIB, _CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x2, 0x4, 0x8, 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF = 0x400, 0x800
_ONLY_FOLDERS = 0x01000000
_NONBLOCK, _CLOEXEC = 0o4000, 0o2000000
_ITSELF = _DELETE_SELF | _MOVE_SELF | _ONLY_FOLDERS
_WITHIN = _MODIFY | _ATTRIB | _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _ITSELF
_ON_THE_WAY = _CREATE | _MOVED_TO | _ITSELF
"""In the last existing folder on the way to a missing one."""
_EXT, _XFS, _BTRFS, _TMPFS, _OVERLAYFS = 0xEF53, 0x58465342, 0x9123683E, 0x01021994, 0x794C7630
_F2FS, _ZFS, _BCACHEFS, _ECRYPTFS = 0xF2F52010, 0x2FC12FC1, 0xCA451A4E, 0xF15F
LOCAL = frozenset({_EXT, _XFS, _BTRFS, _TMPFS, _OVERLAYFS, _F2FS, _ZFS, _BCACHEFS, _ECRYPTFS})
"""File systems that change only through this kernel, by their numbers in statfs(2). On any other, such as NFS, or a
drive of Windows in WSL, another machine's writers go untold."""


@final
class FileChanges:
    """The folders of some files, watched by the kernel; for one thread, except `wake`.

    Attributes:
        complete: all changes in the last followed folders are reported.
        add_watch, remove_watch: of inotify(7).
    """

    def __init__(self, files: Callable[[], Iterable[Path]]) -> None:
        """Watch nothing yet; `files` gives the current ones, which may be missing. Raises OSError, AttributeError."""
        self._files = files
        library = ctypes.CDLL(None, use_errno=True)
        self.add_watch, self.remove_watch = library.inotify_add_watch, library.inotify_rm_watch
        self._statfs = library.statfs
        self._handle = _checked(library.inotify_init1(_NONBLOCK | _CLOEXEC))
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._watched: set[int] = set()
        self.complete = False

    def follow(self) -> bool:
        """Watch the files' current folders; return whether there is a new one, whose changes may have been missed."""
        # The watch stays incomplete if anything below fails.
        self.complete = False
        folders: dict[Path, bool] = {}
        for folder in (folder for file in self._files() for folder in _folders_of(file)):
            there = _nearest(folder)
            # A folder has a single watch, and it covers everything inside if one of the files needs that.
            folders[there] = folders.get(there, False) or there == folder
        handles = {self._watch(folder, whole=whole) for folder, whole in folders.items()}
        watched = handles - {-1}
        for gone in self._watched - watched:
            self.remove_watch(self._handle, gone)
        new, self._watched = not watched <= self._watched, watched
        self.complete = watched == handles and all(map(self._is_local, folders))
        return new

    def wait(self, seconds: float) -> None:
        """Wait for a change, for `wake`, or some seconds."""
        ready, _, _ = select.select([self._handle, self._wake_reader.fileno()], [], [], seconds)
        if self._handle in ready:
            time.sleep(BURST)
        with contextlib.suppress(BlockingIOError):
            while self._handle in ready and os.read(self._handle, 65536):
                pass
        with contextlib.suppress(BlockingIOError):
            self._wake_reader.recv(65536)

    def wake(self) -> None:
        """End the wait; from any thread."""
        # If the socket is full, the wait is about to end anyway. If it is closed, there is no wait to end.
        with contextlib.suppress(OSError):
            self._wake_writer.send(b"\0")

    def close(self) -> None:
        """Stop watching."""
        os.close(self._handle)
        self._wake_reader.close()
        self._wake_writer.close()

    def _watch(self, folder: Path, *, whole: bool) -> int:
        """Let the kernel watch a folder; -1 if it cannot, so the folder is only checked now and then."""
        return int(self.add_watch(self._handle, os.fsencode(folder), _WITHIN if whole else _ON_THE_WAY))

    def _is_local(self, folder: Path) -> bool:
        """Whether only this kernel can change a folder."""
        # This buffer is longer than a `struct statfs`, which begins with the number of the file system.
        found = (ctypes.c_long * 64)()
        return self._statfs(os.fsencode(folder), found) == 0 and found[0] & 0xFFFFFFFF in LOCAL


def of_this_system(files: Callable[[], Iterable[Path]]) -> FileChanges | None:
    """What reports changes of these files, if anything does."""
    # No inotify handle may be left, or another C library may lack the functions.
    with contextlib.suppress(OSError, AttributeError):
        return FileChanges(files) if sys.platform == "linux" else None
    return None


def _folders_of(file: Path) -> set[Path]:
    return {file.parent, Path(os.path.realpath(file)).parent}


def _nearest(folder: Path) -> Path:
    return next((each for each in (folder, *folder.parents) if os.path.isdir(each)), folder)  # noqa: PTH112 - never raises


def _checked(handle: int) -> int:
    if handle < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return handle
