"""An app or a command that needs too much memory fails the test that it ran in, however it ended."""

from __future__ import annotations

import contextlib
import mmap
import subprocess
import sys

import pytest

from tests.conftest import HELD
from tests.integration.faults.conftest import timed_sandbox
from tests.support import memory, memory_watch
from tests.support.wait_until import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the peak of another process")


def take_and_return(mebibytes):
    """Take memory from the system itself: what malloc gives may be free since an earlier test."""
    with mmap.mmap(-1, mebibytes * 1024**2) as taken:
        for page in range(0, len(taken), mmap.PAGESIZE):
            taken[page] = 1


LOW = 4 * 1024**2
"""A bound in bytes that every Python is beyond."""


@pytest.fixture
def beyond(monkeypatch):
    """What has needed more than a low bound, of the processes whose peak is noted at their end."""

    def found():
        assert all(peak < memory.MOST for _, peak in memory._peaks)
        with monkeypatch.context() as patch:
            patch.setattr(memory, "MOST", LOW)
            return memory.too_much()

    assert not memory.too_much()
    return found


@pytest.fixture
def watched():
    """The command lines that a watcher with a low bound reports."""
    with memory.start_watcher(LOW) as watcher:
        yield lambda: [args for args, _ in memory.read_peaks(watcher)]
        watcher.kill()


@pytest.mark.parametrize("ends", [False, True], ids=["killed with its test", "quit by a command"])
def test_an_app(sandbox, beyond, ends):
    sandbox.add_role("dev")
    with sandbox.apps() as start:
        app = start("run", "--no-tray")
        until(sandbox.listens, "the app takes commands", timeout=20)
        if ends:
            sandbox.command("quit")
            app.wait(20)
    assert any("run --no-tray needed" in each for each in beyond())
    assert not beyond(), "each is reported once"


def test_a_command(sandbox, beyond):
    sandbox.command("status")
    assert any("status needed" in each for each in beyond())


@contextlib.contextmanager
def waiting(command, **how):
    """A process that stays until it has been seen: one that ends at once may come and go between two checks."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, **how) as process:
        try:
            yield
        finally:
            process.kill()


def test_a_command_in_a_python_of_its_own(sandbox, watched):
    sandbox.add_role("dev")
    with waiting([sys.executable, "-m", "traycreds", "run", "--no-tray"], env=sandbox.environment()):
        until(lambda: any("-m traycreds run --no-tray" in each for each in watched()), "it is reported")


def test_a_command_with_line_breaks_in_its_arguments(tmp_path, watched):
    program = tmp_path / "traycreds"
    program.write_text("import sys; sys.stdin.read()", encoding="ascii")
    with waiting([sys.executable, str(program), "creds", "a\nrole" + "\nlong" * 1000]):
        until(lambda: any("traycreds creds a role long" in each for each in watched()), "it is reported")


def test_a_process_that_a_process_has_started(tmp_path, watched):
    program = tmp_path / "traycreds"
    program.write_text("import sys; sys.stdin.read()", encoding="ascii")
    code = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]])"
    with waiting([sys.executable, "-c", code, str(program), "status"]):
        until(lambda: any("traycreds status" in each for each in watched()), "it is reported")


def test_a_process_is_reported_once_when_it_has_ended_or_needs_too_much():
    peaks = memory_watch.Peaks(most=50)
    small, large = (1, "traycreds status"), (2, "traycreds run")
    assert list(peaks.update({small: 10, large: 60})) == [(60, "traycreds run")]
    assert list(peaks.update({small: 30, large: 70})) == []
    assert list(peaks.update({small: 20, large: 70})) == []
    assert sorted(peaks.update({})) == [(30, "traycreds status"), (70, "traycreds run")]
    assert list(peaks.update({large: 60})) == [(60, "traycreds run")], "another with the same number"


def test_what_a_test_needs_itself(beyond):
    before = memory.begin()
    take_and_return(40)
    memory.note_growth(before)
    assert any("pytest's own process" in each for each in beyond())

    before = memory.begin()
    memory.note_growth(before)
    assert not beyond(), "a peak of before is none of this"


@pytest.fixture(scope="module")
def _shared():
    """What the first of several tests makes for all of them."""
    take_and_return(40)


@pytest.mark.usefixtures("_shared")
def test_what_a_test_shares_with_others_counts_too(beyond, request):
    memory.note_growth(request.node.stash[HELD])
    assert any("pytest's own process" in each for each in beyond())


def test_an_app_on_a_steered_clock(home, beyond):
    with timed_sandbox(home) as sandbox:
        sandbox.add_role("dev")
        sandbox.run()
    assert any("steered_app" in each for each in beyond())
