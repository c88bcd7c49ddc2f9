"""For all tests: a home of their own, no network but loopback, no unexpected warning in the log."""

from __future__ import annotations

import gc
import ipaddress
import logging
import os
import signal
import socket
import threading

import pytest
from hypothesis import settings

from tests.support import memory, threads
from tests.support.sandbox import Sandbox
from tests.support.sim import AwsSimulator
from tests.windows import lost_starts
from tests.windows.mark import on_wine

pytest_plugins = ["tests.support.selection"]

# botocore signs by itself, as for most users, though awscrt is there for the tests of `aws login`.
os.environ["BOTO_DISABLE_CRT"] = "true"

# The same examples for everybody in CI; elsewhere new ones each time, which is how more is found. How long one takes says
# more about what else the machine does than about the code.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if "CI" in os.environ else "developer")


if on_wine:
    lost_starts.install()


HELD = pytest.StashKey[int]()
"""What pytest's own process held before a test, in the test's stash."""


def pytest_configure(config):
    """Begin as a terminal would: `nohup` and background jobs hand down ignored signals, which the tests' children keep."""
    for name in ("SIGHUP", "SIGINT", "SIGQUIT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
    if not hasattr(config, "workerinput"):
        memory.prepare_characters()


@pytest.fixture(autouse=True)
def _usual_garbage():
    """A command collects garbage seldom, and runs within pytest's process too: what follows must not."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """Before anything of a test begins, also a fixture that it shares with others: that counts as its own."""
    item.stash[HELD] = memory.begin()
    return (yield)


@pytest.fixture(autouse=True)
def _little_memory(request):
    """An app or a command that needs more than `memory.MOST`, or a test that grows by it, fails the test that it ran in.

    One that is watched from outside may be reported a moment after its end, and fails the test that runs then.
    """
    yield
    memory.note_growth(request.node.stash[HELD])
    assert not (found := memory.too_much()), found


@pytest.fixture(autouse=True)
def _no_thread_left():
    """A test that leaves one of our threads behind fails, before that thread disturbs another test."""
    before = frozenset(threading.enumerate())
    yield
    assert not (left := threads.left_behind(before)), left


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home folder of the test's own; nothing of the machine's AWS or desktop environment shines through."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "XDG_", "TRAYCREDS_C", "DBUS_")) or name.endswith(("_PROXY", "_proxy")):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    for name, inside in (("LOCAL_APPDATA", "Local"), ("APPDATA", "Roaming")):
        # Without this, the folder comes from the registry on Windows.
        monkeypatch.setenv(f"WIN_PD_OVERRIDE_{name}", str(folder / "AppData" / inside))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / ".aws" / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / ".aws" / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return folder


@pytest.fixture
def sandbox(home):
    """That home as a user's, with the simulator running behind it."""
    with AwsSimulator() as simulator:
        yield Sandbox(home, simulator)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch):
    """A test that leaves this machine fails."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            local = host == "localhost" or ipaddress.ip_address(host).is_loopback
            assert local, f"a test tried to reach {host}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _quiet_log(caplog, request):
    """A warning that the test did not announce (mark `logs_warnings`) fails it."""
    yield
    if request.node.get_closest_marker("logs_warnings"):
        return
    loud = [
        f"{record.name}: {record.getMessage()}"
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.WARNING and record.name.startswith("traycreds")
    ]
    assert not loud, loud
