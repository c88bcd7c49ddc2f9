"""Jobs beside the loop: every way that one can end becomes one result, and none can pile up."""

from __future__ import annotations

import queue
import threading

import pytest

from traycreds.engine.workers import Job, Workers
from traycreds.process.bounded_call import daemon

# A thread answers within these real seconds. A test that gets its answer earlier ends at once.
SOON = 30


class World:
    """A pool with a clock that the test moves, and the results that its threads delivered."""

    def __init__(self, limit=1, spawn=daemon):
        self.now = 100.0
        self.done = queue.SimpleQueue()
        self.pool = Workers("test", limit, monotonic=lambda: self.now, deliver=self.done.put, spawn=spawn)

    def take_one(self):
        return self.pool.take_result(self.done.get(timeout=SOON))


class Gate:
    """A job that has begun when `begun` is set and ends when `let` is."""

    def __init__(self, result="late"):
        self.begun, self.let, self.result = threading.Event(), threading.Event(), result

    def __call__(self):
        self.begun.set()
        assert self.let.wait(SOON)
        return self.result


@pytest.fixture
def gates():
    """Makes gates, and opens them all at the end, so that no thread outlives its test."""
    made = []

    def make(result="late"):
        made.append(Gate(result))
        return made[-1]

    yield make
    for gate in made:
        gate.let.set()


def a_job(work, seconds=10.0):
    return Job(work=work, failed=lambda error: f"failed: {error}", overdue=lambda: "overdue", seconds=seconds)


def test_a_job_runs_in_a_daemon_thread_named_after_its_pool():
    world = World()
    world.pool.submit(a_job(threading.current_thread))
    (thread,) = world.take_one()
    assert thread is not threading.current_thread()
    assert thread.daemon
    assert thread.name.startswith("test")


def test_an_exception_becomes_a_result():
    world = World()
    world.pool.submit(a_job(lambda: 1 / 0))
    assert world.take_one() == ["failed: division by zero"]
    assert not world.pool.busy


def test_a_pool_is_busy_until_its_result_is_processed():
    world = World()
    assert not world.pool.busy
    assert world.pool.next_deadline() is None
    world.pool.submit(a_job(lambda: "well", seconds=7))
    done = world.done.get(timeout=SOON)
    assert world.pool.busy
    assert world.pool.next_deadline() == 107
    assert world.pool.take_result(done) == ["well"]
    assert not world.pool.busy
    assert world.pool.next_deadline() is None


def test_no_more_jobs_run_at_once_than_allowed_and_the_others_follow_in_order(gates):
    world = World(limit=2)
    jobs = [gates(str(n)) for n in range(4)]
    for gate in jobs:
        world.pool.submit(a_job(gate))
    assert jobs[0].begun.wait(SOON)
    assert jobs[1].begun.wait(SOON)
    assert not jobs[2].begun.is_set()
    jobs[1].let.set()
    assert world.take_one() == ["1"]
    assert jobs[2].begun.wait(SOON)
    assert not jobs[3].begun.is_set()


def test_a_deadline_counts_from_when_the_job_begins(gates):
    world = World()
    first = gates("first")
    world.pool.submit(a_job(first, seconds=60))
    world.pool.submit(a_job(gates("second"), seconds=5))
    world.now += 50
    assert world.pool.overdue() == []
    first.let.set()
    assert world.take_one() == ["first"]
    assert world.pool.next_deadline() == world.now + 5


def test_a_job_past_its_deadline_gives_one_result_and_its_late_answer_is_dropped(gates):
    world = World()
    hung = gates()
    world.pool.submit(a_job(hung, seconds=5))
    world.now += 4.9
    assert world.pool.overdue() == []
    world.now += 0.1
    assert world.pool.overdue() == ["overdue"]
    assert world.pool.overdue() == []
    assert not world.pool.busy
    hung.let.set()
    assert world.take_one() == []


def test_a_hung_job_does_not_block_the_next(gates):
    world = World()
    world.pool.submit(a_job(gates(), seconds=5))
    world.pool.submit(a_job(lambda: "next"))
    world.now += 5
    assert world.pool.overdue() == ["overdue"]
    assert world.take_one() == ["next"]


def test_an_answer_in_the_inbox_at_the_deadline_still_counts():
    world = World()
    world.pool.submit(a_job(lambda: "in time", seconds=5))
    done = world.done.get(timeout=SOON)
    world.now += 60
    assert world.pool.take_result(done) == ["in time"]
    assert world.pool.overdue() == []


def test_hung_threads_are_bounded_and_jobs_run_again_once_they_end(gates):
    spawned = []

    def spawn(name, run):
        spawned.append(name)
        daemon(name, run)

    world = World(spawn=spawn)
    hung = [gates() for _ in range(40)]
    for gate in hung:
        world.pool.submit(a_job(gate, seconds=5))
        world.now += 5
        assert world.pool.overdue() in ([], ["overdue"])
    assert len(spawned) <= 16
    for gate in hung:
        gate.let.set()
    ended = 0
    while ended < len(spawned):
        world.take_one()
        ended += 1
    world.pool.submit(a_job(lambda: "well again"))
    assert world.take_one() == ["well again"]
    assert not world.pool.busy


def test_a_job_that_gets_no_thread_fails_and_does_not_block_the_next():
    """Python's own words when the system gives no thread."""
    bare = []

    def spawn(name, run):
        if not bare:
            bare.append(name)
            raise RuntimeError("can't start new thread")
        daemon(name, run)

    world = World(spawn=spawn)
    world.pool.submit(a_job(lambda: "first"))
    world.pool.submit(a_job(lambda: "second"))
    assert world.take_one() == ["failed: can't start new thread"]
    assert world.take_one() == ["second"]
    assert not world.pool.busy
