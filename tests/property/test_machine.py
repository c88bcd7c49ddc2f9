"""The core as a hypothesis state machine: a small world answers the plan's actions, well or badly, in any order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.support.builders import NOW, SECRET, TOKEN, a_role, credentials
from traycreds.core.engine_state import State
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    ClockSeen,
    ConfigChanged,
    FileChangedOutside,
    Issue,
    Issued,
    IssueFailed,
    Locked,
    NetworkChanged,
    Notify,
    Paused,
    RefreshAsked,
    Resumed,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
    Write,
    WriteFailed,
    Written,
)
from traycreds.core.model import DEFAULT_PROFILE, OwnedProfile, Refusal, Settings, StoreView, WriteReport
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import due_sessions, policy, presentation
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.due_sessions import wanted
from traycreds.lifecycle.plan import Plan, plan

NAMES = ("dev", "prod", "audit", "ops")
names = st.sampled_from(NAMES)
NEWS = (FileChangedOutside, Written, WriteFailed, Resumed, Locked, NetworkChanged, ClockSeen)
"""What may end a cause that stood in the way, or show that what was done is undone."""
WAITS = (FailureKind.THROTTLED, FailureKind.ANSWER, FailureKind.DENIED, FailureKind.UNEXPECTED)
"""Kinds that no news makes worth a call before its time."""
TURN = timedelta(seconds=90)
"""The longest that a call waits for its turn, here."""
QUICKEST = timedelta(seconds=4)
"""The first wait of a timer for a network, at the shortest."""


class Pace:
    """When the calls of each role began, by a clock that is never set, and what may bring on the next before its time.

    Attributes:
        passed: the time by that clock.
    """

    def __init__(self):
        self.passed = timedelta(0)
        self._began = {}
        self._asked, self._news, self._postponed = set(), set(), set()
        self._unreached = {}
        self._waiting = {}
        self._early = {}

    def note(self, event, state):
        """Note what happens, before it is folded into the state."""
        match event:
            case RoleChosen(name=name) | RoleSwitched(name=name):
                self._asked.add(name)
            case RefreshAsked(names=some):
                self._asked.update(some or NAMES)
            case ConfigChanged(roles=roles):
                self._asked.update(role.name for role in roles if state.session(role.name) is None)
                # A role that is taken out and put back begins with no call.
                configured = {role.name for role in roles}
                self._early = {name: at for name, at in self._early.items() if name in configured}
            case Issued(role=role) | IssueFailed(role=role):
                self._unreached.pop(role.name, None)
                self._waiting[role.name] = isinstance(event, IssueFailed) and event.kind in WAITS
        match event:
            case IssueFailed(role=role, again_in=again_in) if again_in is not None:
                self._postponed.add(role.name)
            case IssueFailed(role=role, kind=FailureKind.NETWORK):
                self._unreached[role.name] = self.passed
        if isinstance(event, NEWS):
            self._news.update(NAMES)

    def call(self, name):
        """A call of a role begins: no more than one each MIN_INTERVAL, but for what is named here.

        - A person asks for it: chooses or keeps the role, refreshes it, configures it.
        - The try before it was none: it waits for the next code of its program.
        - The try before it failed as `network`: nothing was sent, or it was given up after a longer time than this.
        - News came since the try before it, for the first time in a while, and AWS had not refused it nor answered badly.
        """
        gap = self.passed - self._began.get(name, -timedelta(days=1))
        unreached = self.passed - self._unreached.get(name, self.passed)
        free = name in self._asked or name in self._postponed or unreached >= QUICKEST
        if gap < policy.MIN_INTERVAL and not free:
            assert name in self._news, f"two calls for {name} in {gap}, and nothing between them"
            assert not self._waiting.get(name), f"two calls for {name} in {gap}, and the first one was AWS's to end"
            apart = self.passed - self._early.get(name, -timedelta(days=1))
            assert apart >= policy.EARLY_CALL_INTERVAL, f"two early calls for {name} in {apart}"
            self._early[name] = self.passed
        self._began[name] = self.passed
        for causes in (self._asked, self._news, self._postponed):
            causes.discard(name)


def all_near(state):
    """The same state, of which a plan looks at every session closely."""
    # `due_sessions` knows nothing about the copies yet.
    same = state.map(replace)
    due_sessions.memo._known = {
        id(session): (session, (due_sessions.LONG_AGO, due_sessions.LONG_AGO)) for session in same.sessions
    }
    return same


class Machine(RuleBasedStateMachine):
    """The world: a file (`on_file`), calls and at most one write in progress, and time."""

    def __init__(self):
        super().__init__()
        self.now = NOW
        self.pace = Pace()
        self.state = State()
        self.calls = []
        self.write = None
        # This maps each profile to its `OwnedProfile`.
        self.on_file = {}
        self.foreign = set()
        self.output = []
        self.shown = None
        self.wake_at = None
        self.roles = tuple(a_role(name, keep=name == "dev") for name in NAMES)
        self.apply_event(ConfigChanged(self.roles, Settings(max_in_flight=2, pause_when_locked=True)))
        self.apply_event(self.seen())

    # The loop of the engine, without threads

    def apply_event(self, event):
        self.pace.note(event, self.state)
        self.state = apply(self.state, event)
        self.replan()

    def replan(self):
        outcome = plan(self.now, self.state)
        self.state, self.wake_at = outcome.state, outcome.wake_at
        for action in outcome.actions:
            match action:
                case Issue(role=role):
                    assert role.name not in {call.name for call in self.calls}, "two calls of one role"
                    self.pace.call(role.name)
                    self.calls.append(role)
                case Write(batch=batch):
                    assert self.write is None, "two writes at once"
                    self.write = batch
                case Notify():
                    self.output.append((self.now, action))

    def seen(self):
        return FileChangedOutside(self.view(), self.now)

    def view(self):
        return StoreView(owned=tuple(self.on_file.values()), foreign=tuple(sorted(self.foreign)))

    # What users and the world do

    @rule(name=names)
    def choose(self, name):
        self.apply_event(RoleChosen(name))

    @rule()
    def unchoose(self):
        self.apply_event(RoleChosen(None))

    @rule(name=names, on=st.booleans(), hours=st.none() | st.integers(1, 5))
    def switch(self, name, on, hours):
        self.apply_event(RoleSwitched(name, on, self.now + timedelta(hours=hours) if hours else None))

    @rule(name=names)
    def drop(self, name):
        self.apply_event(RoleDropped(name))

    @rule(some=st.lists(names, unique=True))
    def ask(self, some):
        self.apply_event(RefreshAsked(tuple(some)))

    @rule(on=st.booleans())
    def pause(self, on):
        self.apply_event(Paused(on))

    @rule(on=st.booleans())
    def lock(self, on):
        self.apply_event(Locked(on, self.now))

    @rule(names=st.lists(names, unique=True, min_size=1))
    def configure(self, names):
        self.apply_event(ConfigChanged(tuple(a_role(name, keep=name == "dev") for name in names), self.state.settings))
        self.apply_event(self.seen())

    @rule(seconds=st.integers(1, 40))
    def wait_a_little(self, seconds):
        self.pass_time(timedelta(seconds=seconds))

    @rule(minutes=st.integers(1, 200))
    def wait(self, minutes):
        self.pass_time(timedelta(minutes=minutes))

    @rule()
    def network(self):
        self.apply_event(NetworkChanged(self.now))

    @rule(hours=st.integers(-3, 72))
    def sleep_or_step(self, hours):
        self.now += timedelta(hours=hours)
        self.pace.passed += max(timedelta(hours=hours), timedelta(0))
        self.apply_event(Resumed(self.now))

    def pass_time(self, span):
        self.now += span
        self.pace.passed += span
        self.replan()

    @precondition(lambda self: self.calls)
    @rule(pick=st.integers(0, 9), minutes=st.sampled_from([15, 60, 720]))
    def answer(self, pick, minutes):
        role = self.calls.pop(pick % len(self.calls))
        self.apply_event(Issued(role, credentials(self.now + timedelta(minutes=minutes), n=pick), self.now))

    @precondition(lambda self: self.calls)
    @rule(pick=st.integers(0, 9), kind=st.sampled_from(FailureKind))
    def refuse(self, pick, kind):
        role = self.calls.pop(pick % len(self.calls))
        self.apply_event(IssueFailed(role, kind, f"It is {kind.value}.", "Do something.", self.now))

    @precondition(lambda self: self.write)
    @rule()
    def write_well(self):
        batch, self.write = self.write, None
        refused = []
        for item in batch.sets:
            if item.profile in self.foreign:
                refused.append(Refusal(profile=item.profile, sentence="It is not ours.", hint="Take it over."))
            else:
                self.on_file[item.profile] = OwnedProfile(
                    profile=item.profile, role=item.role, expires_at=item.credentials.expires_at
                )
        for profile in batch.removes:
            self.on_file.pop(profile, None)
        source = self.on_file.get(batch.copy_default_from)
        if batch.copy_default_from and DEFAULT_PROFILE in self.foreign:
            refused.append(Refusal(profile=DEFAULT_PROFILE, sentence="It is not ours.", hint="Take it over."))
        elif source:
            self.on_file[DEFAULT_PROFILE] = replace(source, profile=DEFAULT_PROFILE)
        self.apply_event(Written(batch, WriteReport(view=self.view(), refused=tuple(refused)), self.now))

    @precondition(lambda self: self.write)
    @rule()
    def write_badly(self):
        self.write = None
        self.apply_event(WriteFailed("The disk is full.", "Make room.", self.now))

    @rule(name=names, foreign=st.booleans())
    def someone_edits(self, name, foreign):
        for profile in (a_role(name).profile, DEFAULT_PROFILE):
            self.on_file.pop(profile, None)
            (self.foreign.add if foreign else self.foreign.discard)(profile)
        self.apply_event(self.seen())

    # What must hold at any moment

    @invariant()
    def bounded(self):
        assert len(self.state.calls) <= self.state.settings.max_in_flight
        assert self.state.calls == {call.name for call in self.calls}
        assert self.state.writing == (self.write is not None)

    @invariant()
    def planning_twice_gives_nothing(self):
        again = plan(self.now, self.state)
        assert again.actions == ()
        assert again.state == self.state

    @invariant()
    def reading_the_near_sessions_alone_changes_nothing(self):
        for later in (0, 1800):
            now = self.now + timedelta(seconds=later)
            few, whole = plan(now, self.state), plan(now, all_near(self.state))
            assert few == whole

    @invariant()
    def nothing_differs_before_the_next_plan(self):
        """The engine sleeps until then."""
        asleep = min(self.wake_at or self.now + policy.LONGEST_WAIT, self.now + policy.LONGEST_WAIT) - self.now
        for share in (0.5, 0.999):
            now = self.now + asleep * share
            assert plan(now, self.state) == Plan(state=self.state, actions=(), wake_at=self.wake_at)

    @invariant()
    def taking_over_what_was_shown_changes_nothing(self):
        shown = presentation.snapshot(self.now, self.state, self.shown)
        assert shown == presentation.snapshot(self.now, self.state)
        self.shown = self.state, shown

    @invariant()
    def no_secret_shows(self):
        shown = (
            repr(self.state) + repr(presentation.snapshot(self.now, self.state)) + repr(self.output) + repr(self.write)
        )
        assert SECRET not in shown
        assert TOKEN not in shown

    @invariant()
    def something_will_check_again(self):
        for session in self.state.sessions:
            if not wanted(session, self.state) or self.state.suspended:
                continue
            waits_for_a_person = session.failure is not None and session.failure.retry_at is None
            assert waits_for_a_person or self.wake_at is not None or self.calls or self.write or self.state.writing

    @invariant()
    def nothing_waits_longer_than_it_may(self):
        """Whatever the clock was when the wait began."""
        state = self.state
        waits = [(session.not_before, TURN) for session in state.sessions if session.asked]
        waits += [
            (failure.retry_at, (policy.waits(failure.kind) or (None, timedelta(0)))[1])
            for session in state.sessions
            if (failure := session.failure) is not None
        ]
        waits += [(state.gather_until, policy.GATHER), (state.quiet_until, policy.QUIET)]
        if state.write_failure is not None:
            waits.append((state.write_failure.retry_at, policy.LONGEST_WRITE_WAIT))
        assert all(until is None or until - self.now <= longest for until, longest in waits)

    def teardown(self):
        """Liveness: let the world answer well, then every wanted role is on file and fresh, and so is `default`."""
        self.foreign.clear()
        self.apply_event(Paused(False))
        self.apply_event(Locked(False, self.now))
        self.apply_event(RefreshAsked(tuple(s.role.name for s in self.state.sessions if s.failure)))
        self.apply_event(self.seen())
        for _ in range(60):
            while self.calls or self.write:
                if self.calls:
                    self.answer(0, 60)
                if self.write:
                    self.write_well()
            self.pass_time(timedelta(seconds=30))
        assert not self.calls
        assert not self.write
        for session in self.state.sessions:
            if wanted(session, self.state):
                mine = self.on_file[session.role.profile]
                assert mine.expires_at > self.now + timedelta(minutes=5)
                assert session.failure is None
            else:
                assert not session.drop
        chosen = next((s for s in self.state.sessions if s.role.name == self.state.chosen), None)
        default = self.on_file.get(DEFAULT_PROFILE)
        if chosen:
            assert default is not None
            assert default.expires_at == chosen.expires_at
        shown = presentation.snapshot(self.now, self.state)
        assert shown.overall in {Status.FRESH, Status.OFF}


SETTINGS = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    report_multiple_bugs=False,
    # No shrinking: it takes minutes here, and the seed in the report is enough to continue with.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
THOROUGH = settings(SETTINGS, max_examples=100 if settings.get_current_profile_name() != "thorough" else 1000)


class LongMachine(Machine):
    """The same, for longer."""


TestMachine = Machine.TestCase
TestMachine.settings = SETTINGS
TestLongMachine = LongMachine.TestCase
TestLongMachine.settings = THOROUGH
TestLongMachine.pytestmark = [pytest.mark.timeout(240), pytest.mark.thorough]
# Tracing for coverage makes the test several times slower.
TestMachine.pytestmark = [pytest.mark.timeout(240)]
