"""What the simulation found: calls and files that hang hold up nothing else, and nothing that they missed is lost."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import MINUTE, NOW, a_failure, a_role, a_session, a_state
from tests.fakes.clock import FakeClock
from tests.fakes.notifier import RecordingNotifier
from tests.fakes.source import ScriptedSource
from tests.fakes.store import MemoryStore
from traycreds.core.decide import plan
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.messages import Issue
from traycreds.core.model import Settings
from traycreds.engine.engine import Engine
from traycreds.engine.jobs import FILE_SECONDS

SECOND = timedelta(seconds=1)


class Rig:
    """An engine whose jobs run when the test lets them."""

    def __init__(self, *sessions, **changes):
        self.clock = FakeClock(NOW)
        self.source = ScriptedSource(now=self.clock.now)
        self.store = MemoryStore(now=self.clock.now)
        self.jobs = []
        self.engine = Engine(
            clock=self.clock,
            source=self.source,
            store=self.store,
            notifier=RecordingNotifier(),
            state=a_state(*sessions, **changes),
            spawn=lambda name, run: self.jobs.append((name.split(" ")[:2], run)),
        )
        self.turn()

    def turn(self):
        self.engine.turn(self.engine._receive(0))

    def run(self, pool, about=""):
        """Let the oldest job of a pool run to its end."""
        job = next(job for job in self.jobs if job[0] == [pool, about])
        self.jobs.remove(job)
        job[1]()
        self.turn()

    def begun(self, pool, about=""):
        return sum(job[0] == [pool, about] for job in self.jobs)


def test_a_role_whose_calls_hang_for_ever_holds_up_no_other():
    rig = Rig(a_session("drip"), a_session("dev"), settings=Settings(max_in_flight=1))
    for _ in range(300):
        for job in (("aws", "dev"), ("file", ""), ("notifier", "")):
            while rig.begun(*job):
                rig.run(*job)
        rig.clock.advance(45 * SECOND)
        rig.turn()
    assert rig.begun("aws", "drip") == 16, "its threads are bounded"
    session = rig.store.sessions["dev-session"][1]
    assert session.expires_at > rig.clock.now()


def test_who_failed_longest_ago_goes_first_and_who_did_not_fail_before_all():
    """However often each failed: one that begins to hang must not come before one that has failed for hours."""
    hangs = a_session("hangs", failure=a_failure(last_at=NOW - 45 * SECOND, retry_at=NOW))
    failed = a_session("failed", failure=a_failure(attempts=99, last_at=NOW - MINUTE, retry_at=NOW))
    one = Settings(max_in_flight=1)
    assert plan(NOW, a_state(hangs, failed, settings=one)).actions[:1] == (Issue(a_role("failed")),)
    well = a_session("well", expires_in=3 * MINUTE)
    assert plan(NOW, a_state(hangs, failed, well, settings=one)).actions[:1] == (Issue(a_role("well")),)


def test_the_wait_after_a_failure_counts_from_the_begin_of_the_try():
    rig = Rig(a_session())
    rig.source.fail(IssueError(FailureKind.NETWORK, "It is slow.", "Wait."))
    rig.clock.advance(40 * SECOND)
    rig.run("aws", "dev")
    failure = rig.engine._state.session("dev").failure
    assert failure.first_at == NOW
    assert NOW + 4 * SECOND <= failure.retry_at <= NOW + 5 * SECOND
    rig.turn()
    assert rig.begun("aws", "dev") == 1, "it is tried again at once"


def test_a_try_cannot_have_begun_in_the_future():
    rig = Rig(a_session())
    rig.source.fail(IssueError(FailureKind.CLOCK, "The clock is off.", "Set it."))
    rig.clock.step(-60 * MINUTE)
    rig.run("aws", "dev")
    assert rig.engine._state.session("dev").failure.first_at == rig.clock.now()


def test_what_only_a_late_look_saw_is_looked_at_again():
    rig = Rig(a_session(keep=False), file_known=True)
    assert rig.begun("file") == 1
    rig.clock.advance(timedelta(seconds=FILE_SECONDS))
    rig.turn()
    assert rig.engine.snapshot.trouble is not None
    rig.jobs.reverse()
    rig.run("notifier")
    rig.run("file")  # the second look, quick: all is well
    assert rig.engine.snapshot.trouble is None
    rig.store.edit_outside(foreign=["mine"])
    rig.run("file")  # the first one, late, which takes the change
    assert not rig.store.changed()
    rig.clock.advance(30 * SECOND)
    rig.turn()
    reads = rig.store._changed
    rig.store._changed = None
    rig.run("file")
    assert rig.store._changed is False, "it read, though the time stamps said that there was nothing to read"
    assert reads is False
