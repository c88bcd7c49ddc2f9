"""The app as it runs all day: the engine with its face, or without one; started and stopped in order.

Owns nothing of the decisions; prints nothing: what is to be said in the terminal goes through callables of the caller.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import FrameType

from traycreds.adapters import choices, logs, power
from traycreds.adapters.controlserver import ControlServer
from traycreds.adapters.instance import SingleInstance
from traycreds.adapters.mfa import MfaSessions
from traycreds.adapters.notify import DesktopNotifier
from traycreds.adapters.places import Places
from traycreds.adapters.serverclock import DatedSource, ServerClock
from traycreds.adapters.sts import StsSource
from traycreds.adapters.vault import Vault
from traycreds.app import setup
from traycreds.app.codes import Codes
from traycreds.app.errands import Errands
from traycreds.app.hooks import Hooks
from traycreds.app.memory import Memory
from traycreds.app.orders import Orders
from traycreds.app.signins import SignIns
from traycreds.app.watch import ConfigWatch
from traycreds.core import notices
from traycreds.core.commands import Command, RoleCommand, UiCommand
from traycreds.core.errors import TraycredsError
from traycreds.core.messages import Button, ConfigChanged, Event, Locked, Notify, Resumed
from traycreds.core.shown import Snapshot
from traycreds.engine.engine import Engine
from traycreds.engine.ports import Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How a run shows itself outside the tray.

    Attributes:
        tray: whether to show a tray icon.
        say: takes a sentence for the terminal.
        show: takes each snapshot for the terminal; called on the engine's thread once there is no tray.
        notice: takes each notice for the terminal; called once there is no tray.
    """

    tray: bool
    say: Callable[[str], None]
    show: Callable[[Snapshot], None]
    notice: Callable[[Notify], None]


class Desk:
    """One run of the app."""

    def __init__(self, where: Places, clock: Clock, face: Face, *, verbose: bool = False) -> None:
        """Read the configuration and build the parts; nothing runs yet.

        Raises:
            ConfigError: with every problem found.
        """
        self._where = where
        self._face = face
        self._verbose = verbose
        self._headless = not face.tray
        self._over = threading.Event()
        self._desktop = DesktopNotifier(click=self._clicked)
        configured = setup.read_config(where)
        self._clock = clock = ServerClock(clock)
        chosen = choices.load(where.state_dir)
        self._hooks = Hooks(configured.settings)
        self._memory = Memory(where.state_dir, chosen)
        self._mfa = MfaSessions(Vault(), settings=configured.settings, now=clock.now)
        self._engine = Engine(
            clock=clock,
            skew=clock.skew,
            source=DatedSource(StsSource(mfa=self._mfa, on_date=clock.seen), clock),
            store=setup.open_store(where, clock),
            notifier=self,
            state=setup.first_state(configured, chosen),
        )
        self._codes = Codes(self._mfa, snapshot=lambda: self._engine.snapshot, post=self._engine.post, tell=self.send)
        self._sign_ins = SignIns(where, snapshot=lambda: self._engine.snapshot, post=self._engine.post, tell=self.send)
        self._watch = ConfigWatch(where, self._configured, self.send, besides=self._sign_ins.look)
        self._errands = Errands(where, tell=self.send, editing=self._watch.expect_edits, sign_in=self._sign_ins.sign_in)
        self._can = self._errands.can() | {UiCommand.QUIT, UiCommand.ENTER_CODE}
        self._orders = Orders(
            self._engine,
            clock,
            post=self._clicked,
            look=self._watch.look,
            end=self.end,
            settings=configured.settings,
        )
        self._stop_tray: Callable[[], None] = lambda: None

    def post(self, event: Event) -> None:
        """Tell the engine."""
        self._engine.post(event)

    def run(self) -> int:
        """Run until the user quits or a signal ends it; on the main thread. Returns the exit code."""
        with contextlib.ExitStack() as stack:
            if not stack.enter_context(SingleInstance(self._where.state_dir)).first:
                self._face.say("traycreds is running already: its icon is in the tray. Use its menu.")
                return 0
            stack.callback(self._desktop.close)
            stack.callback(logs.start(self._where.log_dir, debug=self._verbose).stop)
            for number in _SIGNALS:
                stack.callback(signal.signal, number, signal.signal(number, self._on_signal))
            self._engine.subscribe(self._seen)
            self._engine.subscribe(self._codes.see)
            stack.callback(self._codes.close)
            self._engine.subscribe(self._memory.see)
            self._memory.start()
            self._hooks.see(self._engine.snapshot)
            self._engine.subscribe(self._hooks.see)
            self._hooks.start()
            stack.callback(self._memory.stop)
            stack.enter_context(ControlServer(self._where.runtime_dir, self._orders.obey))
            log.info("started with %d roles", len(self._engine.snapshot.roles))
            if self._face.tray:
                self._run_tray()
            if not self._over.is_set():
                self._run_headless()
            self._engine.stop()
            log.info("stopped")
        return 0

    def send(self, notice: Notify) -> None:
        """The notifier port: tell the desktop, and the terminal when there is no tray."""
        if self._headless:
            self._face.notice(notice)
        self._hooks.told(notice)
        self._desktop.send(replace(notice, buttons=tuple(filter(self._works, notice.buttons))))

    def end(self) -> None:
        """End the run; from any thread and from signal handlers."""
        self._over.set()
        self._stop_tray()

    def _start(self) -> None:
        self._engine.start()
        self._watch.start()
        power.watch(
            woke=lambda: self._engine.post(Resumed(self._clock.now())),
            locked=lambda on: self._engine.post(Locked(on, self._clock.now())),
        )

    def _works(self, button: Button) -> bool:
        """Whether this program can do here what a button offers."""
        command = button.command.command if isinstance(button.command, RoleCommand) else button.command
        return not isinstance(command, UiCommand) or command in self._can

    def _clicked(self, command: Event | Command) -> None:
        if isinstance(command, (UiCommand, RoleCommand)):
            self._obey(command)
        else:
            self._codes.clicked(command)
            self._engine.post(command)

    def _configured(self, event: Event) -> None:
        if isinstance(event, ConfigChanged):
            self._mfa.configure(event.settings)
            self._hooks.configure(event.settings)
        self._engine.post(event)

    def _seen(self, snapshot: Snapshot) -> None:
        over = [key for key in self._desktop.standing if not notices.stands(key, snapshot)]
        if over:
            self._desktop.take_back(over)
        if self._headless:
            self._face.show(snapshot)

    def _run_tray(self) -> None:
        from traycreds.ui import tray  # noqa: PLC0415 - a run without a face needs no D-Bus and no pystray

        reason = tray.available()
        if reason is None:
            icon = tray.Tray(post=self._clicked, command=self._obey, on_no_host=self._no_host, can=self._can)
            self._engine.subscribe(icon.show)
            icon.show(self._engine.snapshot)
            self._stop_tray = icon.stop
            if self._over.is_set():
                return
            reason = icon.run(self._start)
            self._stop_tray = lambda: None
        if reason is not None:
            self._no_host(reason)

    def _no_host(self, reason: str) -> None:
        self._face.say(reason)
        log.info("%s", reason)
        self._headless = True
        self._face.show(self._engine.snapshot)

    def _run_headless(self) -> None:
        self._headless = True
        if not self._engine.running:
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

    def _obey(self, command: Command) -> None:
        if command is UiCommand.QUIT:
            self.end()
        elif isinstance(command, RoleCommand) and command.command is UiCommand.ENTER_CODE:
            self._codes.enter(command.role)
        else:
            self._errands.run(command)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        del number
        self.end()


def _ring(bell: socket.socket) -> None:
    with contextlib.suppress(OSError):  # full, so it rings already
        bell.send(b"\0")


def announce(error: TraycredsError) -> None:
    """Tell the desktop why the app did not start."""
    DesktopNotifier().send(Notify(key="start", title=f"traycreds: {error.sentence}", body=error.hint, urgent=True))


_NAP = 1.0 if sys.platform == "win32" else 3600.0
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
