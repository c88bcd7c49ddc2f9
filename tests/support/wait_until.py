"""Waiting for what another process or thread does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 50.0 if sys.platform != "win32" else 120.0
"""Seconds for what comes at once on an idle machine; to start a program takes Wine far longer than Linux."""


def until(condition: Callable[[], Any], what: str = "", timeout: float = PATIENCE) -> Any:
    """Wait until a condition holds and give its value; the test fails if it does not within `timeout` seconds."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {timeout} s: {what or condition}"
        time.sleep(0.005)
    return value


def written(file: Path, what: str = "", timeout: float = PATIENCE) -> str:
    """Wait until another process has written a file, and give its text: a file is there before its text is."""
    return until(lambda: file.exists() and file.read_text(encoding="utf-8"), what or f"{file.name} is written", timeout)
