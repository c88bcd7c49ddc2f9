"""An app or a command that needs too much memory fails the test that it ran in, whichever that is and however it ended."""

from __future__ import annotations

import mmap
import subprocess
import sys

import pytest

from tests.conftest import HELD
from tests.integration.faults.conftest import timed_sandbox
from tests.support import memory
from tests.support.wait_until import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the peak of another process")


def take_and_return(mebibytes):
    """Take memory from the system itself: what malloc gives may be free since an earlier test."""
    with mmap.mmap(-1, mebibytes * 1024**2) as taken:
        for page in range(0, len(taken), mmap.PAGESIZE):
            taken[page] = 1


@pytest.fixture
def beyond(monkeypatch):
    """What has needed more than a bound that is too low for any process."""

    def found():
        memory._peaks += memory._watched()
        peaks = list(memory._peaks)
        assert all(peak < memory.MOST for _, peak in peaks)
        with monkeypatch.context() as patch:
            patch.setattr(memory, "MOST", 10 * 1024**2)
            return memory.too_much()

    assert not memory.too_much()
    return found


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


def test_a_command_in_a_python_of_its_own(sandbox, beyond):
    sandbox.command("status", cold=True)
    found = until(beyond, "it is reported")
    assert any("-m traycreds status needed" in each for each in found)


def test_a_command_with_line_breaks_in_its_arguments(sandbox, beyond):
    sandbox.command("creds", "a\nrole" + "\nlong" * 1000, cold=True)
    found = until(beyond, "it is reported")
    assert any("-m traycreds creds a role long" in each for each in found)


def test_a_process_that_a_process_has_started(sandbox, beyond):
    code = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'traycreds', 'status'])"
    subprocess.run([sys.executable, "-c", code], env=sandbox.environment(), check=True, stdout=subprocess.DEVNULL)
    assert any("-m traycreds status needed" in each for each in until(beyond, "it is reported"))


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
