"""A program and the processes it starts, so that all can be ended: a process group, or a job on Windows.

A foreground command's program stays in the terminal's group, where it may ask something; it is ended alone.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

_REAP_SECONDS = 2.0
"""How long to wait for a killed program; one that waits for a disk or a share may take forever."""
_START_SECONDS = 2.0
"""Time for a starting program to be known when this process exits; one on a dead share may never start."""
_LEFT_BEHIND = 8
"""Groups that outlive their program and are remembered; beyond, the oldest is ended."""


class Group:
    """The processes of one program."""

    def __init__(self, process: subprocess.Popen[bytes], *, own: bool = True) -> None:
        """Take over a program that just started; `own`: its whole group can be ended."""
        self._process = process
        self._own = own
        self._job = contextlib.ExitStack()
        self._end_job: Callable[[], object] = lambda: None
        if sys.platform == "win32":
            from traycreds.process.windows import job

            self._end_job = self._job.enter_context(job.holding(process))
        _books.begin(self)

    def end(self) -> None:
        """Kill the program and what it started; ignores what has ended."""
        if sys.platform == "win32":
            self._end_job()
            with contextlib.suppress(OSError):
                # The program may be in a job that allows no other job inside it.
                self._process.kill()
            return
        if not self._own:
            if self._process.returncode is None:
                self._process.kill()
            return
        if self._process.returncode is not None and _exists(self._process.pid):
            # Another process has the number by now, so no member of the group is left.
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end_and_reap(self) -> None:
        """Kill the program and what it started, and wait until the program is gone, but not forever."""
        self.end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_REAP_SECONDS)

    def let_go(self, *, until_quit: bool = False) -> None:
        """The program has ended; what it started lives on, or with `until_quit` ends with this process."""
        _books.finish(self, until_quit=until_quit)
        if not until_quit:
            self._job.close()


class _Books:
    """The groups that end with this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._none_starting = threading.Condition(self._lock)
        self._starting = 0
        self._under_way: set[Group] = set()
        self._left: deque[Group] = deque()
        self._registered = False

    @contextlib.contextmanager
    def start(self) -> Iterator[None]:
        with self._lock:
            self._starting += 1
            if not self._registered:
                self._registered = True
                atexit.register(end_all)
        try:
            yield
        finally:
            with self._lock:
                self._starting -= 1
                self._none_starting.notify_all()

    def begin(self, group: Group) -> None:
        with self._lock:
            self._under_way.add(group)

    def finish(self, group: Group, *, until_quit: bool) -> None:
        oldest = None
        with self._lock:
            self._under_way.discard(group)
            if until_quit:
                self._left.append(group)
                oldest = self._left.popleft() if len(self._left) > _LEFT_BEHIND else None
        if oldest is not None:
            oldest.end()
            oldest.let_go()

    def take_all(self) -> list[Group]:
        with self._lock:
            self._none_starting.wait_for(lambda: not self._starting, _START_SECONDS)
            groups = [*self._under_way, *self._left]
            self._under_way.clear()
            self._left.clear()
        return groups


_books = _Books()


def start() -> contextlib.AbstractContextManager[None]:
    """Around the start of a program and its `Group`: the end of this process waits for it, and ends the program."""
    return _books.start()


def end_all() -> None:
    """End every running program, and what earlier ones left behind; automatic when this process exits."""
    for group in _books.take_all():
        group.end()


def options_of_own(*, apart: bool = False) -> tuple[bool, dict[str, Any]]:
    """Whether a program can have its own group, and the options of `subprocess.Popen` that give it one."""
    if sys.platform == "win32":
        return True, {}
    own = apart or not in_foreground()
    return own, {"start_new_session": own}


def in_foreground() -> bool:
    """Whether this process runs in the foreground of a terminal, where a program may ask something."""
    if sys.platform == "win32":
        return False
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
