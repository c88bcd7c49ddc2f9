"""What the simulation found: calls and files that hang hold up nothing else, and nothing that they missed is lost."""

from __future__ import annotations

import queue
from datetime import timedelta

import pytest

from tests.support.builders import MINUTE, NOW, a_failure, a_role, a_session, a_state
from tests.support.fakes.clock import FakeClock
from tests.support.fakes.notifier import RecordingNotifier
from tests.support.fakes.source import ScriptedSource
from tests.support.fakes.store import MemoryStore
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.events import Issue, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import Settings
from traycreds.engine.file_jobs import FILE_SECONDS
from traycreds.engine.loop import Engine
from traycreds.lifecycle import request_result
from traycreds.lifecycle.plan import plan

SECOND = timedelta(seconds=1)


class HeldEngine:
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

    def run_all(self, *pools):
        for pool in pools:
            while self.begun(pool):
                self.run(pool)

    def begun(self, pool, about=""):
        return sum(job[0] == [pool, about] for job in self.jobs)


def test_a_role_whose_calls_hang_forever_holds_up_no_other():
    held = HeldEngine(a_session("drip"), a_session("dev"), settings=Settings(max_in_flight=1))
    for _ in range(300):
        for job in (("aws", "dev"), ("file", ""), ("notifier", "")):
            while held.begun(*job):
                held.run(*job)
        held.clock.advance(45 * SECOND)
        held.turn()
    assert held.begun("aws", "drip") == 16, "its threads are bounded"
    session = held.store.sessions["dev-session"][1]
    assert session.expires_at > held.clock.now()


def test_who_failed_longest_ago_goes_first_and_who_did_not_fail_before_all():
    """However often each failed: one that begins to hang must not come before one that has failed for hours."""
    hangs = a_session("hangs", failure=a_failure(last_at=NOW - 45 * SECOND, retry_at=NOW))
    failed = a_session("failed", failure=a_failure(attempts=99, last_at=NOW - MINUTE, retry_at=NOW))
    one = Settings(max_in_flight=1)
    assert plan(NOW, a_state(hangs, failed, settings=one)).actions[:1] == (Issue(a_role("failed")),)
    well = a_session("well", expires_in=3 * MINUTE)
    assert plan(NOW, a_state(hangs, failed, well, settings=one)).actions[:1] == (Issue(a_role("well")),)


def test_the_wait_after_a_failure_counts_from_the_begin_of_the_try():
    held = HeldEngine(a_session())
    held.source.fail(IssueError(FailureKind.NETWORK, "It is slow.", "Wait."))
    held.clock.advance(40 * SECOND)
    held.run("aws", "dev")
    failure = held.engine._state.session("dev").failure
    assert failure.first_at == NOW
    assert NOW + 4 * SECOND <= failure.retry_at <= NOW + 5 * SECOND
    held.turn()
    assert held.begun("aws", "dev") == 1, "traycreds retries at once"


@pytest.mark.parametrize(
    ("ask", "condition"),
    [
        (RefreshAsked(("dev",)), lambda now, state: request_result.refreshed(now, state, ("dev",)) or None),
        (RoleChosen("dev"), lambda now, state: request_result.used(now, state, "dev") or None),
        (RoleSwitched("dev", on=True), lambda now, state: request_result.kept(now, state, "dev") or None),
    ],
    ids=["refresh", "use", "keep"],
)
@pytest.mark.parametrize("in_progress", [False, True], ids=["idle", "a call is in progress"])
def test_what_was_asked_for_ends_with_the_first_call_that_began_after_it(ask, condition, in_progress):
    """The next try begins in the same turn in which a call that hung has failed."""
    held = HeldEngine(a_session(keep=in_progress))
    held.run_all("file")
    held.source.fail(IssueError(FailureKind.NETWORK, "It is slow.", "Wait."))
    held.engine.post(ask)
    future = held.engine.when(condition)
    held.turn()
    for _ in range(1 + in_progress):
        assert not future.done()
        held.clock.advance(40 * SECOND)
        held.run("aws", "dev")
        held.run_all("file", "notifier")
    assert future.done()
    if not isinstance(ask, RefreshAsked):
        assert str(future.exception()) == "dev: It is slow. Wait."


def test_a_try_cannot_have_begun_in_the_future():
    held = HeldEngine(a_session())
    held.source.fail(IssueError(FailureKind.CLOCK, "The clock is off.", "Set it."))
    held.clock.step(-60 * MINUTE)
    held.run("aws", "dev")
    assert held.engine._state.session("dev").failure.first_at == held.clock.now()


def test_what_only_a_late_check_found_is_checked_again():
    held = HeldEngine(a_session(keep=False), file_known=True)
    assert held.begun("file") == 1
    held.clock.advance(timedelta(seconds=FILE_SECONDS))
    held.turn()
    assert held.engine.snapshot.trouble is not None
    held.jobs.reverse()
    held.run("notifier")
    # The second check is quick, so all is well.
    held.run("file")
    assert held.engine.snapshot.trouble is None
    # This takes the notice about it back.
    held.run("notifier")
    held.store.edit_outside(foreign=["mine"])
    # The first check ends late and takes the change.
    held.run("file")
    assert not held.store.changed()
    held.clock.advance(30 * SECOND)
    held.turn()
    reads = held.store._changed
    held.store._changed = None
    held.run("file")
    assert held.store._changed is False, "it read, though the time stamps said that there was nothing to read"
    assert reads is False


class NewInbox:
    """Like a SimpleQueue of Python 3.10: a first wait for next to no time may have no end."""

    def __init__(self):
        self.was_empty = False

    def get_nowait(self):
        self.was_empty = True
        raise queue.Empty

    def get(self, *, timeout):
        assert self.was_empty, "it may wait forever"
        raise queue.Empty


@pytest.mark.parametrize("timeout", [0, 1e-6])
def test_an_engine_that_has_no_time_to_wait_waits_for_none(timeout):
    engine = HeldEngine().engine
    engine._inbox = NewInbox()
    assert engine._receive(timeout) == []
