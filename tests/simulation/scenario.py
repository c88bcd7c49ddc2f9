"""One scenario of traycreds in the simulated world, from a seed: the real engine, one thread, virtual time.

The same seed runs the same scenario. Invariants (see `invariants`) are checked after every turn of the engine.
"""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from tests.simulation.happenings import HOUR, LIFETIMES, NAMES, RESTORED, Happenings
from tests.simulation.invariants import Invariants
from tests.simulation.world import EPOCH, Agenda, Aws, Desktop, File, Time, moment
from tests.support.builders import a_role
from traycreds.core.engine_state import Choices
from traycreds.core.events import ConfigChanged, Event, FollowUp, Locked, Paused, SaveChoices
from traycreds.core.model import Settings
from traycreds.core.value_class import replace
from traycreds.engine.loop import Engine
from traycreds.engine.server_clock import ServerClock
from traycreds.usecases import load

DEADLINE = 45.0
SILENCE = 15.0
"""What 5 s to connect and 10 s to read take against a silent server at most."""
QUIET_WAIT = 900.0
"""In calm times the idle looks of every half minute, which find nothing, are left out up to this long."""
RESTLESS = 200.0
"""Seconds after something happened in which every look is lived through."""


class Scenario(Happenings):
    """A scenario; `run` it.

    Attributes:
        seed: from which all chance comes.
        log: what happened lately, for a report.
    """

    def __init__(self, seed: int, *, hours: float, every: float = 0.5) -> None:
        """Prepare.

        Args:
            seed: any number.
            hours: how long the machine is awake in this scenario.
            every: hours between two happenings, about.
        """
        self.seed = seed
        self.rng = random.Random(seed)
        self.time = Time(boot_counts_sleep=self.rng.random() < 0.7)
        self.log: deque[str] = deque(maxlen=80)
        self.aws = Aws(self.time)
        self.desktop = Desktop()
        self.settings = Settings(
            max_in_flight=self.rng.choice((1, 2, 8)),
            call_deadline=timedelta(seconds=DEADLINE),
            pause_when_locked=self.rng.random() < 0.5,
        )
        self.roles = tuple(
            a_role(name, keep=self.rng.random() < 0.7, duration=timedelta(seconds=self.rng.choice(LIFETIMES)))
            for name in NAMES[: self.rng.randint(1, 4)]
        )
        # These are ordered by time awake.
        self._jobs = Agenda()
        # These are ordered by true time.
        self._world = Agenda()
        self._hours, self._every = hours, every
        self._restless_until = 0.0
        self.notice_begun = 0.0
        self._desktop_hangs = self._file_hangs = False
        self._locked = False
        self.engine: Engine | None = None
        # These are the choices on disk.
        self.choices = Choices()
        self.file = File(self.time.now)
        self.invariants = Invariants(self)
        self._broken: list[AssertionError] = []
        self.file.on_write = self._checked(self.invariants.written)
        self.desktop.on_notice = self._checked(self.invariants.noticed)
        if self.rng.random() < 0.3:
            self.time.offset = self.rng.uniform(-600, 600)
        self.time.drift = self.rng.uniform(-5e-4, 5e-4)

    def _checked(self, check: Callable[..., None]) -> Callable[..., None]:
        """The check, whose failure is kept for the next turn: it runs in a worker, which makes a result of whatever fails."""

        def run(*args: object) -> None:
            try:
                check(*args)
            except AssertionError as error:
                self._broken.append(error)

        return run

    # The program

    def start(self) -> None:
        """The process begins, as `app` builds it."""
        clock = ServerClock(self.time)
        self.clock = clock
        self.file._now = clock.now
        self.aws.on_date = clock.seen
        state = load.first_state(ConfigChanged(self.roles, self.settings), self.choices)
        state = replace(state, saved_choices=self.choices)
        self.engine = Engine(
            clock=clock,
            skew=clock.skew,
            source=self.aws,
            store=self.file,
            notifier=self.desktop,
            state=state,
            spawn=self._spawn,
            follow_up=self._follow_up,
        )
        self._note("the process starts")
        self.invariants.begun()
        # When the app first asks, logind reports the lock.
        if self._locked:
            self.post(Locked(True, self.clock.now()))

    def _follow_up(self, action: FollowUp) -> None:
        if isinstance(action, SaveChoices):
            self.choices = action.choices

    def kill(self) -> None:
        """Kill -9: what was in progress ends unheard; a write may or may not have reached the file."""
        self._note("killed")
        self.engine = None
        while self._jobs.next_at < float("inf"):
            job = self._jobs.pop()
            if self.rng.random() < 0.5 and getattr(job, "pool", "") == "file":
                job()
        self._file_hangs = False
        self.invariants.killed()

    def _spawn(self, name: str, run: Callable[[], None]) -> None:
        pool, about, _ = name.split(" ")
        if pool == "aws" and self.rng.random() < 0.01 and self._every < float("inf"):
            # The user closes the lid in the middle of a call.
            self._later(0.03, self._suspend)
        spawned = self.time.awake
        begun, sleeps = self.time.true, self.time.sleeps
        if pool == "aws":
            kind = self.aws.fault_of(about)
            self.invariants.called(about)
            if kind in RESTORED and self.rng.random() < 0.1:
                self._later(0.03, lambda: self._restore(about))
            self.log.append(f"{moment(self.time.true):%d %H:%M:%S} call for {about} meets {kind}")
            if kind == "silent":
                takes = SILENCE
            elif kind == "dripping":
                takes = self.rng.uniform(60, 600)
            else:
                takes = self.rng.uniform(0.05, 2)
        elif pool == "file":
            takes = 50.0 if self._file_hangs else self.rng.uniform(0.002, 0.8)
            kind = None
        else:
            takes = 60.0 if self._desktop_hangs else 0.05
            kind = None

        engine = self.engine
        self.clock.asked()
        asked = self.clock._asked.at

        def job() -> None:
            if pool == "aws":
                # A call may be lost if the machine slept meanwhile.
                lost = sleeps != self.time.sleeps and self.rng.random() < 0.5
                self.aws.call = ("refused" if lost else kind, begun)
                self.clock._asked.at = asked
                self.invariants.on_answer(about)
            self.notice_begun = spawned
            if engine is self.engine or pool == "file":
                run()

        job.pool = pool  # type: ignore[attr-defined]
        self._jobs.add(self.time.awake + takes, job)

    # Time

    def run(self) -> None:
        """Live to the end, then see whether all is well once all is calm.

        Raises:
            AssertionError: an invariant does not hold.
        """
        # These failures are intended, so their log lines are of no use.
        logging.getLogger("traycreds").setLevel(logging.CRITICAL)
        try:
            self._run()
        finally:
            logging.getLogger("traycreds").setLevel(logging.NOTSET)

    def _run(self) -> None:
        self.start()
        self._happening()
        self._run_until(self._hours * HOUR)
        self._note("calm")
        self._every = float("inf")
        while self._world.next_at < float("inf"):
            self._run_until(self.time.awake + max(0.0, self._world.next_at - self.time.true) + 1)
        if self.engine is None:
            self.start()
        self.time.drift = 0.0
        self.post(Paused(False))
        self._lock_is(on=False)
        self._run_until(self.time.awake + 11 * 60 + DEADLINE)
        self.invariants.end()

    def _run_until(self, awake: float) -> None:
        while self.time.awake < awake:
            wait = awake - self.time.awake
            if self.engine is not None:
                wait = min(wait, self._engine_wait())
            wait = min(wait, self._jobs.next_at - self.time.awake, self._world.next_at - self.time.true)
            self.time.advance(max(wait, 0.0) + 1e-6)
            while self._jobs.next_at <= self.time.awake:
                self._jobs.pop()()
            while self._world.next_at <= self.time.true:
                self._world.pop()()
            self.turn()

    def turn(self) -> None:
        """Turns of the engine until its inbox is empty, each watched."""
        while self.engine is not None:
            messages = self.engine._receive(0)
            self.engine.turn(messages)
            self.invariants.check()
            if self._broken:
                raise self._broken[0]
            if self.engine._inbox.empty():
                break

    def _engine_wait(self) -> float:
        wait = self.engine.seconds_to_wait()
        if self.time.awake < self._restless_until:
            return wait
        marks = [QUIET_WAIT]
        if self.engine._decisions.wake_at is not None:
            marks.append((self.engine._decisions.wake_at - self.clock.now()).total_seconds())
        marks += [at - self.time.monotonic() for pool in self.engine._pools if (at := pool.next_deadline()) is not None]
        return max(wait, 0.0, min(marks))

    def post(self, event: Event) -> None:
        """The user or a watcher tells the engine, if there is one."""
        if self.engine is not None:
            self._note(f"event {event}")
            self.invariants.wished(event)
            self.engine.post(event)

    def _note(self, what: str) -> None:
        self._restless_until = self.time.awake + RESTLESS
        self.log.append(f"{moment(self.time.true):%d %H:%M:%S} {what}")


__all__ = ["EPOCH", "HOUR", "Scenario"]
