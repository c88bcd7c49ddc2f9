"""What is said of notices that may not be seen. How macOS answers is tested by tests/mac."""

from __future__ import annotations

import pytest

from traycreds.desktop.notifications import advice
from traycreds.desktop.notifications.permission import Permission


class Center:
    """What is asked of macOS."""

    def __init__(self, answer):
        self._answer = answer

    def permission(self):
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    @staticmethod
    def app_name():
        return "Python"


@pytest.mark.parametrize("answer", [Permission.GRANTED, Permission.NOT_ASKED, TimeoutError("macOS does not respond")])
def test_nothing_is_reported_while_no_fault_is_known(answer):
    assert advice.of_center(Center(answer)) is None


def test_a_refusal_is_reported_with_the_name_that_the_system_has_for_this_program():
    found = advice.of_center(Center(Permission.REFUSED))
    assert (found.off, found.short) == (True, "Notices are off: System Settings > Notifications > Python")
    assert found.remedy == "Allow them in System Settings > Notifications > Python."


def test_for_a_python_that_is_no_app_doctor_says_how_osascript_shows_notices():
    found = advice.of_center(Center(Permission.NO_APP))
    assert (found.off, found.short) == (False, "No notices? Run: traycreds doctor --notify")


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_other_systems_report_nothing(platform):
    assert advice.here(platform) is None
