"""The newest value is worked on beside the caller; older ones that still wait are passed over."""

from __future__ import annotations

import threading

import pytest

from traycreds.process.latest_worker import LatestWorker

FAILED = "it could not be done"


class Slow:
    """Work that waits for leave, and notes the values that it got."""

    def __init__(self, again_in=None):
        self.values, self.begun, self.leave = [], threading.Event(), threading.Event()
        self.again_in = again_in

    def __call__(self, value):
        self.begun.set()
        self.leave.wait(20)
        self.values.append(value)
        return self.again_in


def test_of_values_that_wait_only_the_newest_is_worked_on():
    work = Slow()
    worker = LatestWorker("w", work, failed=FAILED)
    worker.put(1)
    assert work.begun.wait(10)
    worker.put(2)
    worker.put(3)
    assert not worker.wait_until_done(0)
    work.leave.set()
    assert worker.wait_until_done(10)
    assert work.values == [1, 3]


def test_values_that_wait_can_be_merged():
    work = Slow()
    worker = LatestWorker("w", work, failed=FAILED, merge=lambda old, new: old + new)
    worker.put((1,))
    assert work.begun.wait(10)
    worker.put((2,))
    worker.put((3,))
    work.leave.set()
    assert worker.wait_until_done(10)
    assert work.values == [(1,), (2, 3)]


def test_its_thread_ends_when_nothing_is_left_and_begins_again():
    threads = []
    worker = LatestWorker("w", lambda _: threads.append(threading.current_thread()), failed=FAILED)
    worker.put(1)
    assert worker.wait_until_done(10)
    threads[0].join(10)
    assert not threads[0].is_alive()
    worker.put(2)
    assert worker.wait_until_done(10)
    assert len(threads) == 2
    assert threads[1].daemon


def test_a_value_is_worked_on_again_until_it_needs_it_no_more():
    tries, done = [], threading.Event()

    def work(value):
        tries.append(value)
        if len(tries) < 3:
            return 0.001
        done.set()
        return None

    LatestWorker("w", work, failed=FAILED).put("x")
    assert done.wait(10)
    assert tries == ["x"] * 3


def test_a_new_value_does_not_wait_for_the_pause():
    work = Slow(again_in=1000)
    work.leave.set()
    worker = LatestWorker("w", work, failed=FAILED)
    worker.put(1)
    assert worker.wait_until_done(10)
    worker.put(2)
    assert worker.wait_until_done(10)
    assert work.values == [1, 2]
    worker.close()


def test_once_closed_it_works_on_nothing_and_its_thread_ends():
    work = Slow(again_in=1000)
    worker = LatestWorker("w", work, failed=FAILED)
    worker.put(1)
    assert work.begun.wait(10)
    worker.put(2)
    (thread,) = (each for each in threading.enumerate() if each.name == "w")
    worker.close()
    worker.put(3)
    work.leave.set()
    thread.join(10)
    assert not thread.is_alive(), "it neither waits nor tries again"
    assert work.values == [1]
    assert worker.wait_until_done(0)


@pytest.mark.logs_warnings
def test_an_error_is_logged_and_the_next_value_is_worked_on(caplog):
    worker = LatestWorker("w", lambda value: 1 / value, failed=FAILED)
    worker.put(0)
    assert worker.wait_until_done(10)
    assert FAILED in caplog.text
    worker = LatestWorker("w", (work := Slow()), failed=FAILED)
    work.leave.set()
    worker.put(1)
    assert worker.wait_until_done(10)


@pytest.mark.logs_warnings
def test_a_machine_without_a_thread_left_is_asked_again_with_the_next_value(monkeypatch):
    work = Slow()
    work.leave.set()
    worker = LatestWorker("w", work, failed=FAILED)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", lambda _: (_ for _ in ()).throw(RuntimeError("no thread")))
        worker.put(1)
    assert not worker.wait_until_done(0)
    worker.put(2)
    assert worker.wait_until_done(10)
    assert work.values == [2]
