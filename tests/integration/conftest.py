"""What programs under test need around them."""

from __future__ import annotations

import pytest

from tests.windows.mark import on_wine


@pytest.fixture(scope="session", autouse=True)
def _desktop():
    """Have Wine's desktop begun from here: begun by a command under test, it would keep that command's output open."""
    if on_wine:
        import ctypes

        ctypes.windll.user32.GetDesktopWindow()
