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
from traycreds.app.demo.guide import STEPS, GuideState, Surface
from traycreds.app.demo.sandbox import Sandbox
from traycreds.control.server import Handler
from traycreds.core.events import Event, RoleChosen
from traycreds.core.model import RoleName
from traycreds.core.ports import Clock
from traycreds.core.snapshot import Snapshot
from traycreds.core.ui_commands import UiCommand
from traycreds.core.value_class import replace
from traycreds.engine.clock import FastClock
from traycreds.process import own_program
from traycreds.shell.quoting import shell_line
from traycreds.state.paths import Paths

SPEED = 60.0
"""Demo seconds in a real second: a minute of the demo takes a second."""

_NOT_HERE = frozenset({UiCommand.START_AT_LOGIN, UiCommand.NOT_AT_LOGIN})
"""Actions that would change something outside the sandbox."""
_IN_TRAY = f"The demo is in the tray. {guide.HOW_TO_END[Surface.TRAY]}"
_END_SECONDS = 2.0
"""Seconds for a thread to end."""
_LONGEST_WAIT = 1.0
"""Real seconds after which the guide looks at the clocks again, if no role changed."""


def run(frontend: Frontend, *, speed: float = SPEED, verbose: bool = False) -> int:
    """Run the demo until the user ends it; return the exit code. `speed` is that of its clock."""
    clock = FastClock(speed)
    with contextlib.ExitStack() as resources:
        box = resources.enter_context(sandbox.opened(clock))
        box.point_aws_at()
        frontend.print_line(
            f"Demo in {box.folder}, against a simulated AWS at {box.simulator.url}. It does not touch your ~/.aws. "
            f"Its clock runs {speed:g} times as fast."
        )
        over = threading.Event()
        guidance = Guidance(frontend, clock, box)
        shown = replace(frontend, in_tray=_IN_TRAY, take_keys=guidance.take_keys)
        app = Application(box.paths, clock, shown, verbose=verbose, without=_NOT_HERE, watch=guidance.take_snapshot)
        app.take(RoleChosen(RoleName("dev")))
        faults = threading.Thread(target=box.cause_faults, args=(over, clock), name="faults", daemon=True)
        resources.callback(_join, faults)
        guide_thread = threading.Thread(
            target=guidance.run,
            args=(over,),
            kwargs={"take": app.take, "begin": faults.start},
            name="guide",
            daemon=True,
        )
        guide_thread.start()
        resources.callback(_join, guide_thread)
        resources.callback(over.set)
        code = app.run(resources)
    frontend.print_line(_next_command())
    return code


def _join(thread: threading.Thread) -> None:
    if thread.ident is not None:
        thread.join(_END_SECONDS)


class Guidance:
    """The guide of one run.

    `take` carries out what nothing can be pressed for. `begin` is called with the first step, once all sessions are
    fresh: on a slow machine they come later.
    """

    def __init__(self, frontend: Frontend, clock: Clock, box: Sandbox) -> None:
        """Print nothing yet."""
        self._frontend, self._clock, self._box = frontend, clock, box
        self._surface = Surface.TRAY
        self._state = GuideState()
        self._snapshots: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()

    def take_keys(self, handle: Handler, paths: Paths) -> None:
        """There is no tray; the frontend may read keys."""
        if self._surface is Surface.TRAY:
            self._surface = self._without_tray()
            self._frontend.print_line(guide.HOW_TO_END[self._surface])
        self._frontend.take_keys(handle, paths)

    def take_snapshot(self, snapshot: Snapshot) -> None:
        """Take what the app shows; returns at once, from any thread."""
        self._snapshots.put(snapshot)

    def run(self, over: threading.Event, *, take: Callable[[Event], None], begin: Callable[[], None]) -> None:
        """Print each sentence when its time comes, until `over`."""
        snapshot = None
        pause = min(_LONGEST_WAIT, self._clock.real_seconds(timedelta(minutes=1)))
        while not over.is_set():
            with contextlib.suppress(queue.Empty):
                snapshot = self._snapshots.get(timeout=pause)
            if snapshot is not None:
                self.advance(snapshot, take=take, begin=begin)

    def advance(self, snapshot: Snapshot, *, take: Callable[[Event], None], begin: Callable[[], None]) -> None:
        """Print what comes now."""
        before, surface = self._state.step, self._surface
        self._state, texts = guide.advance(self._state, snapshot, self._clock.now(), surface, self._box.code())
        for text in texts:
            self._frontend.print_line(text)
        now = self._state.step
        if before < 0 <= now:
            begin()
        if not surface.takes_choices and before != now < len(STEPS):
            take(RoleChosen(STEPS[now].role))

    def _without_tray(self) -> Surface:
        if self._frontend.reads_keys():
            return Surface.KEYS
        return Surface.OUTPUT if self._frontend.asker() is None else Surface.TABLE


def _next_command() -> str:
    program = ("traycreds",) if shutil.which("traycreds") else own_program.program()
    return (
        f"Next: `{shell_line([*program, 'import'])}` adds the roles of your ~/.aws/config; "
        f"then `{shell_line(program)}` keeps them fresh."
    )
