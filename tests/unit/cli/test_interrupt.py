"""What the first Ctrl-C does, and what those after it do."""

from __future__ import annotations

import atexit
import signal
from types import SimpleNamespace

import pytest

from traycreds.cli import interrupt


@pytest.fixture
def left(monkeypatch):
    """Exit codes with which the process would have ended at once; its handler of Ctrl-C is Python's own at first."""
    codes = []
    monkeypatch.setattr(interrupt, "os", SimpleNamespace(_exit=codes.append))
    monkeypatch.setattr(atexit, "register", lambda *_: None)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield codes
    signal.signal(signal.SIGINT, before)


def test_the_first_raises_and_those_soon_after_it_do_nothing(left):
    interrupt.install_handler()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    interrupt.ending()
    signal.raise_signal(signal.SIGINT)
    assert left == []


def test_one_that_finds_no_end_after_a_while_ends_it_at_once(left, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    interrupt.install_handler()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    now[0] += interrupt.PATIENCE + 0.1
    signal.raise_signal(signal.SIGINT)
    assert left == [130]


def test_once_the_work_is_done_one_ends_it_at_once(left):
    interrupt.install_handler()
    interrupt.ending()
    signal.raise_signal(signal.SIGINT)
    assert left == [130]


def test_where_it_is_ignored_it_stays_so(left):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupt.install_handler()
    interrupt.ending()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
