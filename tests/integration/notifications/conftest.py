"""A session bus of the test's own."""

from __future__ import annotations

import shutil

import pytest

from tests.desktop.session_bus import NEEDS_BUS, PrivateBus


@pytest.fixture
def bus():
    """The address of a private bus that starts no services by itself."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip(NEEDS_BUS)
    with PrivateBus() as private:
        yield private.address
