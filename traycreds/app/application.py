"""The app as it runs all day; started and stopped in order. Prints nothing itself.

What the icon does not need is imported and built after it, in `app.services`.
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
from datetime import datetime
from types import FrameType
from typing import TYPE_CHECKING

from traycreds.app import capabilities
from traycreds.app.followers import config_watch
from traycreds.control.protocol import Request
from traycreds.control.server import CommandReply, ControlServer, Handler
from traycreds.core.errors import NotRunningError
from traycreds.core.events import Event, Notify
from traycreds.core.ports import Clock
from traycreds.core.snapshot import Snapshot, Surroundings
from traycreds.core.ui_commands import Command, UiCommand
from traycreds.core.value_class import replace, value_class
from traycreds.lifecycle import presentation
from traycreds.state import choices
from traycreds.state.log import start_log
from traycreds.state.paths import Paths
from traycreds.state.single_instance import SingleInstance
from traycreds.ui.tray import main_thread
from traycreds.usecases import load

if TYPE_CHECKING:
    from traycreds.app.followers.mfa_prompts import Asker
    from traycreds.app.services import Services
    from traycreds.desktop.notifications.backends import Tray

log = logging.getLogger(__name__)


@value_class(kw_only=True)
class Frontend:
    """How a run shows itself outside the tray.

    Attributes:
        in_tray: what to print once the icon is up, if anything.
        show, notice: take each snapshot (on the engine's thread) and notice, once there is no tray.
        take_keys: takes what carries out requests, and the paths of the run, before the first snapshot is shown; the
            frontend may read keys then.
        reads_keys: whether it can.
        asker: gives what asks for MFA codes in the terminal, as soon as needed, where no tray is found at the start;
            None opens a window on request.
    """

    tray: bool
    in_tray: str | None = None
    print_line: Callable[[str], None]
    show: Callable[[Snapshot], None]
    notice: Callable[[Notify], None]
    take_keys: Callable[[Handler, Paths], None] = lambda *_: None
    reads_keys: Callable[[], bool] = lambda: False
    asker: Callable[[], Asker | None] = lambda: None


class Application:
    """One run of the app."""

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        frontend: Frontend,
        *,
        verbose: bool = False,
        without: frozenset[UiCommand] = frozenset(),
        watch: Callable[[Snapshot], None] = lambda _: None,
    ) -> None:
        """Read the configuration and run nothing yet. Raises ConfigError.

        `without` are commands to offer nowhere; `watch` takes each snapshot on the engine's thread, with a tray or not.
        """
        self._paths = paths
        self._clock = clock
        self._frontend = frontend
        self._verbose = verbose
        self._headless = not frontend.tray
        self._choices = choices.load(paths.state_dir)
        self._stamps = config_watch.stamps(paths)
        self._state = load.first_state(load.read_config(paths), self._choices)
        self._snapshot = presentation.snapshot(clock.now(), self._state)
        self._can = capabilities.here() - without
        self._watch = watch
        self._over = threading.Event()
        self._opening = threading.Lock()
        self._open = threading.Event()
        self._services: Services | None = None
        self._waiting: queue.SimpleQueue[Event | Command] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._resources = contextlib.ExitStack()
        self._show_in_tray: Callable[[Snapshot], None] = lambda _: None
        self._show_around: Callable[[Surroundings], None] = lambda _: None
        self._notify_at_icon: Tray | None = None
        self._stop_tray: Callable[[], None] = lambda: None
        self._keeps_time: Callable[[], bool] = lambda: False

    def take(self, command: Event | Command) -> None:
        """Do what the user asks; returns at once, from any thread. Before the start, it waits for the start."""
        if command is UiCommand.QUIT:
            self.end()
            return
        self._waiting.put(command)
        if self._open.is_set():
            self._work_off()

    def run(self, resources: contextlib.ExitStack | None = None) -> int:
        """Run on the main thread until the user quits or a signal comes; close `resources`, return the exit code."""
        with contextlib.ExitStack() as stack:
            if resources is not None:
                stack.enter_context(resources)
            self._resources = stack
            if not stack.enter_context(SingleInstance(self._paths.state_dir)).first:
                self._point_out()
                return 0
            stack.callback(start_log(self._paths.log_dir, debug=self._verbose).stop)
            for number in _SIGNALS:
                stack.callback(signal.signal, number, signal.signal(number, self._on_signal))
            stack.callback(self._close)
            stack.enter_context(ControlServer(self._paths.runtime_dir, self._handle_request))
            log.info("started with %d roles", len(self._snapshot.roles))
            if self._frontend.tray:
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

    def _terminate(self) -> None:
        """Clean up on the main thread before the system ends the process, which unwinds nothing."""
        log.info("the system asked the app to quit")
        self.end()
        self._resources.close()

    def _point_out(self) -> None:
        """Say where the running app is; without a terminal, the app tells the desktop itself."""
        self._frontend.print_line("traycreds is already running. Use its menu in the tray.")
        if sys.stdout is None or not sys.stdout.isatty():
            from traycreds.usecases import running_app

            running_app.point_out()

    def _start_in_tray(self) -> None:
        if self._frontend.in_tray is not None:
            self._frontend.print_line(self._frontend.in_tray)
        self._start()

    def _start(self) -> None:
        with self._opening:
            if self._services is not None or self._over.is_set():
                return
            try:
                self._services = self._built()
            except Exception as error:  # noqa: BLE001 - `run` raises it, on the main thread
                self._failure = error
                self.end()
                return
            self._services.start()
        self._open.set()
        self._work_off()

    def _work_off(self) -> None:
        assert self._services is not None, "it is open"
        with contextlib.suppress(queue.Empty):
            while True:
                self._services.take(self._waiting.get_nowait())

    def _built(self) -> Services:
        from traycreds.app.services import Display, Services

        display = Display(
            can=self._can,
            show=self._show,
            show_around=self._show_around,
            notice=self._notice,
            at_icon=self._notify_at_icon,
            asker=self._frontend.asker() if self._headless else None,
            keeps_time=self._keeps_time(),
        )
        first = config_watch.FirstRead(choices=self._choices, state=self._state, stamps=self._stamps)
        return Services(self._paths, self._clock, first=first, display=display, end=self.end)

    def _close(self) -> None:
        with self._opening:
            if self._services is not None:
                self._services.stop()
        log.info("stopped")

    def _handle_request(self, request: Request, gone: Callable[[], bool]) -> CommandReply:
        if not self._open.wait(START_SECONDS) or self._services is None:
            raise NotRunningError("The running app is starting up or shutting down.", "Try again in a moment.")
        return self._services.handle_request(request, gone)

    def _show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._watch(snapshot)
        self._show_in_tray(snapshot)
        if self._headless:
            self._frontend.show(snapshot)

    def _each_minute(self) -> tuple[datetime, float]:
        if self._services is None:
            return self._snapshot.as_of, 1.0
        minute, seconds = self._services.each_minute()
        if self._headless:
            self._frontend.show(replace(self._snapshot, as_of=minute))
        return minute, seconds

    def _notice(self, notice: Notify) -> None:
        if self._headless:
            self._frontend.notice(notice)

    def _run_tray(self) -> None:
        from traycreds.ui.tray import tray

        if sys.platform == "win32":
            from traycreds.desktop import windows_app_id

            windows_app_id.claim()
        reason = tray.available()
        if reason is None:
            icon = tray.Tray(
                post=self.take,
                command=self.take,
                on_no_host=self._no_host,
                can=self._can,
                terminating=self._terminate,
                each_minute=self._each_minute,
            )
            self._keeps_time = lambda: icon.keeps_time
            icon.show(self._snapshot)
            self._show_in_tray, self._notify_at_icon = icon.show, icon.show_notice
            self._show_around = icon.show_around
            self._stop_tray = icon.stop
            if self._over.is_set():
                return
            reason = icon.run(self._start_in_tray)
            self._stop_tray = lambda: None
            # The icon gives no reason if the user quit or logged out.
            if reason is None:
                self._over.set()
                return
        self._no_host(reason)

    def _no_host(self, reason: str) -> None:
        self._frontend.print_line(reason)
        log.info("%s", reason)
        self._show_outside_tray()

    def _run_headless(self) -> None:
        self._show_outside_tray()
        self._start()
        self._wait()

    def _show_outside_tray(self) -> None:
        self._frontend.take_keys(self._handle_request, self._paths)
        self._headless = True
        # The engine only shows changes, and there may be none for a long time.
        self._frontend.show(self._snapshot)

    def _wait(self) -> None:
        """Sleep until the end, but let signal handlers run.

        The kernel may give a signal to any thread, and Python runs the handler on this one, which a lock alone would
        not wake: one SIGTERM in five was lost.
        """
        reader, writer = socket.socketpair()
        writer.setblocking(False)
        reader.settimeout(_NAP)
        with reader, writer, main_thread.signals_write_to(writer):
            self._stop_tray = lambda: _wake_up(writer)
            while not self._over.is_set():
                with contextlib.suppress(TimeoutError):
                    reader.recv(64)
            self._stop_tray = lambda: None

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        del number
        self.end()


def _wake_up(writer: socket.socket) -> None:
    # A full buffer raises an error, but then the reader is about to wake anyway.
    with contextlib.suppress(OSError):
        writer.send(b"\0")


START_SECONDS = 10.0
"""Until what works behind the icon is ready, which takes a tenth of a second."""
_NAP = 1.0 if sys.platform == "win32" else 3600.0
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
