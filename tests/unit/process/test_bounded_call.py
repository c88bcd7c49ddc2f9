"""A call that may hang: its result or error in time, a TimeoutError otherwise, and a thread that holds nothing up."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from traycreds.process.bounded_call import HungCalls, background_call, bounded_call, ended


def test_a_call_gives_its_result_from_a_daemon_thread():
    thread = bounded_call(threading.current_thread, seconds=10, name="ask")
    assert (thread.name, thread.daemon) == ("ask", True)


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)])
def test_what_a_call_raises_reaches_the_caller(error):
    def work():
        raise error

    with pytest.raises(type(error)) as caught:
        bounded_call(work, seconds=10, name="ask")
    assert caught.value is error


def test_a_call_that_hangs_is_left_behind():
    free = threading.Event()
    with pytest.raises(TimeoutError, match=r"no response within 0\.01 s"):
        bounded_call(lambda: free.wait(20), seconds=0.01, name="ask")
    free.set()


def test_a_call_in_the_background_is_waited_for_later():
    free = threading.Event()
    call = background_call(lambda: free.wait(20), name="ask")
    assert not ended(call, 0)
    free.set()
    assert ended(call, 10)
    assert call.result() is True


def test_a_machine_without_a_thread_left_says_so(monkeypatch):
    def none_left(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    with pytest.raises(RuntimeError):
        bounded_call(lambda: None, seconds=1, name="ask")


def test_while_a_call_hangs_nobody_waits_for_another_until_it_is_given_up():
    now = [100.0]
    hung = HungCalls(60.0, most=2, monotonic=lambda: now[0])
    first, second = Future(), Future()
    assert not hung.pending
    hung.add(first)
    assert hung.pending
    now[0] += 60
    assert not hung.pending, "it is given up: the next may try"
    hung.add(second)
    now[0] += 600
    assert hung.pending, "as many hang as may"
    first.set_result(None)
    assert not hung.pending
