"""Runs the demo: the app in its sandbox, the faults, and the guide's sentences in the terminal it was started from."""

from __future__ import annotations

import contextlib
import queue
import shutil
import threading
from collections.abc import Callable
from datetime import timedelta

from traycreds.app.application import Application, Frontend
from traycreds.app.demo import guide, sandbox
from traycreds.app.demo.guide import STEPS, Surface, Told
from traycreds.app.demo.sandbox import Sandbox
from traycreds.control.server import Handler
from traycreds.core.events import Event, RoleChosen
from traycreds.core.model import RoleName
from traycreds.core.snapshot import Snapshot
from traycreds.core.ui_commands import UiCommand
from traycreds.core.value_class import replace
from traycreds.engine.clock import FastClock
from traycreds.process import own_program
from traycreds.shell.quoting import shell_line

SPEED = 60.0
"""Demo seconds in a real second: a minute of the demo takes a second."""

_NOT_HERE = frozenset({UiCommand.START_AT_LOGIN, UiCommand.NOT_AT_LOGIN})
"""Actions that would change something outside the sandbox."""
_IN_TRAY = f"The demo is in the tray. {guide.HOW_TO_END[Surface.TRAY]}"
_LONGEST_WAIT = 1.0
"""Real seconds after which the guide looks at the clocks again, if no role changed."""


def run(frontend: Frontend, *, speed: float = SPEED, verbose: bool = False) -> int:
    """Run the demo until the user ends it; return the exit code. `speed` is that of its clock."""
    clock = FastClock(speed)
    with contextlib.ExitStack() as resources:
        box = resources.enter_context(sandbox.opened(clock))
        box.point_aws_at()
        frontend.print_line(
            f"Demo in {box.folder}, against a simulated STS at {box.simulator.url}. It does not touch your ~/.aws. "
            f"Its clock runs {speed:g} times as fast."
        )
        over = threading.Event()
        guiding = _Guiding(frontend, clock, box)
        shown = replace(frontend, in_tray=_IN_TRAY, take_keys=guiding.take_keys)
        app = Application(box.paths, clock, shown, verbose=verbose, without=_NOT_HERE, watch=guiding.see)
        app.take(RoleChosen(RoleName("dev")))
        faults = threading.Thread(target=box.cause_faults, args=(over, clock), name="faults", daemon=True)
        resources.callback(lambda: faults.ident is not None and faults.join(2))
        guide_thread = threading.Thread(
            target=guiding.run,
            args=(over,),
            kwargs={"take": app.take, "begin": faults.start},
            name="guide",
            daemon=True,
        )
        guide_thread.start()
        resources.callback(guide_thread.join, 2)
        resources.callback(over.set)
        code = app.run(resources)
    frontend.print_line(_next_command())
    return code


class _Guiding:
    """Tells what the guide says; `see` takes snapshots on the engine's thread."""

    def __init__(self, frontend: Frontend, clock: FastClock, box: Sandbox) -> None:
        self._frontend, self._clock, self._box = frontend, clock, box
        self._surface = Surface.TRAY
        self._snapshots: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()

    def take_keys(self, handle: Handler) -> None:
        """There is no tray; the frontend may read keys."""
        if self._surface is Surface.TRAY:
            self._surface = self._without_tray()
            self._frontend.print_line(guide.HOW_TO_END[self._surface])
        self._frontend.take_keys(handle)

    def see(self, snapshot: Snapshot) -> None:
        """Take a snapshot."""
        self._snapshots.put(snapshot)

    def _without_tray(self) -> Surface:
        if self._frontend.reads_keys():
            return Surface.KEYS
        return Surface.OUTPUT if self._frontend.asker() is None else Surface.TABLE

    def run(self, over: threading.Event, *, take: Callable[[Event], None], begin: Callable[[], None]) -> None:
        """Tell each sentence when its time comes, until `over`.

        `take` does what nothing can be pressed for. `begin` is called with the first step, once all sessions are fresh:
        on a slow machine they come later.
        """
        told, snapshot = Told(), None
        pause = min(_LONGEST_WAIT, self._clock.real_seconds(timedelta(minutes=1)))
        while not over.is_set():
            with contextlib.suppress(queue.Empty):
                snapshot = self._snapshots.get(timeout=pause)
            if snapshot is None:
                continue
            before = told.step
            surface = self._surface
            told, texts = guide.advance(told, snapshot, self._clock.now(), surface, self._box.code())
            for text in texts:
                self._frontend.print_line(text)
            if before < 0 <= told.step:
                begin()
            if not surface.takes_choices and told.step != before and told.step < len(STEPS):
                take(RoleChosen(STEPS[told.step].role))


def _next_command() -> str:
    program = ("traycreds",) if shutil.which("traycreds") else own_program.program()
    return (
        f"Next: `{shell_line([*program, 'import'])}` adds the roles of your ~/.aws/config; "
        f"then `{shell_line(program)}` keeps them fresh."
    )
