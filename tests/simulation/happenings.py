"""What happens in a scenario of the simulated world: faults, sleep, other programs, the user; all at random, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.simulation.world import Fault
from traycreds.core.events import (
    ConfigChanged,
    Locked,
    NetworkChanged,
    Paused,
    RefreshAsked,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
)
from traycreds.core.value_class import replace

HOUR, DAY = 3600.0, 86400.0

FAULTS = (
    "refused", "silent", "dripping", "broken", "throttled", "denied", "source_expired", "bad_config", "odd", "mfa",
    "sign_in",
)  # fmt: skip
RESTORED = ("source_expired", "bad_config", "mfa", "sign_in")
"""Faults that the user ends, now and then in the midst of a call that has met them."""
NAMES = ("dev", "prod", "audit", "ops")
LIFETIMES = (900, 3600, 4 * 3600, 12 * 3600)


class Happenings:
    """The happenings of a scenario, one after the other in the simulated world; `scenario.Scenario` has that world."""

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

    def _restore(self, role: str) -> None:
        for fault in [fault for fault in self.aws.faults if fault.kind in RESTORED and fault.meets(role)]:
            self._end(fault)

    def _end(self, fault: Fault) -> None:
        if fault not in self.aws.faults:
            return
        self._note(f"fault {fault.kind} for {set(fault.roles) or 'all'} ends")
        self.invariants.check(only_note=True)
        self.aws.faults.remove(fault)
        self.invariants.fault_ended(fault)
        # The user has fixed the files.
        if fault.kind in ("source_expired", "bad_config"):
            self.file.edit(lambda text: text + "# mended\n")
        if fault.kind == "refused" and self.rng.random() < 0.5:
            self.post(NetworkChanged(self.clock.now()))
        # The user has signed in and asks for a refresh.
        if fault.kind in ("mfa", "sign_in"):
            self.post(RefreshAsked(tuple(r.name for r in self.roles if fault.meets(r.name))))

    def _suspend(self) -> None:
        span = self._long(20, 3 * DAY)
        self._note(f"asleep for {timedelta(seconds=int(span))}")
        self.invariants.check(only_note=True)
        self.time.sleep(span)
        self._note("awake")
        self.invariants.woke(span)
        if self.rng.random() < 0.7:
            self._begin(Fault("refused", self.time.true + self._long(1, 60)))

    def _foreign(self) -> None:
        view = self.file.view
        mine = [each.profile for each in view.owned]
        what = self.rng.random()
        if mine and what < 0.4:
            lost = self.rng.choice(mine)
            self._note(f"someone removes {lost}")
            self.invariants.disturbed()
            self.file.edit(lambda text: _without(text, lost))
        elif what < 0.7:
            self._note("someone adds a profile")
            self.file.edit(lambda text: text + f"\n[theirs{self.rng.randrange(10**9)}]\nregion = eu-west-1\n")
        elif self.roles:
            role = self.rng.choice(self.roles)
            self._note(f"someone takes {role.profile}")
            self.invariants.disturbed()
            self.invariants.take(role.profile)
            self.file.edit(lambda text: _without(text, role.profile) + f"\n[{role.profile}]\nregion = eu-west-1\n")
            self._later(self._long(10, 2 * HOUR), lambda: self._give_back(role.profile))

    def _give_back(self, profile: str) -> None:
        self._note(f"{profile} is free again")
        self.file.edit(lambda text: _without(text, profile) if profile in self.file.view.foreign else text)
        self.invariants.give_back(profile)

    def _full_disk(self) -> None:
        self._note("disk full")
        self.file.full = True
        self._later(self._long(5, 2 * HOUR), self._disk_free)

    def _disk_free(self) -> None:
        self._note("disk free")
        self.invariants.check(only_note=True)
        self.file.full = False

    def _slow_disk(self) -> None:
        self._note("file hangs")
        self._file_hangs = True
        self._later(self._long(30, HOUR), self._disk_quick)

    def _disk_quick(self) -> None:
        self._note("file answers")
        self._file_hangs = False
        self.invariants.file_quick()

    def _lock(self) -> None:
        self._lock_is(on=True)
        self._later(self._long(10, 12 * HOUR), self._unlock)

    def _unlock(self) -> None:
        # The network may come back a little after the user does.
        if self.rng.random() < 0.3:
            self._begin(Fault("refused", self.time.true + self._long(1, 60)))
        self._lock_is(on=False)

    def _lock_is(self, *, on: bool) -> None:
        self._locked = on
        self.invariants.disturbed()
        self.post(Locked(on, self.clock.now()))

    def _desktop_hang(self) -> None:
        self._desktop_hangs = True
        self.invariants.hung_until = float("inf")
        self._later(self._long(30, HOUR), self._desktop_back)

    def _desktop_back(self) -> None:
        self._desktop_hangs = False
        # Each notice in progress may take a minute.
        self.invariants.hung_until = self.time.awake + 300

    def _step(self) -> None:
        step = self._long(3, 3 * HOUR) * self.rng.choice((-1, 1))
        self._note(f"clock set by {step:.0f} s")
        self.time.offset += step
        self.invariants.disturbed()

        def back() -> None:
            self._note("clock right")
            self.invariants.check(only_note=True)
            self.time.offset = 0.0
            self.invariants.disturbed()

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
            other = replace(role, duration=timedelta(seconds=self.rng.choice(LIFETIMES)))
        self.settings = replace(self.settings, notify_before=timedelta(minutes=self.rng.choice((1, 5, 15))))
        self.roles = tuple(other if each is role else each for each in self.roles)
        self.invariants.disturbed()
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
        self.invariants.disturbed()
        self.post(event)
        if event == Paused(True):
            self._later(self._long(60, 2 * HOUR), lambda: self.post(Paused(False)))


def _without(text: str, profile: str) -> str:
    from tests.support import profile_edits

    return profile_edits.remove_profile(text, profile)
