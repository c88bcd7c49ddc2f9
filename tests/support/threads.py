"""Threads that a test leaves behind: they would disturb one that comes after it."""

from __future__ import annotations

import threading
import time

from tests.support.wait_until import PATIENCE


def left_behind(before: frozenset[threading.Thread]) -> list[str]:
    """The names of threads that are new and do not end; those without a name of their own are the tests' servers."""
    end = time.monotonic() + PATIENCE
    while names := sorted(thread.name for thread in set(threading.enumerate()) - before if _has_name(thread)):
        if time.monotonic() > end:
            return names
        time.sleep(0.005)
    return []


def _has_name(thread: threading.Thread) -> bool:
    return not thread.name.startswith(("Thread-", "Dummy-"))
