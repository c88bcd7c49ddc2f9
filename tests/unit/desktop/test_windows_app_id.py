from __future__ import annotations

import ctypes
import sys

import pytest

from tests.windows.mark import on_wine, windows_only

pytestmark = windows_only


@pytest.mark.skipif(on_wine, reason="Wine takes the name and keeps none")
def test_notices_are_those_of_traycreds_and_not_of_python():
    from traycreds.desktop import windows_app_id

    windows_app_id.claim()
    found = ctypes.c_wchar_p()
    assert ctypes.windll.shell32.GetCurrentProcessExplicitAppUserModelID(ctypes.byref(found)) == 0
    assert found.value == "traycreds"


def test_it_can_be_taken_again():
    from traycreds.desktop import windows_app_id

    assert sys.platform == "win32"
    for _ in range(2):
        windows_app_id.claim()


def test_windows_knows_the_name_without_a_start_menu_shortcut():
    import winreg

    from traycreds.desktop import windows_app_id

    windows_app_id.claim()
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, r"Software\Classes\AppUserModelId\traycreds") as key:
        assert winreg.QueryValueEx(key, "DisplayName") == ("traycreds", winreg.REG_SZ)
