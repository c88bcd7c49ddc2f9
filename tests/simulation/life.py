"""One life of traycreds in the simulated world, from a seed: the real engine, one thread, virtual time.

The same seed lives the same life. Invariants (see `watch`) are checked after every turn of the engine.
"""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.builders import a_role
from tests.simulation.watch import Watch
from tests.simulation.world import EPOCH, Agenda, Aws, Desktop, Fault, File, Time, moment
from traycreds.adapters import choices
from traycreds.adapters.choices import Choices
from traycreds.adapters.serverclock import ServerClock
from traycreds.app import setup
from traycreds.core.messages import (
    ConfigChanged,
    Event,
    Locked,
    NetworkChanged,
    Paused,
    RefreshAsked,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
)
from traycreds.core.model import Settings
from traycreds.core.shown import Snapshot
from traycreds.engine.engine import Engine

HOUR, DAY = 3600.0, 86400.0
DEADLINE = 45.0
SILENCE = 20.5
"""What two tries of 5 s to connect and 10 s to read take against a silent server at most."""
CALM_WAIT = 900.0
"""In calm times the idle looks of every half minute, which find nothing, are left out up to this long."""
RESTLESS = 200.0
"""Seconds after something happened in which every look is lived through."""

FAULTS = (
    "refused", "silent", "dripping", "broken", "throttled", "denied", "source_expired", "bad_config", "odd", "mfa",
    "sign_in",
)  # fmt: skip
MENDED = ("source_expired", "bad_config", "mfa", "sign_in")
"""Faults that the user ends, now and then in the midst of a call that has met them."""
NAMES = ("dev", "prod", "audit", "ops")
LIVES = (900, 3600, 4 * 3600, 12 * 3600)


class Life:
    """A life; `live` it.

    Attributes:
        seed: from which all chance comes.
        told: what happened lately, for a report.
    """

    def __init__(self, seed: int, *, hours: float, every: float = 0.5) -> None:
        """Prepare.

        Args:
            seed: any number.
            hours: how long the machine is awake in this life.
            every: hours between two happenings, about.
        """
        self.seed = seed
        self.rng = random.Random(seed)
        self.time = Time(boot_counts_sleep=self.rng.random() < 0.7)
        self.told: deque[str] = deque(maxlen=80)
        self.aws = Aws(self.time)
        self.desktop = Desktop()
        self.settings = Settings(
            max_in_flight=self.rng.choice((1, 2, 8)),
            call_deadline=timedelta(seconds=DEADLINE),
            pause_when_locked=self.rng.random() < 0.5,
        )
        self.roles = tuple(
            a_role(name, keep=self.rng.random() < 0.7, duration=timedelta(seconds=self.rng.choice(LIVES)))
            for name in NAMES[: self.rng.randint(1, 4)]
        )
        self._jobs = Agenda()  # by time awake
        self._world = Agenda()  # by true time
        self._hours, self._every = hours, every
        self._restless_until = 0.0
        self.notice_begun = 0.0
        self._desktop_hangs = self._file_hangs = False
        self._locked = False
        self.engine: Engine | None = None
        self.choices = Choices()  # as on disk
        self.file = File(self.time.now)
        self.watch = Watch(self)
        self._broken: list[AssertionError] = []
        self.file.on_write = self._heard(self.watch.written)
        self.desktop.on_notice = self._heard(self.watch.noticed)
        if self.rng.random() < 0.3:
            self.time.offset = self.rng.uniform(-600, 600)
        self.time.drift = self.rng.uniform(-5e-4, 5e-4)

    def _heard(self, check: Callable[..., None]) -> Callable[..., None]:
        """The check, whose failure is kept for the next turn: it runs in a worker, which makes a result of whatever fails."""

        def run(*args: object) -> None:
            try:
                check(*args)
            except AssertionError as error:
                self._broken.append(error)

        return run

    # the program

    def start(self) -> None:
        """The process begins, as `app` builds it."""
        clock = ServerClock(self.time)
        self.clock = clock
        self.file._now = clock.now
        self.aws.on_date = clock.seen
        state = setup.first_state(ConfigChanged(self.roles, self.settings), self.choices)
        self.engine = Engine(
            clock=clock,
            skew=clock.skew,
            source=self.aws,
            store=self.file,
            notifier=self.desktop,
            state=state,
            spawn=self._spawn,
        )
        self._note("the process starts")
        self.engine.subscribe(self._see)
        self.watch.begun()
        if self._locked:  # as logind says when it is asked first
            self.post(Locked(True, self.clock.now()))

    def _see(self, snapshot: Snapshot) -> None:
        self.choices = choices.of(snapshot)

    def kill(self) -> None:
        """Kill -9: what was under way ends unheard; a write may or may not have reached the file."""
        self._note("killed")
        self.engine = None
        while self._jobs.next_at < float("inf"):
            job = self._jobs.pop()
            if self.rng.random() < 0.5 and getattr(job, "pool", "") == "file":
                job()
        self._file_hangs = False
        self.watch.killed()

    def _spawn(self, name: str, run: Callable[[], None]) -> None:
        pool, about, _ = name.split(" ")
        if pool == "aws" and self.rng.random() < 0.01 and self._every < float("inf"):
            self._later(0.03, self._suspend)  # the lid is closed in the midst of a call
        spawned = self.time.awake
        begun, sleeps = self.time.true, self.time.sleeps
        if pool == "aws":
            kind = self.aws.fault_of(about)
            self.watch.called(about)
            if kind in MENDED and self.rng.random() < 0.1:
                self._later(0.03, lambda: self._mend(about))
            self.told.append(f"{moment(self.time.true):%d %H:%M:%S} call for {about} meets {kind}")
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
                lost = sleeps != self.time.sleeps and self.rng.random() < 0.5  # asleep in between
                self.aws.call = ("refused" if lost else kind, begun)
                self.clock._asked.at = asked
                self.watch.answered(about)
            self.notice_begun = spawned
            if engine is self.engine or pool == "file":
                run()

        job.pool = pool  # type: ignore[attr-defined]
        self._jobs.add(self.time.awake + takes, job)

    # time

    def live(self) -> None:
        """Live to the end, then see whether all is well once all is calm.

        Raises:
            AssertionError: an invariant does not hold.
        """
        logging.getLogger("traycreds").setLevel(logging.CRITICAL)  # what is to go wrong here is known
        try:
            self._live()
        finally:
            logging.getLogger("traycreds").setLevel(logging.NOTSET)

    def _live(self) -> None:
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
        self.watch.end()

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
            self.watch.look()
            if self._broken:
                raise self._broken[0]
            if self.engine._inbox.empty():
                break

    def _engine_wait(self) -> float:
        wait = self.engine.seconds_to_wait()
        if self.time.awake < self._restless_until:
            return wait
        marks = [CALM_WAIT]
        if self.engine._wake_at is not None:
            marks.append((self.engine._wake_at - self.clock.now()).total_seconds())
        marks += [at - self.time.monotonic() for pool in self.engine._pools if (at := pool.next_deadline()) is not None]
        return max(wait, 0.0, min(marks))

    def post(self, event: Event) -> None:
        """The user or a watcher tells the engine, if there is one."""
        if self.engine is not None:
            self._note(f"event {event}")
            self.watch.wished(event)
            self.engine.post(event)

    def _note(self, what: str) -> None:
        self._restless_until = self.time.awake + RESTLESS
        self.told.append(f"{moment(self.time.true):%d %H:%M:%S} {what}")

    # what happens

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        self._world.add(self.time.true + seconds, what)

    def _long(self, low: float, high: float) -> float:
        """A span between two, short ones as likely as long ones."""
        return low * (high / low) ** self.rng.random()

    def _happening(self) -> None:
        if self._every == float("inf"):
            return
        if self.time.awake > 0:
            happenings = [self._fault] * 8 + [self._user] * 5 + [
                self._suspend, self._suspend, self._foreign, self._foreign, self._full_disk, self._slow_disk,
                self._step, self._restart, self._configure, self._desktop_hang, self._lock,
            ]  # fmt: skip
            self.rng.choice(happenings)()
        self._later(self.rng.expovariate(1 / (self._every * HOUR)), self._happening)

    def _fault(self) -> None:
        kind = self.rng.choice(FAULTS)
        some = frozenset(role.name for role in self.roles if self.rng.random() < 0.5)
        if kind in ("refused", "silent") and self.rng.random() < 0.7:
            some = frozenset()
        fault = Fault(kind, self.time.true + self._long(5, 2 * HOUR), some)
        self._begin(fault)

    def _begin(self, fault: Fault) -> None:
        self._note(f"fault {fault.kind} for {set(fault.roles) or 'all'} begins")
        self.aws.faults.append(fault)
        self._world.add(fault.ends_at, lambda: self._end(fault))

    def _mend(self, role: str) -> None:
        for fault in [fault for fault in self.aws.faults if fault.kind in MENDED and fault.meets(role)]:
            self._end(fault)

    def _end(self, fault: Fault) -> None:
        if fault not in self.aws.faults:
            return
        self._note(f"fault {fault.kind} for {set(fault.roles) or 'all'} ends")
        self.watch.look(only_note=True)
        self.aws.faults.remove(fault)
        self.watch.fault_ended(fault)
        if fault.kind in ("source_expired", "bad_config"):  # the user mended the files
            self.file.edit(lambda text: text + "# mended\n")
        if fault.kind == "refused" and self.rng.random() < 0.5:
            self.post(NetworkChanged(self.clock.now()))
        if fault.kind in ("mfa", "sign_in"):  # the user signed in, and asks
            self.post(RefreshAsked(tuple(r.name for r in self.roles if fault.meets(r.name))))

    def _suspend(self) -> None:
        span = self._long(20, 3 * DAY)
        self._note(f"asleep for {timedelta(seconds=int(span))}")
        self.watch.look(only_note=True)
        self.time.sleep(span)
        self._note("awake")
        self.watch.woke(span)
        if self.rng.random() < 0.7:
            self._begin(Fault("refused", self.time.true + self._long(1, 60)))

    def _foreign(self) -> None:
        view = self.file.view
        mine = [each.profile for each in view.owned]
        what = self.rng.random()
        if mine and what < 0.4:
            lost = self.rng.choice(mine)
            self._note(f"somebody removes {lost}")
            self.watch.disturbed()
            self.file.edit(lambda text: _without(text, lost))
        elif what < 0.7:
            self._note("somebody adds a profile")
            self.file.edit(lambda text: text + f"\n[theirs{self.rng.randrange(10**9)}]\nregion = eu-west-1\n")
        elif self.roles:
            role = self.rng.choice(self.roles)
            self._note(f"somebody takes {role.profile}")
            self.watch.disturbed()
            self.watch.take(role.profile)
            self.file.edit(lambda text: _without(text, role.profile) + f"\n[{role.profile}]\nregion = eu-west-1\n")
            self._later(self._long(10, 2 * HOUR), lambda: self._give_back(role.profile))

    def _give_back(self, profile: str) -> None:
        self._note(f"{profile} is free again")
        self.file.edit(lambda text: _without(text, profile) if profile in self.file.view.foreign else text)
        self.watch.give_back(profile)

    def _full_disk(self) -> None:
        self._note("disk full")
        self.file.full = True
        self._later(self._long(5, 2 * HOUR), self._disk_free)

    def _disk_free(self) -> None:
        self._note("disk free")
        self.watch.look(only_note=True)
        self.file.full = False

    def _slow_disk(self) -> None:
        self._note("file hangs")
        self._file_hangs = True
        self._later(self._long(30, HOUR), self._disk_quick)

    def _disk_quick(self) -> None:
        self._note("file answers")
        self._file_hangs = False
        self.watch.file_quick()

    def _lock(self) -> None:
        self._lock_is(on=True)
        self._later(self._long(10, 12 * HOUR), self._unlock)

    def _unlock(self) -> None:
        if self.rng.random() < 0.3:  # the network comes back with the user
            self._begin(Fault("refused", self.time.true + self._long(1, 60)))
        self._lock_is(on=False)

    def _lock_is(self, *, on: bool) -> None:
        self._locked = on
        self.watch.disturbed()
        self.post(Locked(on, self.clock.now()))

    def _desktop_hang(self) -> None:
        self._desktop_hangs = True
        self.watch.hung_until = float("inf")
        self._later(self._long(30, HOUR), self._desktop_back)

    def _desktop_back(self) -> None:
        self._desktop_hangs = False
        self.watch.hung_until = self.time.awake + 300  # each of those under way takes its minute

    def _step(self) -> None:
        step = self._long(3, 3 * HOUR) * self.rng.choice((-1, 1))
        self._note(f"clock set by {step:.0f} s")
        self.time.offset += step
        self.watch.disturbed()

        def back() -> None:
            self._note("clock right")
            self.watch.look(only_note=True)
            self.time.offset = 0.0
            self.watch.disturbed()

        self._later(self._long(10, 2 * HOUR), back)

    def _restart(self) -> None:
        if self.engine is None:
            return
        self.kill()
        self._later(self._long(0.5, 3 * HOUR), self._begin_anew)

    def _begin_anew(self) -> None:
        if self.engine is None:
            self.start()

    def _configure(self) -> None:
        role = self.rng.choice(self.roles)
        other = replace(role, keep=not role.keep)
        if self.rng.random() < 0.5:
            other = replace(role, duration=timedelta(seconds=self.rng.choice(LIVES)))
        self.settings = replace(self.settings, notify_before=timedelta(minutes=self.rng.choice((1, 5, 15))))
        self.roles = tuple(other if each is role else each for each in self.roles)
        self.watch.disturbed()
        self.post(ConfigChanged(self.roles, self.settings))

    def _user(self) -> None:
        role = self.rng.choice(self.roles).name
        until = None
        if self.engine is not None and self.rng.random() < 0.5:
            until = self.clock.now() + timedelta(seconds=self._long(60, 8 * HOUR))
        event = self.rng.choice((
            RoleChosen(role), RoleChosen(role), RoleChosen(None), RoleSwitched(role, True, until),
            RoleSwitched(role, True, until), RoleSwitched(role, False), RoleDropped(role),
            RefreshAsked((role,)), RefreshAsked(()), Paused(True),
        ))  # fmt: skip
        self.watch.disturbed()
        self.post(event)
        if event == Paused(True):
            self._later(self._long(60, 2 * HOUR), lambda: self.post(Paused(False)))


def _without(text: str, profile: str) -> str:
    from traycreds.core import profiles

    return profiles.remove_profile(text, profile)


__all__ = ["EPOCH", "Life"]
