"""A running app to steer: `python -m traycreds run --no-tray` in a home of its own, against the simulator."""

from __future__ import annotations

import pytest

from tests.waiting import until


@pytest.fixture
def start(sandbox):
    """Start the app and wait until it takes commands; it is ended with the test."""
    running = []

    def started(**environment):
        process = sandbox.start("run", "--no-tray", **environment)
        running.append(process)
        until(lambda: sandbox.listens() or process.poll() is not None, "the app takes commands", timeout=20)
        assert process.poll() is None, process.stdout.read()
        return process

    yield started
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=5)
