"""The way onto the icon's thread on macOS, and out of macOS's dock, against stand-ins for what is there."""

from __future__ import annotations

import sys
import types

import pytest

from traycreds.ui.tray import main_thread


@pytest.fixture
def appkit(monkeypatch):
    """What macOS is asked for."""
    asked = []
    application = types.SimpleNamespace(setActivationPolicy_=asked.append)
    kit = types.ModuleType("AppKit")
    kit.NSApplication = types.SimpleNamespace(sharedApplication=lambda: application)
    kit.NSApplicationActivationPolicyAccessory = "accessory"
    tools = types.ModuleType("PyObjCTools")
    tools.AppHelper = types.SimpleNamespace(callAfter=asked.append)
    monkeypatch.setitem(sys.modules, "AppKit", kit)
    monkeypatch.setitem(sys.modules, "PyObjCTools", tools)
    return asked


def test_there_is_no_icon_in_the_dock(appkit, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    main_thread.hide_from_dock()
    assert appkit == [], "elsewhere there is no dock"
    monkeypatch.setattr(sys, "platform", "darwin")
    main_thread.hide_from_dock()
    assert appkit == ["accessory"]


def test_an_icon_that_knows_the_way_onto_its_thread_is_asked():
    posted = []
    main_thread.poster(types.SimpleNamespace(post=posted.append))(print)
    assert posted == [print]
