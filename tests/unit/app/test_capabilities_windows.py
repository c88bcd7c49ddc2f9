"""Which windows this machine can show, by its variables and programs."""

from __future__ import annotations

import sys

import pytest

from traycreds.app import capabilities

X11, WAYLAND, XWAYLAND = {"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "w"}, {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}


@pytest.fixture
def tk(monkeypatch):
    """Say whether there is tkinter."""
    return lambda here: monkeypatch.setattr(capabilities, "has_tk", lambda: here)


@pytest.mark.parametrize(
    ("environ", "platform", "shown"),
    [
        ({}, "linux", False),
        (X11, "linux", True),
        (WAYLAND, "linux", False),
        (XWAYLAND, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_window_needs_tk_and_on_linux_an_x_server(tk, environ, platform, shown):
    tk(True)
    assert capabilities.can_show_window(environ, platform) is shown
    tk(False)
    assert not capabilities.can_show_window(environ, platform)


@pytest.mark.parametrize("program", ["zenity", "kdialog"])
def test_a_list_needs_a_window_or_a_program_of_the_desktop(tk, tmp_path, program):
    tk(False)
    path = tmp_path / (f"{program}.exe" if sys.platform == "win32" else program)
    here = {"PATH": str(tmp_path)}
    assert not capabilities.can_show_list({**WAYLAND, **here}, "linux")
    path.touch(mode=0o755)
    assert capabilities.can_show_list({**WAYLAND, **here}, "linux")
    assert capabilities.can_show_list({**X11, **here}, "linux")
    assert not capabilities.can_show_list(here, "linux"), "there is no screen"
    assert capabilities.can_show_list({}, "win32"), "a console asks"
    assert capabilities.can_show_list({}, "darwin"), "AppleScript asks"
    tk(True)
    assert capabilities.can_show_list(X11, "linux")


def test_tkinter_is_found_without_loading_it(monkeypatch):
    asked = []
    monkeypatch.setattr(capabilities.importlib.util, "find_spec", asked.append)
    assert not capabilities.has_tk()
    assert asked == ["_tkinter"]
