"""The main thread's run loop: it sleeps in C, where Python's signal handlers do not run, and has two kinds of modes."""

from __future__ import annotations

import ctypes
import os
import queue
import signal
import traceback
from collections.abc import Callable
from typing import TypeAlias

from tests.mac import objects

Call: TypeAlias = "Callable[[], None]"
_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_POLLIN = 1


class _PollFd(ctypes.Structure):
    _fields_ = (("fd", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short))


class RunLoop:
    """Calls in the common modes are made also while a menu is tracked, those in the default mode are not."""

    def __init__(self) -> None:
        self._common: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._default: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._poll = ctypes.CDLL(None).poll

    def post(self, call: Call, *, default_mode: bool = False) -> None:
        """Have a call made; from any thread."""
        (self._default if default_mode else self._common).put(call)
        os.write(self._writer, b"\0")

    def turn(self, *, tracking: bool = False, wait: bool = True) -> None:
        """Make the calls that wait, after a sleep until there is one."""
        if wait:
            self._sleep()
        for waiting in (self._common,) if tracking else (self._common, self._default):
            while not waiting.empty():
                _made(waiting.get())
        if tracking and not self._default.empty():
            return
        if not self._common.empty() or not self._default.empty():
            os.write(self._writer, b"\0")

    def _sleep(self) -> None:
        """As CFRunLoop: a signal wakes it as little as it does a Mach message's receiver, since other threads get it."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        one = _PollFd(self._reader, _POLLIN, 0)
        try:
            self._poll(ctypes.byref(one), 1, -1)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        try:
            while os.read(self._reader, 4096):
                pass
        except BlockingIOError:
            pass


def _made(call: Call) -> None:
    """AppKit logs what a call raises, and continues."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever it is
        objects.note(f"an exception in the run loop: {error!r}")
        traceback.print_exc()


main = RunLoop()
