"""Waking and the lock on macOS and Windows: all but the last step into the system, which exists there alone."""

from __future__ import annotations

import ctypes
import logging
import sys
from types import ModuleType, SimpleNamespace

import pytest

from traycreds.desktop import power
from traycreds.desktop.power import macos, watch, windows_resume

WOKE, LOCKED, UNLOCKED = "NSWorkspaceDidWakeNotification", "com.apple.screenIsLocked", "com.apple.screenIsUnlocked"


AT_ONCE = object()
"""What says that a program hears about it though it is not the active one."""


class Centre:
    """A notification centre by the one method that is used."""

    def __init__(self):
        self.blocks = {}

    def addObserverForName_object_queue_usingBlock_(self, name, sender, queue, block):
        assert (sender, queue) == (None, None)
        self.blocks[name] = block
        return name

    def addObserver_selector_name_object_suspensionBehavior_(self, observer, selector, name, sender, behaviour):
        assert (sender, behaviour) == (None, AT_ONCE)
        self.blocks[name] = getattr(observer, selector.decode().replace(":", "_"))


class NSObject:
    """Objective-C's."""

    @classmethod
    def alloc(cls):
        return cls()

    def init(self):
        return self


def module(monkeypatch, name, **content):
    made = ModuleType(name)
    made.__dict__.update(content)
    monkeypatch.setitem(sys.modules, name, made)
    return made


@pytest.fixture
def lock_callbacks(monkeypatch):
    """Who wants to hear about the lock on Windows, which has its own test there (tests/integration/power)."""
    wanting = []
    monkeypatch.setattr(power, "windows_lock", SimpleNamespace(watch=wanting.append), raising=False)
    return wanting


@pytest.fixture
def mac(monkeypatch):
    """The parts of pyobjc that are used, and the two centres."""
    machine, session, main = Centre(), Centre(), []
    workspace = SimpleNamespace(notificationCenter=lambda: machine)
    module(
        monkeypatch,
        "AppKit",
        NSWorkspace=SimpleNamespace(sharedWorkspace=lambda: workspace),
        NSWorkspaceDidWakeNotification=WOKE,
    )
    module(
        monkeypatch,
        "Foundation",
        NSObject=NSObject,
        NSDistributedNotificationCenter=SimpleNamespace(defaultCenter=lambda: session),
        NSNotificationSuspensionBehaviorDeliverImmediately=AT_ONCE,
    )
    macos._observer_class.cache_clear()
    helper = SimpleNamespace(callAfter=lambda call, *args: main.append((call, args)))
    module(monkeypatch, "PyObjCTools", AppHelper=helper)
    monkeypatch.setattr(macos, "observers", [])
    yield SimpleNamespace(machine=machine, session=session, main=main)
    macos._observer_class.cache_clear()


def test_macos_is_listened_to_on_its_main_thread(mac, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    words = []
    watch.watch(lambda: words.append("woke"), words.append)
    assert mac.machine.blocks == {}, "not on this thread"
    for call, args in mac.main:
        call(*args)
    mac.session.blocks[LOCKED](object())
    mac.machine.blocks[WOKE](object())
    mac.session.blocks[UNLOCKED](object())
    assert words == [True, "woke", False]
    assert macos.observers[0] == WOKE
    assert len(macos.observers) == 2, "what hears is kept"


def test_windows_calls_back_on_waking_alone():
    """The kinds of winuser.h: suspend, resume by the user, a change of power, resume, a change of a setting."""
    woken = []
    changed = windows_resume.routine(lambda: woken.append(1))
    assert [changed(None, kind, None) for kind in (0x4, 0x7, 0xA, 0x12, 0x8013)] == [0] * 5
    assert woken == [1]


def test_what_windows_is_given(monkeypatch, lock_callbacks):
    """Its registration with the calling convention of here: the routine is reached through the pointer that it gets."""
    woken, registered = [], []

    def register(flags, parameters, handle):
        registered.append((flags, parameters, handle))
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p)
    monkeypatch.setattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE, raising=False)
    library = {"powrprof": SimpleNamespace(PowerRegisterSuspendResumeNotification=register)}
    monkeypatch.setattr(ctypes, "WinDLL", library.__getitem__, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(windows_resume, "kept", [])
    watch.watch(lambda: woken.append(1), pytest.fail)
    ((flags, parameters, _handle),) = registered
    assert lock_callbacks == [pytest.fail]
    assert (flags, parameters[1]) == (2, None)
    assert kind(parameters[0])(None, 0x12, None) == 0
    assert woken == [1]
    assert len(windows_resume.kept) == 3, "or they would be freed while Windows points to them"


@pytest.mark.usefixtures("lock_callbacks")
def test_a_system_that_reports_nothing_is_no_problem(monkeypatch, caplog):
    monkeypatch.setattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE, raising=False)
    monkeypatch.setattr(ctypes, "WinError", lambda code: OSError(code, "no"), raising=False)
    refusing = SimpleNamespace(PowerRegisterSuspendResumeNotification=lambda *_: 50)
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: refusing, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(windows_resume, "kept", [])
    with caplog.at_level(logging.INFO, logger="traycreds"):
        watch.watch(pytest.fail, pytest.fail)
    assert "no report of sleep or a lock from win32" in caplog.text
