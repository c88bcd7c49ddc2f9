"""What the user of a simulated scenario wished and what was possible in it, kept apart from the program's own state."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.simulation.world import SIGNATURE_WINDOW, Fault, moment
from traycreds.core import events
from traycreds.core.model import DEFAULT_PROFILE

if TYPE_CHECKING:
    from tests.simulation.scenario import Scenario

QUIET_AFTER = 90.0
"""Seconds asleep that the engine cannot miss."""
GRACE = 60.0
"""Seconds that a session may be expired beyond what a fault explains."""
TOGETHER = 600.0
"""How long a role that is well again may wait to be reported with others that are not."""
DENIED_WAIT = 600.0
"""What docs/failures.md grants for a refusal that is taken back: policy's longest wait for DENIED."""


class Records:
    """What the user wished, and what was possible, in a simulated scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        # These roles may have to wait for calls that hang.
        more = max(0, len(scenario.roles) - scenario.settings.max_in_flight)
        self.grace = GRACE + more * scenario.settings.call_deadline.total_seconds()
        # This maps each role that the user keeps to an aware time by AWS's clock, or to None without an end.
        self.keep = {}
        self.chosen = None
        self.paused = False
        # This is the awake moment from which the lock makes the app rest.
        self.locked_at = None
        # This maps each role to the awake moment up to which something explains a gap.
        self.bad_until: dict[str, float] = {}
        self.taken: set[str] = set()
        self.flying: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.allowed: Counter[str] = Counter()
        self.wanted_seconds: Counter[str] = Counter()
        self.failing_seconds: Counter[str] = Counter()
        self.checked_at = 0.0
        self.output: dict[object, str] = {}
        # These are roles, each with the end of the session that a notice announced.
        self.announced_ends: set[tuple[str, object]] = set()
        # Notices may be late up to this awake moment.
        self.hung_until = -1e9
        # For these roles, the user wants something that may take a call.
        self.words: set[str] = set()
        self.needs: dict[str, float] = {}
        # These roles are reported as failing, and not yet as well again.
        self.alarmed: set[str] = set()
        # These roles are well again: since when, and since when all others are.
        self.well: dict[str, tuple[float, float]] = {}
        self.woke_at = self.slept_at = self.unlocked_at = -1e9
        # The user wants the sections of these roles gone, and has asked nothing else of them since.
        self.dropped: set[str] = set()
        self.quiet_until = None
        self.skew_asleep = timedelta(0)
        self.asked_at: dict[str | None, list[float]] = {}
        self.first = True
        self.lifetimes = {role.name: {role.duration.total_seconds()} for role in scenario.roles}

    def begun(self) -> None:
        """The process began; it must know by itself what the user wished before."""
        self.disturbed()
        self.output.clear()
        self.announced_ends.clear()
        self.alarmed.clear()
        self.paused = False
        self.locked_at = None
        # A new process cannot know these moments.
        self.slept_at = self.unlocked_at = -1e9
        self.dropped.clear()
        if self.first:
            self.first = False
            self.keep = {role.name: None for role in self.scenario.roles if role.keep}
        default = next((each.role for each in self.scenario.file.view.owned if each.profile == DEFAULT_PROFILE), None)
        # A choice that the user took back counts again if that was not written before the end.
        if self.chosen is None:
            self.chosen = default
        for role in self.scenario.roles:
            before = self.scenario.choices.keeping.get(role.name)
            self.lifetimes[role.name].add(role.duration.total_seconds())
            # The user edited the configuration meanwhile.
            if before is not None and before.configured != role.keep:
                self.keep.pop(role.name, None)
                if role.keep:
                    self.keep[role.name] = None

    def killed(self) -> None:
        self.flying.clear()
        self.needs.clear()

    def wished(self, event: events.Event) -> None:
        match event:
            case events.RefreshAsked(names):
                self.words.update(names or (role.name for role in self.scenario.roles))
                # An unwanted role is forgotten after a while, and reported again when it is refreshed again.
                for name in names:
                    if not self._wanted(name, self.scenario.clock.now()):
                        self._asked(name)
            case events.RoleChosen(name):
                self._forget_announcements(self.chosen, name)
                self.chosen = name
            case events.RoleSwitched(name, on, until):
                self._forget_announcements(name)
                self.keep.pop(name, None)
                if on:
                    self.keep[name] = until
            case events.RoleDropped(name):
                self._forget_announcements(name)
                self.keep.pop(name, None)
                self.dropped.add(name)
                if self.chosen == name:
                    self.chosen = None
            case events.Paused(on):
                self.paused = on
                self.disturbed()
            case events.Locked(on):
                rests = on and self.scenario.settings.pause_when_locked
                if self.locked_at is not None and not rests:
                    self.unlocked_at, self.skew_asleep = self.scenario.time.awake, self.scenario.clock.skew()
                self.locked_at = self.scenario.time.awake if rests else None
            case events.ConfigChanged(roles=roles):
                old = {s.role.name: s.role.keep for s in self.scenario.engine._state.sessions}
                for role in roles:
                    self.alarmed.discard(role.name)
                    self.words.add(role.name)
                    self._asked(role.name)
                    self.lifetimes[role.name].add(role.duration.total_seconds())
                    if role.keep != old[role.name]:
                        self.keep.pop(role.name, None)
                        if role.keep:
                            self.keep[role.name] = None
            case _:
                pass

    def _forget_announcements(self, *names: str | None) -> None:
        """The user asks something of roles: their state may be reported again."""
        for name in names:
            self.alarmed.discard(name)
            self.words.add(name)
            self._asked(name)

    def _asked(self, name: str | None) -> None:
        self.asked_at.setdefault(name, []).append(self.scenario.time.awake)

    def disturbed(self) -> None:
        """Something happened that may cost each role one more call, and a moment."""
        for role in self.scenario.roles:
            self.allowed[role.name] += 1
            self._explain(role.name, 0.0)

    def woke(self, slept: float) -> None:
        # The quiet minute also passes during sleep.
        self.slept_at -= slept
        self.unlocked_at -= slept
        if slept > QUIET_AFTER:
            self.slept_at = self.scenario.time.awake
            self.skew_asleep = self.scenario.clock.skew()
        self.woke_at = self.scenario.time.awake
        self.needs.clear()
        self.disturbed()

    def fault_ended(self, fault: Fault) -> None:
        for role in self.scenario.roles:
            if fault.meets(role.name):
                self._explain(role.name, DENIED_WAIT if fault.kind == "denied" else 0.0)
                self.allowed[role.name] += 4

    def file_quick(self) -> None:
        self.disturbed()
        for role in self.scenario.roles:
            # A check or write that has already begun still hangs.
            self._explain(role.name, 50.0)

    def take(self, profile: str) -> None:
        self.taken.add(profile)

    def give_back(self, profile: str) -> None:
        self.taken.discard(profile)
        self.disturbed()

    def called(self, role: str) -> None:
        """A call begins: only when there is a reason, and never by timer while the program is to rest."""
        self.calls[role] += 1
        self.flying[role] += 1
        asked = role in self.words
        self.words.discard(role)
        self.dropped.discard(role)
        assert asked or not (self.paused or self.locked_at is not None), f"{role} was renewed while at rest"
        if not asked and self.scenario.engine._state.session(role).failure is None and self._knows_the_time():
            half = max(self.lifetimes[role]) / 2
            assert self._left_on_file(role) < half + GRACE, f"{role} was renewed though its session is fresh"
        assert len(self.scenario.engine._aws._running) <= self.scenario.settings.max_in_flight, (
            "too many calls in flight"
        )

    def on_answer(self, role: str) -> None:
        self.flying[role] -= 1

    def _explain(self, role: str, seconds: float) -> None:
        self.bad_until[role] = max(self.bad_until.get(role, 0.0), self.scenario.time.awake + seconds)

    def _troubled(self, role) -> bool:
        """Whether something is in the way of renewing this role now."""
        scenario = self.scenario
        return (
            scenario.engine is None
            or scenario.aws.fault_of(role.name) is not None
            or scenario.file.full
            or scenario._file_hangs
            or role.profile in self.taken
            or abs(scenario.time.offset) > SIGNATURE_WINDOW
            # No answer has reported the skew yet.
            or (scenario.clock._fix is None and abs(scenario.time.offset) > GRACE)
        )

    def _knows_the_time(self) -> bool:
        return abs((self.scenario.clock.now() - moment(self.scenario.time.true)).total_seconds()) < GRACE

    def _left_on_file(self, role: str) -> float:
        """Seconds that the session on file is still good for."""
        ends = [each.expires_at for each in self.scenario.file.view.owned if each.profile == f"{role}-session"]
        return (ends[0] - moment(self.scenario.time.true)).total_seconds() if ends and ends[0] else 0.0

    def _kept(self, name: str, now) -> bool:
        until = self.keep.get(name)
        return name in self.keep and (until is None or until > now)

    def _wanted(self, name: str, now) -> bool:
        return self.chosen == name or self._kept(name, now)
