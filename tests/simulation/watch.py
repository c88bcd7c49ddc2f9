"""What must hold at every step of a simulated life, judged from outside by true time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.simulation.world import SIGNATURE_WINDOW, Fault, moment
from traycreds.core import policy, views
from traycreds.core.messages import (
    ConfigChanged,
    Event,
    Locked,
    Notify,
    Paused,
    RefreshAsked,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
)
from traycreds.core.model import DEFAULT_PROFILE, Batch, StoreView
from traycreds.core.shown import Status

if TYPE_CHECKING:
    from tests.simulation.life import Life

QUIET_AFTER = 90.0
"""Seconds asleep that the engine cannot miss."""
GRACE = 60.0
"""Seconds that a session may be expired beyond what a fault explains."""
TOGETHER = 600.0
"""How long a role that is well again may wait to be told of with others that are not."""
DENIED_WAIT = 600.0
"""What the README grants for a refusal that is taken back: policy's longest wait for DENIED."""


class Watch:
    """Keeps its own books of what the user wished and what was possible, and compares."""

    def __init__(self, life: Life) -> None:
        self.life = life
        crowd = max(0, len(life.roles) - life.settings.max_in_flight)  # these may have to wait for calls that hang
        self.grace = GRACE + crowd * life.settings.call_deadline.total_seconds()
        self.keep = {}  # role -> until (aware, by AWS's clock) or None: what the user wished
        self.chosen = None
        self.paused = False
        self.locked_at = None  # awake moment from which on the lock makes it rest
        self.bad_until: dict[str, float] = {}  # role -> awake moment up to which something explains a gap
        self.taken: set[str] = set()
        self.flying: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.allowed: Counter[str] = Counter()
        self.wanted_seconds: Counter[str] = Counter()
        self.failing_seconds: Counter[str] = Counter()
        self.looked_at = 0.0
        self.said: dict[object, str] = {}
        self.said_of: set[tuple[str, object]] = set()  # roles and the end of the session that something was said of
        self.hung_until = -1e9  # awake moment up to which notices may have been late
        self.words: set[str] = set()  # roles of which the user wants something that may take a call
        self.needs: dict[str, float] = {}
        self.alarmed: set[str] = set()  # roles that were told to fail, and not yet to be well again
        self.well: dict[str, tuple[float, float]] = {}  # those well again: since when, and since when all others are
        self.woke_at = self.slept_at = self.unlocked_at = -1e9
        self.dropped: set[str] = set()  # roles whose section the user wants gone, and nothing of since
        self.quiet_until = None
        self.skew_asleep = timedelta(0)
        self.asked_at: dict[str | None, list[float]] = {}
        self.first = True
        self.lifetimes = {role.name: {role.duration.total_seconds()} for role in life.roles}

    # books

    def begun(self) -> None:
        """The process began; it must know by itself what the user wished before."""
        self.disturbed()
        self.said.clear()
        self.said_of.clear()
        self.alarmed.clear()
        self.paused = False
        self.locked_at = None
        self.slept_at = self.unlocked_at = -1e9  # a new process cannot know
        self.dropped.clear()
        if self.first:
            self.first = False
            self.keep = {role.name: None for role in self.life.roles if role.keep}
        default = next((each.role for each in self.life.file.view.owned if each.profile == DEFAULT_PROFILE), None)
        if self.chosen is None:  # what the user took back, and could not be written before the end, counts again
            self.chosen = default
        for role in self.life.roles:
            before = self.life.choices.keeping.get(role.name)
            self.lifetimes[role.name].add(role.duration.total_seconds())
            if before is not None and before.configured != role.keep:  # the configuration was edited meanwhile
                self.keep.pop(role.name, None)
                if role.keep:
                    self.keep[role.name] = None

    def killed(self) -> None:
        self.flying.clear()
        self.needs.clear()

    def wished(self, event: Event) -> None:
        match event:
            case RefreshAsked(names):
                self.words.update(names or (role.name for role in self.life.roles))
                # A role that nobody wants is forgotten after a while, and told anew when it is refreshed again.
                for name in names:
                    if not self._wanted(name, self.life.clock.now()):
                        self._asked(name)
            case RoleChosen(name):
                self._answered_anew(self.chosen, name)
                self.chosen = name
            case RoleSwitched(name, on, until):
                self._answered_anew(name)
                self.keep.pop(name, None)
                if on:
                    self.keep[name] = until
            case RoleDropped(name):
                self._answered_anew(name)
                self.keep.pop(name, None)
                self.dropped.add(name)
                if self.chosen == name:
                    self.chosen = None
            case Paused(on):
                self.paused = on
                self.disturbed()
            case Locked(on):
                rests = on and self.life.settings.pause_when_locked
                if self.locked_at is not None and not rests:
                    self.unlocked_at, self.skew_asleep = self.life.time.awake, self.life.clock.skew()
                self.locked_at = self.life.time.awake if rests else None
            case ConfigChanged(roles=roles):
                old = {s.role.name: s.role.keep for s in self.life.engine._state.sessions}
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

    def _answered_anew(self, *names: str | None) -> None:
        """The user asks something of roles: how they stand may be said again."""
        for name in names:
            self.alarmed.discard(name)
            self.words.add(name)
            self._asked(name)

    def _asked(self, name: str | None) -> None:
        self.asked_at.setdefault(name, []).append(self.life.time.awake)

    def disturbed(self) -> None:
        """Something happened that may cost each role one more call, and a moment."""
        for role in self.life.roles:
            self.allowed[role.name] += 1
            self._explain(role.name, 0.0)

    def woke(self, slept: float) -> None:
        self.slept_at -= slept  # the quiet minute passes asleep as well
        self.unlocked_at -= slept
        if slept > QUIET_AFTER:
            self.slept_at = self.life.time.awake
            self.skew_asleep = self.life.clock.skew()
        self.woke_at = self.life.time.awake
        self.needs.clear()
        self.disturbed()

    def fault_ended(self, fault: Fault) -> None:
        for role in self.life.roles:
            if fault.meets(role.name):
                self._explain(role.name, DENIED_WAIT if fault.kind == "denied" else 0.0)
                self.allowed[role.name] += 4

    def file_quick(self) -> None:
        self.disturbed()
        for role in self.life.roles:
            self._explain(role.name, 50.0)  # a look or write that had begun hangs on

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
        if not asked and self.life.engine._state.session(role).failure is None and self._knows_the_time():
            half = max(self.lifetimes[role]) / 2
            assert self._left_on_file(role) < half + GRACE, f"{role} was renewed though its session is fresh"
        assert len(self.life.engine._aws._running) <= self.life.settings.max_in_flight, "too many calls in flight"

    def answered(self, role: str) -> None:
        self.flying[role] -= 1

    def _explain(self, role: str, seconds: float) -> None:
        self.bad_until[role] = max(self.bad_until.get(role, 0.0), self.life.time.awake + seconds)

    def _troubled(self, role) -> bool:
        """Whether something is in the way of renewing this role now."""
        life = self.life
        return (
            life.engine is None
            or life.aws.fault_of(role.name) is not None
            or life.file.full
            or life._file_hangs
            or role.profile in self.taken
            or abs(life.time.offset) > SIGNATURE_WINDOW
            or (life.clock._fix is None and abs(life.time.offset) > GRACE)  # no answer yet that tells of the skew
        )

    def _knows_the_time(self) -> bool:
        return abs((self.life.clock.now() - moment(self.life.time.true)).total_seconds()) < GRACE

    def _left_on_file(self, role: str) -> float:
        """Seconds that the session on file is still good for."""
        ends = [each.expires_at for each in self.life.file.view.owned if each.profile == f"{role}-session"]
        return (ends[0] - moment(self.life.time.true)).total_seconds() if ends and ends[0] else 0.0

    def _kept(self, name: str, now) -> bool:
        until = self.keep.get(name)
        return name in self.keep and (until is None or until > now)

    def _wanted(self, name: str, now) -> bool:
        return self.chosen == name or self._kept(name, now)

    # invariants

    def written(self, before: StoreView, after: StoreView, batch: Batch) -> None:
        """A working session is never replaced by a worse one, nor removed while it is wanted."""
        assert before.foreign == after.foreign, "a profile that is not ours was touched"
        now, clock = moment(self.life.time.true), self.life.clock.now()
        later = {each.profile: each for each in after.owned}
        for old in before.owned:
            if old.expires_at is None or old.expires_at <= now:
                continue
            new = later.get(old.profile)
            if old.profile == DEFAULT_PROFILE and (new is None or self.chosen is None):
                continue  # the choice was taken back
            if new is None:
                session = self.life.engine and self.life.engine._state.session(old.role)
                assert not (session and self._wanted(old.role, clock)), f"{old.profile} was removed while it worked"
            elif new.role == old.role:
                # `default` follows its role, whose own session somebody may have removed.
                own = later.get(f"{new.role}-session") if old.profile == DEFAULT_PROFILE else None
                copied = own is not None and own.expires_at == new.expires_at
                assert copied or new.expires_at >= old.expires_at, f"{old.profile} was replaced by a worse session"

    def noticed(self, notice: Notify) -> None:
        """Each notice once, and none in the first minute after waking, nor behind a lock that makes it rest."""
        life = self.life
        begun = life.notice_begun
        # By AWS's clock, of which the first answer after waking may tell that it is another than was thought.
        moved = abs((life.clock.skew() - self.skew_asleep).total_seconds())
        back = max(self.slept_at, self.unlocked_at)
        assert not 0 < begun - back < GRACE - 1 - moved, f"told {begun - back:.0f} s after waking: {notice}"
        assert self.locked_at is None or begun <= self.locked_at, f"told behind the lock: {notice}"
        life.told.append(f"{moment(life.time.true):%d %H:%M:%S} NOTICE {notice.key}: {notice.title}. {notice.body}")
        state = life.engine._state
        keeping = notice.key.startswith("keeping")  # once for each end, whatever sessions come and go before it
        about = tuple(
            (
                s.role.name,
                s.keep_until if keeping else s.expires_at,
                # What passes by itself is one thing for as long as it lasts; what needs the user may come anew.
                s.failure.first_at if s.failure and s.failure.kind not in policy.PASSING else None,
                sum(at <= begun for at in self.asked_at.get(s.role.name, ())),
            )
            for s in state.sessions
            if s.role.name in notice.title or s.role.name in notice.body
        )
        if notice.key.startswith(("failing", "ending", "keeping")):
            mark = (notice.key, notice.body, about)
            assert mark not in self.said, f"said twice: {notice}"
            self.said[mark] = notice.title
        self.alarmed.update(notice.roles)
        if notice.key == "recovered":
            counted = " more are " in notice.title  # beside those that it names
            well = {s.role.name for s in state.sessions if counted and s.failure is None}
            self.alarmed -= {name for name in self.alarmed if name in notice.title or name in well}
        self.said_of.update(
            (s.role.name, s.expires_at)
            for s in state.sessions
            if s.role.name in notice.title + notice.body or s.role.name in notice.roles
        )

    def look(self, *, only_note: bool = False) -> None:
        """After each turn of the engine."""
        life = self.life
        clock = life.clock.now()
        if life.engine is not None:
            for name in [name for name in self.keep if not self._kept(name, clock)]:
                del self.keep[name]
        span, self.looked_at = life.time.awake - self.looked_at, life.time.awake
        on_file = {each.profile: each for each in life.file.view.owned}
        now = moment(life.time.true)
        for role in life.roles:
            troubled = self._troubled(role)
            if troubled:
                self._explain(role.name, DENIED_WAIT if life.aws.fault_of(role.name) == "denied" else 0.0)
                self.failing_seconds[role.name] += span
            if not self._wanted(role.name, clock) or self.paused or self.locked_at is not None:
                self._explain(role.name, 0.0)
                continue
            self.wanted_seconds[role.name] += span
            if only_note or life.engine is None:
                continue
            mine = on_file.get(role.profile)
            dead = mine is None or mine.expires_at is None or mine.expires_at <= now
            if dead:
                gap = life.time.awake - self.bad_until.get(role.name, 0.0)
                assert gap <= self.grace, f"{role.name} has had no valid session for {gap:.0f} s without a cause"
            else:
                ended = life.time.awake + (mine.expires_at - now).total_seconds()
                if not troubled and ended > life.time.awake:
                    self.bad_until[role.name] = max(self.bad_until.get(role.name, 0.0), life.time.awake - GRACE)
        if not only_note and life.engine is not None:
            self._look_at_state(clock)

    def _look_at_state(self, clock) -> None:
        life = self.life
        state = life.engine._state
        if state.quiet_until != self.quiet_until:
            self.quiet_until, self.woke_at = state.quiet_until, life.time.awake
        if life.engine._inbox.empty():
            for session in state.sessions:
                name = session.role.name
                until, kept = self.keep.get(name), self._kept(name, clock)
                near = until is not None and abs((until - clock).total_seconds()) < 1
                assert near or session.keep == kept, f"{name}: kept is {session.keep}, but the user wished {kept}"
            assert state.chosen == self.chosen or not state.file_known, f"{state.chosen} is default, not {self.chosen}"
        self._look_at_needs(state, clock)
        self._look_at_recoveries(state, clock)

    def _count(self) -> None:
        """No more calls than half as many again as sessions that follow one another without a gap would take."""
        life = self.life
        for name, calls in self.calls.items():
            successes = sum(role == name for role, _ in life.aws.issued)
            most = 1.5 * self.wanted_seconds[name] / min(self.lifetimes[name]) + 2 + self.allowed[name]
            assert successes <= most, f"{name}: {successes} sessions, though {most:.1f} are enough"
            most = successes + self.failing_seconds[name] / 18 + 2 * self.allowed[name] + 6
            assert calls <= most, f"{name}: {calls} calls, though {most:.1f} are enough"

    def _look_at_needs(self, state, now) -> None:
        """Who must act for a session to go on was told so before it ended, when it was known a minute before."""
        life = self.life
        for session in state.sessions:
            name = session.role.name
            needs = session.failure is not None and session.failure.retry_at is None and not session.drop
            if not needs or session.expires_at is None or self.locked_at is not None:
                self.needs.pop(name, None)
                continue
            known = self.needs.setdefault(name, life.time.awake)
            left = (session.expires_at - now).total_seconds()
            if left <= 0 and life.time.awake - max(known, self.woke_at + GRACE) > GRACE - left:
                told = session.told is not None
                told &= (name, session.expires_at) in self.said_of or life.time.awake < self.hung_until
                assert told, f"{name} ended, and nobody was told that it needs a person"

    def _look_at_recoveries(self, state, now) -> None:
        """Who was told that a role fails is told that it is well again, for a while together with others that are not."""
        awake = self.life.time.awake

        def well(session) -> bool:
            settled = session.failure is None and session.unwritten is None and session.role.name not in state.calls
            return settled and session.expires_at is not None and session.expires_at > now

        ill = any(not well(each) and (each.failure or each.role.name in self.alarmed) for each in state.sessions)
        for session in state.sessions:
            name = session.role.name
            if name not in self.alarmed or not well(session) or not self._wanted(name, now) or state.hushed(now):
                self.well.pop(name, None)
            elif awake >= self.hung_until:
                first, since = self.well.setdefault(name, (awake, awake))
                if ill and awake - first < TOGETHER:
                    self.well[name] = first, awake
                assert awake - since < GRACE, f"{name} is well again, and nobody was told"

    def end(self) -> None:
        """After a calm while all is well."""
        life = self.life
        self._count()
        view = {each.profile: each for each in life.file.view.owned}
        now = moment(life.time.true)
        for role in life.roles:
            mine = view.get(role.profile)
            if self._wanted(role.name, life.clock.now()):
                assert mine is not None, f"{role.name} is not on file"
                assert mine.expires_at > now + timedelta(minutes=4), f"{role.name} is not fresh"
            elif mine is not None:
                assert role.name not in self.dropped, f"{role.name} was dropped and is still on file"
                assert mine.expires_at > now - timedelta(minutes=1), f"{role.name} ended and is still on file"
        assert self.chosen is not None or DEFAULT_PROFILE not in view, "nobody wants a default profile any more"
        if self.chosen is not None:
            default = view.get(DEFAULT_PROFILE)
            chosen = view[f"{self.chosen}-session"]
            assert default is not None, "there is no default profile"
            assert (default.role, default.expires_at) == (chosen.role, chosen.expires_at), "default is an old one"
        shown = views.snapshot(life.clock.now(), life.engine._state)
        assert shown.overall not in {Status.EXPIRED, Status.FAILED}, shown
        assert "[base]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n" in life.file.text
