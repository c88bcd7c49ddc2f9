"""What starts a process again under Wine does so for Wine's own fault alone."""

from __future__ import annotations

import pytest

from tests.windows.lost_starts import INTERNAL_ERROR, TIMES, starts_again


class WindowsError(OSError):
    def __init__(self, number):
        super().__init__(number, "refused")
        self.winerror = number


def failing(number, times):
    tries = []

    def create(*arguments):
        tries.append(arguments)
        if len(tries) <= times:
            raise WindowsError(number)
        return "started"

    return create, tries


def test_a_start_that_wine_lost_begins_again():
    create, tries = failing(INTERNAL_ERROR, TIMES - 1)
    assert starts_again(create)("python.exe", "-m") == "started"
    assert tries == [("python.exe", "-m")] * TIMES


@pytest.mark.parametrize(("number", "tries_made"), [(INTERNAL_ERROR, TIMES), (2, 1), (5, 1)])
def test_what_fails_again_or_otherwise_is_raised(number, tries_made):
    create, tries = failing(number, TIMES)
    with pytest.raises(WindowsError):
        starts_again(create)("python.exe")
    assert len(tries) == tries_made
