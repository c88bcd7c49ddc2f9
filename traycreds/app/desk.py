"""The app as it runs all day: first its face, then what works behind it; started and stopped in order.

The one rule of the start: what the icon does not need is imported and built after it, in `backroom`. Owns nothing of
the decisions; prints nothing: what is to be said in the terminal goes through callables of the caller.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from traycreds.adapters import choices, logs
from traycreds.adapters.controlserver import Answer, ControlServer
from traycreds.adapters.controlwire import Request
from traycreds.adapters.instance import SingleInstance
from traycreds.adapters.places import Places
from traycreds.app import abilities, setup, watch
from traycreds.core import views
from traycreds.core.commands import Command, UiCommand
from traycreds.core.errors import NotRunningError
from traycreds.core.messages import Event, Notify
from traycreds.core.shown import Snapshot
from traycreds.engine.ports import Clock

if TYPE_CHECKING:
    from traycreds.adapters.notify import Tray
    from traycreds.app.backroom import Backroom
    from traycreds.app.codes import Asker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How a run shows itself outside the tray.

    Attributes:
        tray: whether to show a tray icon.
        say: takes a sentence for the terminal.
        show: takes each snapshot for the terminal; called on the engine's thread once there is no tray.
        notice: takes each notice for the terminal; called once there is no tray.
        asker: asks for MFA codes in the terminal, as soon as one is needed; None opens a window when that is asked for.
    """

    tray: bool
    say: Callable[[str], None]
    show: Callable[[Snapshot], None]
    notice: Callable[[Notify], None]
    asker: Asker | None = None


class Desk:
    """One run of the app."""

    def __init__(self, where: Places, clock: Clock, face: Face, *, verbose: bool = False) -> None:
        """Read the configuration; nothing runs yet.

        Raises:
            ConfigError: with every problem found.
        """
        self._where = where
        self._clock = clock
        self._face = face
        self._verbose = verbose
        self._headless = not face.tray
        self._chosen = choices.load(where.state_dir)
        self._seen = watch.stamps(where)
        self._state = setup.first_state(setup.read_config(where), self._chosen)
        self._snapshot = views.snapshot(clock.now(), self._state)
        self._can = abilities.here()
        self._over = threading.Event()
        self._opening = threading.Lock()
        self._open = threading.Event()
        self._backroom: Backroom | None = None
        self._waiting: queue.SimpleQueue[Event | Command] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._show_in_tray: Callable[[Snapshot], None] = lambda _: None
        self._tell_at_icon: Tray | None = None
        self._stop_tray: Callable[[], None] = lambda: None

    def take(self, command: Event | Command) -> None:
        """Do what the user asks; returns at once, from any thread. What comes before the start is done at the start."""
        if command is UiCommand.QUIT:
            self.end()
            return
        self._waiting.put(command)
        if self._open.is_set():
            self._work_off()

    def run(self) -> int:
        """Run until the user quits or a signal ends it; on the main thread. Returns the exit code."""
        with contextlib.ExitStack() as stack:
            if not stack.enter_context(SingleInstance(self._where.state_dir)).first:
                self._point_out()
                return 0
            stack.callback(logs.start(self._where.log_dir, debug=self._verbose).stop)
            for number in _SIGNALS:
                stack.callback(signal.signal, number, signal.signal(number, self._on_signal))
            stack.callback(self._close)
            stack.enter_context(ControlServer(self._where.runtime_dir, self._obey))
            log.info("started with %d roles", len(self._snapshot.roles))
            if self._face.tray:
                self._run_tray()
            if not self._over.is_set():
                self._run_headless()
        if self._failure is not None:
            raise self._failure
        return 0

    def end(self) -> None:
        """End the run; from any thread and from signal handlers."""
        self._over.set()
        self._stop_tray()

    def _point_out(self) -> None:
        """Say where the app is that runs; it tells the desktop itself where nobody reads what we print."""
        self._face.say("traycreds is running already: its icon is in the tray. Use its menu.")
        if sys.stdout is None or not sys.stdout.isatty():
            from traycreds.app import remote  # noqa: PLC0415 - only a second start needs it

            remote.point_out()

    def _start(self) -> None:
        """Build and start what works behind the icon, once; on any thread."""
        with self._opening:
            if self._backroom is not None or self._over.is_set():
                return
            try:
                self._backroom = self._built()
            except Exception as error:  # noqa: BLE001 - `run` raises it, on the main thread
                self._failure = error
                self.end()
                return
            self._backroom.start()
        self._open.set()
        self._work_off()

    def _work_off(self) -> None:
        assert self._backroom is not None, "it is open"
        with contextlib.suppress(queue.Empty):
            while True:
                self._backroom.take(self._waiting.get_nowait())

    def _built(self) -> Backroom:
        from traycreds.app.backroom import Backroom  # noqa: PLC0415 - the icon does not need it

        return Backroom(
            self._where,
            self._clock,
            chosen=self._chosen,
            state=self._state,
            seen=self._seen,
            can=self._can,
            show=self._show,
            notice=self._notice,
            at_icon=self._tell_at_icon,
            asker=self._face.asker,
            end=self.end,
        )

    def _close(self) -> None:
        with self._opening:
            if self._backroom is not None:
                self._backroom.stop()
        log.info("stopped")

    def _obey(self, request: Request, gone: Callable[[], bool]) -> Answer:
        """Carry out what a command of the terminal asks, as soon as there is who can."""
        if not self._open.wait(_START_SECONDS) or self._backroom is None:
            raise NotRunningError("The running app is starting or ending.", "Try again in a moment.")
        return self._backroom.obey(request, gone)

    def _show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._show_in_tray(snapshot)
        if self._headless:
            self._face.show(snapshot)

    def _notice(self, notice: Notify) -> None:
        if self._headless:
            self._face.notice(notice)

    def _run_tray(self) -> None:
        from traycreds.ui import tray  # noqa: PLC0415 - a run without a face needs no D-Bus and no pystray

        reason = tray.available()
        if reason is None:
            icon = tray.Tray(post=self.take, command=self.take, on_no_host=self._no_host, can=self._can)
            icon.show(self._snapshot)
            self._show_in_tray, self._tell_at_icon = icon.show, icon.tell
            self._stop_tray = icon.stop
            if self._over.is_set():
                return
            reason = icon.run(self._start)
            self._stop_tray = lambda: None
            if reason is None:  # quit, or logged out
                self._over.set()
                return
        self._no_host(reason)

    def _no_host(self, reason: str) -> None:
        self._face.say(reason)
        log.info("%s", reason)
        self._headless = True
        self._face.show(self._snapshot)

    def _run_headless(self) -> None:
        self._headless = True
        self._start()
        self._wait()

    def _wait(self) -> None:
        """Sleep until the end, and hear signals all the while.

        The kernel gives a signal to any thread, and Python runs its handler on this one, which a lock alone would not
        wake: measured, one SIGTERM in five was lost while threads came and went.
        """
        from traycreds.ui import mainthread  # noqa: PLC0415 - the part of it without a tray

        ear, bell = socket.socketpair()
        bell.setblocking(False)
        ear.settimeout(_NAP)
        with ear, bell, mainthread.signals_ring(bell):
            self._stop_tray = lambda: _ring(bell)
            while not self._over.is_set():
                with contextlib.suppress(TimeoutError):
                    ear.recv(64)
            self._stop_tray = lambda: None

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        del number
        self.end()


def _ring(bell: socket.socket) -> None:
    with contextlib.suppress(OSError):  # full, so it rings already
        bell.send(b"\0")


_START_SECONDS = 10.0
"""For what works behind the icon to be there; it takes a tenth of a second."""
_NAP = 1.0 if sys.platform == "win32" else 3600.0
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
