"""The demo in the tray: its guide, in the terminal it was started from, follows what is clicked."""

from __future__ import annotations

import inspect
import re
import sys

import pytest

from tests.desktop.session_bus import Notifications, needs_bus
from tests.integration.sso.visitor import Visitor
from tests.support.sandbox_mfa import Mfa
from tests.support.wait_until import PATIENCE

pytestmark = [pytest.mark.desktop, needs_bus]


def read_to(app, text):
    """The next line that holds a text."""
    return next(line for line in iter(app.stdout.readline, "") if text in line)


def test_each_hint_comes_once_the_one_before_was_followed(sandbox, bus, watcher, host):
    """Its clock does not run fast."""
    mfa = Mfa(sandbox)
    with Notifications(bus) as service, sandbox.apps() as start:
        browser = f"{sys.executable} {inspect.getfile(Visitor)} allow %s"
        app = start("demo", "--speed", "1", DBUS_SESSION_BUS_ADDRESS=bus.address, BROWSER=browser, **mfa.with_zenity())
        menu = host()
        assert "choose Quit in the menu" in read_to(app, "To end the demo")
        assert "shield" in read_to(app, "1. Click")
        menu.click("staging")
        read_to(app, "2. Now click prod")
        menu.click("prod")
        (code,) = re.findall(r"\b\d{6}\b", read_to(app, "3. Now click admin"))
        menu.click("admin")
        mfa.answer(code)
        read_to(app, "4. Now click audit")
        menu.click("audit")
        read_to(app, "Now wait.")
        menu.click("Quit")
        assert " import` " in read_to(app, "Next: ")
        assert app.wait(PATIENCE) == 0
        assert not [notice for notice in service.notices if code in f"{notice.title}{notice.body}"]
        assert "default" not in sandbox.profiles()
