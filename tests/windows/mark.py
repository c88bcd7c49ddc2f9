"""Where a test runs: on Windows' Python, and then whether under Wine."""

from __future__ import annotations

import sys

import pytest

from tests.windows import wine


def _is_wine() -> bool:
    if sys.platform == "win32":
        import ctypes

        return hasattr(ctypes.windll.ntdll, "wine_get_version")
    return False


windows_only = pytest.mark.skipif(sys.platform != "win32", reason="Windows has it")
not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such thing")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Linux has it")
on_wine = _is_wine()
needs_wine = pytest.mark.skipif(not wine.is_there(), reason=f"needs Wine and Windows' Python: {wine.HOW_TO}")
