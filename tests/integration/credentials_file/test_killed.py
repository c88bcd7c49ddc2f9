"""Processes killed at each call of a write, and at random moments: the file stays whole, and no litter stays."""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import time

import pytest

from tests.integration.credentials_file import actors
from tests.integration.credentials_file.beside import filled
from tests.support.wait_until import PATIENCE
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.awsfiles.ini import IniText
from traycreds.core.model import Batch


def generations(on_disk, count):
    """The generations in a file that must be whole; what killed processes left beside it must be gone after a read."""
    text = on_disk.text().replace("\r\n", "\n")
    assert text.startswith("[scratch]\nregion = eu-0\n")
    assert actors.fault(text, count) is None
    # The next start does not have to wait for a file that is old.
    os.utime(on_disk.path, (1e9, 1e9))
    assert len(on_disk.store().read().owned) == count
    assert on_disk.siblings() == ["credentials"]
    return {own["aws_access_key_id"] for own in IniText(text).own().values() if "traycreds_role" in own}


def forked(run):
    """A process that runs this; a new Python would take a hundred times as long. Returns its number."""
    child = os.fork()
    if child == 0:
        # Tracing for coverage would only slow it down.
        sys.settrace(None)
        try:
            run()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def killed_at(on_disk, start, step, generation):
    """Whether the process that writes reached its call `step` of the system."""
    arguments = (on_disk.path, on_disk.lock_dir, generation, 5, step)
    if sys.platform == "win32":
        child = start("write_until", *arguments)
        child.communicate(timeout=PATIENCE)
        code = child.returncode
    else:
        child = forked(lambda: actors.write_until(*arguments))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, actors.KILLED)
    return code == actors.KILLED


@pytest.mark.timeout(180)
def test_a_kill_at_any_call_of_a_write_damages_nothing_and_leaves_nothing(on_disk, start):
    filled(on_disk, count=5)
    # All calls, until one has a number that the write does not reach; a new Python under Wine takes a second.
    names = ("urandom", "open", "write", "flush", "fsync", "replace", "unlink")
    steps = names if sys.platform == "win32" else itertools.count(1)
    litter = old = new = 0
    for generation, step in enumerate(steps, start=2):
        if not killed_at(on_disk, start, step, generation):
            break
        litter += len(on_disk.siblings()) > 1
        (found,) = generations(on_disk, 5)
        new += found == f"ASIA{generation:06d}"
        old += found != f"ASIA{generation:06d}"
    assert min(litter, old, new) > 0, "kills before, in the middle of and after the replacement"


def kill_while_writing(on_disk, start, first, pause):
    """Kill a process that writes, `pause` seconds after its first write is on file."""
    # Windows has no `fork`, and kills by `TerminateProcess`.
    if sys.platform == "win32":
        child = start("write_on", on_disk.path, on_disk.lock_dir, 50, first)
        assert child.stdout.readline() == "!\n", child.stderr.read()
        time.sleep(pause)
        child.kill()
        assert child.wait(PATIENCE) == 1, "the writer ended by itself"
        return
    ready, ready_writer = os.pipe()

    def write_on():
        os.close(ready)
        os.dup2(ready_writer, 1)
        sys.stdout = os.fdopen(1, "w")
        actors.write_on(on_disk.path, on_disk.lock_dir, 50, first)

    child = forked(write_on)
    os.close(ready_writer)
    assert os.read(ready, 1) == b"!"
    os.close(ready)
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the writer ended by itself"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kills", [30, pytest.param(300, marks=pytest.mark.thorough)])
def test_a_kill_at_a_random_moment_damages_nothing_and_leaves_nothing(on_disk, start, kills):
    filled(on_disk, count=50)
    kills = 15 if sys.platform == "win32" else kills
    moments = random.Random(4)
    store = CredentialsFile(on_disk.path, lock_dir=on_disk.lock_dir)
    began = time.perf_counter()
    store.write(Batch(sets=tuple(actors.a_write(f"p{number}", 2) for number in range(50))))
    one_write = time.perf_counter() - began
    for turn in range(1, kills + 1):
        kill_while_writing(on_disk, start, turn * 1000, moments.uniform(0, 3 * one_write))
        assert len(generations(on_disk, 50)) == 1
