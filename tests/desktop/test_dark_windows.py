"""Whether our windows are dark: as the desktop's portal says, XFCE's settings, GTK_THEME, or the settings of Windows."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desktop.desktop import start_x
from tests.desktop.session_bus import Peer, PrivateBus
from tests.desktop.x11 import Screen, needs_screen
from traycreds.ui import color_scheme

pytest.importorskip("tkinter", reason="needs tkinter: sudo apt-get install -y python3-tk")
from traycreds.ui import tk_theme

pytestmark = pytest.mark.desktop

NO_PREFERENCE, DARK, LIGHT = range(3)


class Portal(Peer):
    """A desktop's portal with its setting for light and dark; None for one that does not know it."""

    def __init__(self, bus, scheme, *, silent=False):
        self.scheme, self.silent, self.asked = scheme, silent, []
        super().__init__(bus, name=color_scheme.PORTAL)

    def answer(self, sender, interface, member, body):
        self.asked.append((interface, member, body))
        if self.scheme is None:
            raise LookupError(member)
        return "v", (("v", ("u", self.scheme)),)

    def _handle(self, message):
        if not self.silent:
            super()._handle(message)


class Xfconf(Peer):
    """XFCE's settings, with the theme of its windows."""

    def __init__(self, bus, theme):
        self.theme, self.asked = theme, []
        super().__init__(bus, name=color_scheme.XFCONF)

    def answer(self, sender, interface, member, body):
        self.asked.append((interface, member, body))
        return "v", (("s", self.theme),)


@pytest.fixture
def bus():
    with PrivateBus() as private:
        yield private


def on(bus, desktop="GNOME", **more):
    return {"DBUS_SESSION_BUS_ADDRESS": bus.address, "XDG_CURRENT_DESKTOP": desktop, **more}


@pytest.mark.parametrize(("scheme", "is_dark"), [(NO_PREFERENCE, False), (DARK, True), (LIGHT, False), (None, False)])
def test_windows_are_dark_where_the_portal_says_so(bus, scheme, is_dark):
    with Portal(bus, scheme) as portal:
        assert color_scheme.is_dark(on(bus)) is is_dark
    settings = "org.freedesktop.portal.Settings"
    assert portal.asked == [(settings, "Read", ("org.freedesktop.appearance", "color-scheme"))]


def test_windows_are_light_where_nobody_says(bus, tmp_path):
    assert color_scheme.is_dark(on(bus)) is False
    assert color_scheme.is_dark({"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'none'}"}) is False
    assert color_scheme.is_dark({}) is False


def test_a_portal_that_hangs_is_not_waited_for_longer_than_the_window_may_take(bus, monkeypatch):
    monkeypatch.setattr(color_scheme, "SECONDS", 0.2)
    with Portal(bus, DARK, silent=True):
        assert color_scheme.is_dark(on(bus)) is False


@pytest.mark.parametrize(
    ("desktop", "theme", "is_dark"),
    [
        ("XFCE", "Adwaita-dark", True),
        ("XFCE", "Greybird-dark-hdpi", True),
        ("XFCE", "Greybird", False),
        ("XFCE", "Darkula", False),
        ("GNOME", "Adwaita-dark", False),
    ],
)
def test_on_xfce_the_theme_says_it(bus, desktop, theme, is_dark):
    with Portal(bus, NO_PREFERENCE), Xfconf(bus, theme) as xfconf:
        assert color_scheme.is_dark(on(bus, desktop)) is is_dark
    asked = [(color_scheme.XFCONF, "GetProperty", ("xsettings", "/Net/ThemeName"))]
    assert xfconf.asked == (asked if desktop == "XFCE" else [])


@pytest.mark.parametrize(("scheme", "is_dark"), [(LIGHT, False), (DARK, True)])
def test_what_the_portal_says_needs_no_theme(bus, scheme, is_dark):
    with Portal(bus, scheme), Xfconf(bus, "Adwaita" if is_dark else "Adwaita-dark") as xfconf:
        assert color_scheme.is_dark(on(bus, "XFCE")) is is_dark
    assert xfconf.asked == []


@needs_screen
def test_xfce_is_asked_as_it_answers(tmp_path):
    with Screen(tmp_path) as screen:
        environ = {name: value for name, value in screen.environment().items() if name != "GTK_THEME"}
        for theme in ("Adwaita", "Adwaita-dark"):
            setting = ("-c", "xsettings", "-p", "/Net/ThemeName")
            assert screen.ask("xfconf-query", *setting, "-n", "-t", "string", "-s", theme).returncode == 0
            assert color_scheme.is_dark(environ) is (theme == "Adwaita-dark")


@pytest.mark.parametrize(("theme", "is_dark"), [("Adwaita:dark", True), ("Adwaita-dark", True), ("Adwaita", False)])
def test_a_gtk_theme_of_the_users_own_goes_first(bus, theme, is_dark):
    with Portal(bus, LIGHT if is_dark else DARK) as portal:
        assert color_scheme.is_dark(on(bus, GTK_THEME=theme)) is is_dark
    assert portal.asked == []


AS_ON_WINDOWS = """
import sys, tkinter, types
from tkinter import ttk

class Windows(types.ModuleType):
    frames = []
    is_dark = staticmethod(lambda: sys.argv[1] == "dark")
    darken_frame = frames.append

sys.modules["traycreds.ui.windows_look"] = Windows("traycreds.ui.windows_look")
started = tkinter.Tk.__init__

def start(self, *more, **named):
    started(self, *more, **named)
    self.tk.eval('''rename tk of_x11
    proc tk {args} {
        if {$args eq "windowingsystem"} {return win32}
        uplevel 1 [list of_x11 {*}$args]
    }''')

tkinter.Tk.__init__ = start
from traycreds.ui import tk_theme
from traycreds.ui.mfa_window_tk import MfaWindow

root = tk_theme.new_window()
MfaWindow(root, "MFA code", "For the role dev", lambda typed: "")
root.update()
style = ttk.Style(root)
colors = root["background"], style.lookup("TLabel", "background"), style.lookup("TLabel", "foreground")
print(style.theme_use() == "clam", *colors, *(frame == int(root.wm_frame(), 16) for frame in Windows.frames))
"""


@needs_screen
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_windows_of_windows_are_dark_with_a_dark_frame_and_else_as_the_system_has_them(scheme):
    with contextlib.ExitStack() as ends:
        environment = {**os.environ, "DISPLAY": start_x(ends), "PYTHONPATH": os.fspath(Path(__file__).parents[2])}
        done = subprocess.run(
            [sys.executable, "-c", AS_ON_WINDOWS, scheme],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    is_ours, ground, of_label, of_text, *frames = done.stdout.split()
    if scheme == "dark":
        assert (ground, of_label, of_text) == (tk_theme.DARK.paper, tk_theme.DARK.paper, tk_theme.DARK.text)
        assert (is_ours, frames) == ("True", ["True"])
    else:
        assert (is_ours, frames) == ("False", [])
        assert tk_theme.DARK.paper not in (ground, of_label)
