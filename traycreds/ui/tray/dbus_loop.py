"""The loop of the thread that shows the tray over the session bus.

All tray code runs on the thread of `DBusLoop.run`; others only `post` or `stop`. Never waits for an answer.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable

from traycreds.dbus.connection import BusConnection
from traycreds.dbus.objects import DBusError, ExportedObject, MethodCall, Objects, Reply, refusal
from traycreds.ui.tray.main_thread import signals_write_to

_log = logging.getLogger(__name__)


class BusLostError(ConnectionError):
    """The session bus is gone: the desktop session ended, or its daemon died."""


class DBusLoop:
    """A connection to the session bus with its loop, for its thread alone. Raises OSError: no bus at this address."""

    def __init__(self, address: str) -> None:
        self._objects = Objects()
        self.connection = BusConnection(address, answer=self._answer)
        self._wakeup_reader, self._wakeup_writer = socket.socketpair()
        self._wakeup_reader.setblocking(False)
        self._wakeup_writer.setblocking(False)
        self._posted: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, Callable[[], None]]] = []
        self._stopped = False

    def serve(self, path: str, service: ExportedObject) -> None:
        """Answer calls to an object."""
        self._objects.add(path, service)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Run `call` on this thread once, after some seconds."""
        self._timers.append((time.monotonic() + seconds, call))

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` on the loop's thread; from any thread and from signal handlers, never blocks."""
        self._posted.append(call)
        self._wake_up()

    def stop(self) -> None:
        """End `run`; from any thread and from signal handlers, never blocks."""
        self._stopped = True
        self._wake_up()

    def run(self) -> None:
        """Serve until `stop`. Raises BusLostError: the bus is gone."""
        with selectors.DefaultSelector() as selector, signals_write_to(self._wakeup_writer):
            selector.register(self.connection, selectors.EVENT_READ)
            selector.register(self._wakeup_reader, selectors.EVENT_READ)
            try:
                while not self._stopped:
                    self._turn(selector)
            except (ConnectionError, TimeoutError) as error:
                raise BusLostError("The session bus has gone away.") from error

    def close(self) -> None:
        """Leave the bus, which takes the icon away."""
        self.connection.close()
        self._wakeup_reader.close()
        self._wakeup_writer.close()

    def _turn(self, selector: selectors.BaseSelector) -> None:
        while self._posted and not self._stopped:
            _guarded(self._posted.popleft())
        now = time.monotonic()
        due = [call for at, call in self._timers if at <= now]
        self._timers = [(at, call) for at, call in self._timers if at > now]
        for call in due:
            _guarded(call)
        if self._stopped or self._posted:
            return
        wait = min((at - now for at, _ in self._timers), default=None)
        for key, _ in selector.select(wait):
            if key.fileobj is self._wakeup_reader:
                with contextlib.suppress(BlockingIOError):
                    self._wakeup_reader.recv(4096)
            else:
                self.connection.read()

    def _answer(self, call: MethodCall) -> Reply:
        try:
            return self._objects.answer(call)
        except DBusError:
            raise
        except Exception as error:
            # Nothing that a host sends may end the tray.
            _log.exception("A call from the tray host failed")
            raise refusal("Failed", "Internal error.") from error

    def _wake_up(self) -> None:
        # If the socket is full, the loop is about to wake anyway. If it is closed, nothing is listening.
        with contextlib.suppress(OSError):
            self._wakeup_writer.send(b"\0")


def _guarded(call: Callable[[], None]) -> None:
    try:
        call()
    except ConnectionError:
        raise
    except Exception:  # noqa: BLE001 - a fault in drawing one thing must not end the tray
        _log.exception("A call on the tray's thread failed")
