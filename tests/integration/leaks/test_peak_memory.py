"""An app or a command that needs too much memory fails the test that it ran in, whichever that is and however it ended."""

from __future__ import annotations

import sys

import pytest

from tests.integration.faults.conftest import timed_sandbox
from tests.support import memory
from tests.support.wait_until import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the peak of another process")


@pytest.fixture
def beyond(monkeypatch):
    """What has needed more than a bound that is too low for any process."""

    def found():
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
    assert not beyond(), "each is told once"


def test_a_command(sandbox, beyond):
    sandbox.command("status")
    assert any("status needed" in each for each in beyond())


def test_an_app_on_a_steered_clock(home, beyond):
    with timed_sandbox(home) as sandbox:
        sandbox.add_role("dev")
        sandbox.run()
    assert any("steered_app" in each for each in beyond())
