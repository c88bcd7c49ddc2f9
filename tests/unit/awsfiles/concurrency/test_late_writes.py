"""How long a replaced file is watched, and when what someone writes into it is complete."""

from __future__ import annotations

import contextlib
import os
import threading

import pytest

from traycreds.awsfiles.concurrency import late_writes
from traycreds.awsfiles.concurrency.late_writes import LateVerdict, LateWrite, LateWrites, judge
from traycreds.files import writers


@pytest.mark.parametrize(
    ("changed", "is_open", "age", "same_for", "verdict"),
    [
        (False, False, 1.9, 1.9, LateVerdict.WAIT),
        (False, False, 2.0, 2.0, LateVerdict.DROP),
        (False, None, 14.9, 14.9, LateVerdict.WAIT),
        (False, None, 15.0, 15.0, LateVerdict.DROP),
        (False, True, 800.0, 800.0, LateVerdict.WAIT),
        (False, True, 900.0, 900.0, LateVerdict.DROP),
        (True, False, 0.0, 0.0, LateVerdict.TAKE),
        (True, True, 30.0, 30.0, LateVerdict.WAIT),
        (True, True, 70.0, 60.0, LateVerdict.TAKE),
        (True, None, 9.0, 0.5, LateVerdict.WAIT),
        (True, None, 9.0, 0.6, LateVerdict.TAKE),
    ],
)
def test_the_verdict(changed, is_open, age, same_for, verdict):
    assert judge(changed=changed, is_open=is_open, age=age, same_for=same_for) is verdict


class World:
    """A replaced file with a clock; `is_open` says what the system tells about it."""

    def __init__(self, path, monkeypatch):
        self.now, self.is_open = 100.0, False
        self.path = path
        monkeypatch.setattr(writers, "held_off", self._held_off)
        self.late = LateWrites(lambda: self.now)

    @contextlib.contextmanager
    def _held_off(self, handle):
        yield writers.HoldOff(self.is_open, handle)

    def replaced(self, text, *, read=None):
        """Replaced by us, after another file was read."""
        self.path.write_text(text)
        base = text if read is None else read
        self.late.watch(os.open(self.path, os.O_RDONLY), base.encode(), read is not None)

    def check_after(self, seconds):
        self.now += seconds
        return self.late.check()


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = World(tmp_path / "old", monkeypatch)
    yield made
    made.late.close()


def test_nothing_is_watched_at_first(world):
    assert world.late.check() == []
    assert world.late.next_check() is None


def test_a_file_that_no_program_has_open_is_closed_after_the_second_check(world):
    world.replaced("[a]\n")
    assert world.check_after(0) == []
    assert world.late.next_check() == 2.0
    assert world.check_after(2) == []
    assert world.late.next_check() is None


def test_a_write_in_progress_is_checked_often_and_read_once_it_is_complete(world):
    world.is_open = True
    world.replaced("[a]\nk = v\n")
    world.path.write_text("")
    assert world.check_after(0.01) == []
    assert world.late.in_use()
    assert world.late.next_check() == 0.05
    assert world.check_after(9) == []
    assert world.late.next_check() == 0.25
    world.path.write_text("[a]\nk = w\n")
    world.is_open = False
    taken = [LateWrite(b"[a]\nk = v\n", b"[a]\nk = w\n")]
    assert world.check_after(0.25) == taken
    assert world.check_after(0.25) == taken, "until it is dealt with"
    world.late.done(taken[0])
    assert world.check_after(0) == []
    world.path.write_text("[a]\nk = x\n")
    assert world.check_after(1) == [LateWrite(b"[a]\nk = w\n", b"[a]\nk = x\n")]
    assert "= w" not in repr(taken)


def test_if_the_system_does_not_report_writers_a_write_must_rest(world):
    world.is_open = None
    world.replaced("[a]\n")
    assert world.check_after(0.5) == []
    assert world.late.next_check() == 0.6
    world.path.write_text("[b]\n")
    assert world.check_after(0.1) == []
    assert world.check_after(0.61) == [LateWrite(b"[a]\n", b"[b]\n")]


def test_a_file_that_was_emptied_takes_nothing_from_anybody(world):
    world.replaced("[a]\n")
    world.path.write_text("")
    assert world.check_after(1) == []
    assert world.check_after(1) == []
    assert world.late.next_check() is None


@pytest.mark.parametrize("theirs", ["[a]\nk = v\n[b]\n", "[a]\n", ""], ids=["more", "less", "nothing"])
def test_a_file_that_was_put_there_after_the_last_check_is_a_late_write(world, theirs):
    world.replaced(theirs, read="[a]\nk = v\n")
    (late,) = world.check_after(0)
    assert late == LateWrite(b"[a]\nk = v\n", theirs.encode())
    world.late.done(late)
    assert world.check_after(1) == []
    assert world.check_after(1) == []
    assert world.late.next_check() is None


def descriptors_of(path):
    """How many descriptors of this process a file has; threads that other tests left may open and close theirs."""
    count = 0
    for descriptor in range(3, 2048):
        with contextlib.suppress(OSError):
            count += os.path.samestat(os.fstat(descriptor), path.stat())
    return count


def test_the_number_of_files_and_their_time_are_bounded(world):
    world.is_open = True
    for _ in range(late_writes._MOST + 5):
        world.replaced("[a]\n")
    world.late.check()
    assert descriptors_of(world.path) == late_writes._MOST
    assert world.check_after(1000) == []
    assert world.late.next_check() is None
    assert descriptors_of(world.path) == 0


def test_a_file_that_cannot_be_read_any_more_is_let_go(world):
    world.replaced("[a]\n")
    world.late._watched[0].file.close()
    assert world.check_after(0) == []
    assert world.late.next_check() is None


def test_two_threads_that_check_at_once_close_a_file_once(world, monkeypatch):
    """The watch of the files looks while the worker that writes looks: neither meets what the other has let go."""
    world.replaced("one")
    world.now += 2.0
    found = []
    other = threading.Thread(target=lambda: found.append(world.late.check()))
    held_off = writers.held_off

    @contextlib.contextmanager
    def met(handle):
        monkeypatch.setattr(writers, "held_off", held_off)
        other.start()
        # By then, the other writer has looked or waits for this one.
        other.join(0.2)
        with held_off(handle) as held:
            yield held

    monkeypatch.setattr(writers, "held_off", met)

    assert world.late.check() == []
    other.join()
    assert found == [[]]
    assert world.late.next_check() is None
