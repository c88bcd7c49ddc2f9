"""What Windows' settings say of dark windows, from its own registry; its calls are recorded where Wine has none."""

from __future__ import annotations

import ctypes
import sys

import pytest

from tests.windows.mark import windows_only

pytestmark = windows_only


@pytest.fixture
def setting():
    """Sets what the Settings write, None for nothing; it is as before afterwards."""
    assert sys.platform == "win32"
    import winreg

    from traycreds.ui import windows_look

    def apps_are_light(value):
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, windows_look.THEMES) as key:
            if value is None:
                winreg.DeleteValue(key, "AppsUseLightTheme")
            else:
                winreg.SetValueEx(key, "AppsUseLightTheme", 0, winreg.REG_DWORD, value)

    def now():
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, windows_look.THEMES) as key:
                return winreg.QueryValueEx(key, "AppsUseLightTheme")[0]
        except FileNotFoundError:
            return None

    before = now()
    yield apps_are_light
    if now() != before:
        apps_are_light(before)


def test_windows_are_dark_where_the_settings_say_so(setting):
    from traycreds.ui import windows_look

    setting(0)
    assert windows_look.is_dark()
    setting(1)
    assert not windows_look.is_dark()
    setting(None)
    assert not windows_look.is_dark(), "as Windows comes"


def test_high_contrast_keeps_the_users_own_colors(setting, monkeypatch):
    from traycreds.ui import windows_look

    setting(0)
    monkeypatch.setattr(windows_look, "has_high_contrast", lambda: True)
    assert not windows_look.is_dark()


def test_windows_is_asked_whether_it_has_high_contrast():
    from traycreds.ui import windows_look

    assert windows_look.has_high_contrast() is False


def test_the_frame_of_a_window_is_asked_to_be_dark(monkeypatch):
    from traycreds.ui import windows_look

    asked = []

    class Dwm:
        @staticmethod
        def DwmSetWindowAttribute(window, attribute, value, size):  # noqa: N802 - Windows' name
            asked.append((window.value, attribute.value, value._obj.value, size))

    monkeypatch.setattr(ctypes, "WinDLL", lambda name: Dwm if name == "dwmapi" else None)
    windows_look.darken_frame(0x10123)
    assert asked == [(0x10123, 20, 1, 4)]
