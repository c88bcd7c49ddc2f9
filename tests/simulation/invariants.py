"""What must hold at every step of a simulated scenario, judged from outside by true time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.simulation.records import DENIED_WAIT, GRACE, TOGETHER, Records
from tests.simulation.world import moment
from traycreds.core.events import (
    Notify,
)
from traycreds.core.model import DEFAULT_PROFILE, Batch, StoreView
from traycreds.core.snapshot import Status
from traycreds.lifecycle import policy, presentation

if TYPE_CHECKING:
    pass


class Invariants(Records):
    """Compares what the program does with what the user wished and what was possible."""

    def written(self, before: StoreView, after: StoreView, batch: Batch) -> None:
        """A working session is never replaced by a worse one, nor removed while it is wanted."""
        assert before.foreign == after.foreign, "a profile that is not ours was touched"
        now, clock = moment(self.scenario.time.true), self.scenario.clock.now()
        later = {each.profile: each for each in after.owned}
        for old in before.owned:
            if old.expires_at is None or old.expires_at <= now:
                continue
            new = later.get(old.profile)
            if old.profile == DEFAULT_PROFILE and (new is None or self.chosen is None):
                # The user took the choice back.
                continue
            if new is None:
                session = self.scenario.engine and self.scenario.engine._state.session(old.role)
                assert not (session and self._wanted(old.role, clock)), f"{old.profile} was removed while it worked"
            elif new.role == old.role:
                # `default` follows its role, whose own session someone may have removed.
                own = later.get(f"{new.role}-session") if old.profile == DEFAULT_PROFILE else None
                copied = own is not None and own.expires_at == new.expires_at
                assert copied or new.expires_at >= old.expires_at, f"{old.profile} was replaced by a worse session"

    def noticed(self, notice: Notify) -> None:
        """Each notice once, and none in the first minute after waking, nor behind a lock that makes it rest."""
        scenario = self.scenario
        begun = scenario.notice_begun
        # By AWS's clock, of which the first answer after waking may tell that it is another than was thought.
        moved = abs((scenario.clock.skew() - self.skew_asleep).total_seconds())
        back = max(self.slept_at, self.unlocked_at)
        assert not 0 < begun - back < GRACE - 1 - moved, f"told {begun - back:.0f} s after waking: {notice}"
        assert self.locked_at is None or begun <= self.locked_at, f"told behind the lock: {notice}"
        scenario.log.append(
            f"{moment(scenario.time.true):%d %H:%M:%S} NOTICE {notice.key}: {notice.title}. {notice.body}"
        )
        state = scenario.engine._state
        # The notice comes once for each end, whatever sessions come and go before it.
        keeping = notice.key.startswith("keeping")
        about = tuple(
            (
                s.role.name,
                s.keep_until if keeping else s.expires_at,
                # What passes by itself is one thing for as long as it lasts; what needs the user may come again.
                s.failure.first_at if s.failure and s.failure.kind not in policy.PASSING else None,
                sum(at <= begun for at in self.asked_at.get(s.role.name, ())),
            )
            for s in state.sessions
            if s.role.name in notice.title or s.role.name in notice.body
        )
        if notice.key.startswith(("failing", "ending", "keeping")):
            mark = (notice.key, notice.body, about)
            assert mark not in self.output, f"said twice: {notice}"
            self.output[mark] = notice.title
        self.alarmed.update(notice.roles)
        if notice.key == "recovered":
            # The title only counts the roles that it does not name.
            counted = " more are " in notice.title
            well = {s.role.name for s in state.sessions if counted and s.failure is None}
            self.alarmed -= {name for name in self.alarmed if name in notice.title or name in well}
        self.announced_ends.update(
            (s.role.name, s.expires_at)
            for s in state.sessions
            if s.role.name in notice.title + notice.body or s.role.name in notice.roles
        )

    def check(self, *, only_note: bool = False) -> None:
        """After each turn of the engine."""
        scenario = self.scenario
        clock = scenario.clock.now()
        if scenario.engine is not None:
            for name in [name for name in self.keep if not self._kept(name, clock)]:
                del self.keep[name]
        span, self.checked_at = scenario.time.awake - self.checked_at, scenario.time.awake
        on_file = {each.profile: each for each in scenario.file.view.owned}
        now = moment(scenario.time.true)
        for role in scenario.roles:
            troubled = self._troubled(role)
            if troubled:
                self._explain(role.name, DENIED_WAIT if scenario.aws.fault_of(role.name) == "denied" else 0.0)
                self.failing_seconds[role.name] += span
            if not self._wanted(role.name, clock) or self.paused or self.locked_at is not None:
                self._explain(role.name, 0.0)
                continue
            self.wanted_seconds[role.name] += span
            if only_note or scenario.engine is None:
                continue
            mine = on_file.get(role.profile)
            dead = mine is None or mine.expires_at is None or mine.expires_at <= now
            if dead:
                gap = scenario.time.awake - self.bad_until.get(role.name, 0.0)
                assert gap <= self.grace, (
                    f"{role.name} has been without a valid session for {gap:.0f} s without a cause"
                )
            else:
                ended = scenario.time.awake + (mine.expires_at - now).total_seconds()
                if not troubled and ended > scenario.time.awake:
                    self.bad_until[role.name] = max(self.bad_until.get(role.name, 0.0), scenario.time.awake - GRACE)
        if not only_note and scenario.engine is not None:
            self._check_state(clock)

    def _check_state(self, clock) -> None:
        scenario = self.scenario
        state = scenario.engine._state
        if state.quiet_until != self.quiet_until:
            self.quiet_until, self.woke_at = state.quiet_until, scenario.time.awake
        if scenario.engine._inbox.empty():
            for session in state.sessions:
                name = session.role.name
                until, kept = self.keep.get(name), self._kept(name, clock)
                near = until is not None and abs((until - clock).total_seconds()) < 1
                assert near or session.keep == kept, f"{name}: kept is {session.keep}, but the user wished {kept}"
            assert state.chosen == self.chosen or not state.file_known, f"{state.chosen} is default, not {self.chosen}"
        self._check_needs(state, clock)
        self._check_recoveries(state, clock)

    def _count(self) -> None:
        """At most one and a half times as many calls as sessions that follow one another without a gap would take."""
        scenario = self.scenario
        for name, calls in self.calls.items():
            successes = sum(role == name for role, _ in scenario.aws.issued)
            most = 1.5 * self.wanted_seconds[name] / min(self.lifetimes[name]) + 2 + self.allowed[name]
            assert successes <= most, f"{name}: {successes} sessions, though {most:.1f} are enough"
            most = successes + self.failing_seconds[name] / 18 + 2 * self.allowed[name] + 6
            assert calls <= most, f"{name}: {calls} calls, though {most:.1f} are enough"

    def _check_needs(self, state, now) -> None:
        """Who must act for a session to continue learned so before it ended, when it was known a minute before."""
        scenario = self.scenario
        for session in state.sessions:
            name = session.role.name
            needs = session.failure is not None and session.failure.retry_at is None and not session.drop
            if not needs or session.expires_at is None or self.locked_at is not None:
                self.needs.pop(name, None)
                continue
            known = self.needs.setdefault(name, scenario.time.awake)
            left = (session.expires_at - now).total_seconds()
            if left <= 0 and scenario.time.awake - max(known, self.woke_at + GRACE) > GRACE - left:
                announced = session.announced is not None
                announced &= (name, session.expires_at) in self.announced_ends or scenario.time.awake < self.hung_until
                assert announced, f"{name} ended, and no notice said that it needs a person"

    def _check_recoveries(self, state, now) -> None:
        """Who learned that a role fails learns that it is well again, for a while together with others that are not."""
        awake = self.scenario.time.awake

        def well(session) -> bool:
            holds = session.failure is None and session.unwritten is None and session.role.name not in state.calls
            return holds and session.expires_at is not None and session.expires_at > now

        ill = any(not well(each) and (each.failure or each.role.name in self.alarmed) for each in state.sessions)
        for session in state.sessions:
            name = session.role.name
            if name not in self.alarmed or not well(session) or not self._wanted(name, now) or state.muted(now):
                self.well.pop(name, None)
            elif awake >= self.hung_until:
                first, since = self.well.setdefault(name, (awake, awake))
                if ill and awake - first < TOGETHER:
                    since = awake
                    self.well[name] = first, since
                assert awake - since < GRACE, f"{name} is well again, and no notice said so"

    def end(self) -> None:
        """After a calm while all is well."""
        scenario = self.scenario
        self._count()
        view = {each.profile: each for each in scenario.file.view.owned}
        now = moment(scenario.time.true)
        for role in scenario.roles:
            mine = view.get(role.profile)
            if self._wanted(role.name, scenario.clock.now()):
                assert mine is not None, f"{role.name} is not on file"
                assert mine.expires_at > now + timedelta(minutes=4), f"{role.name} is not fresh"
            elif mine is not None:
                assert role.name not in self.dropped, f"{role.name} was dropped and is still on file"
                assert mine.expires_at > now - timedelta(minutes=1), f"{role.name} ended and is still on file"
        assert self.chosen is not None or DEFAULT_PROFILE not in view, "no default profile is wanted"
        if self.chosen is not None:
            default = view.get(DEFAULT_PROFILE)
            chosen = view[f"{self.chosen}-session"]
            assert default is not None, "there is no default profile"
            assert (default.role, default.expires_at) == (chosen.role, chosen.expires_at), "default is an old one"
        shown = presentation.snapshot(scenario.clock.now(), scenario.engine._state)
        assert shown.overall not in {Status.EXPIRED, Status.FAILED}, shown
        assert "[base]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n" in scenario.file.text
