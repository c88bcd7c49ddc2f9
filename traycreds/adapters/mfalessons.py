"""What AWS refused although a code had been spent on it, so that no other code is spent on the same for a while.

Over a restart too, where there is a keeper. Holds no secret.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from traycreds.adapters.keeper import Keeper

KEPT = timedelta(days=7)
"""How long AWS's word counts: somebody may change the role or the policy, and a code a week is a small price."""

_PAST = datetime.min.replace(tzinfo=timezone.utc)


class Lessons:
    """Names of what was refused; from any thread."""

    def __init__(self, keeper: Callable[[], Keeper | None], now: Callable[[], datetime]) -> None:
        """Nothing is read yet.

        Args:
            keeper: gives what keeps texts over a restart, None for nothing.
            now: the time.
        """
        self._keeper = keeper
        self._now = now
        self._lock = threading.Lock()
        self._until: dict[str, datetime] = {}

    def learnt(self, name: str) -> bool:
        """Whether AWS is known to refuse it."""
        with self._lock:
            if name not in self._until:
                keeper = self._keeper()
                self._until[name] = _moment(keeper.load(_entry(name)) if keeper else None)
            return self._until[name] > self._now()

    def learn(self, name: str) -> None:
        """AWS refused it."""
        with self._lock:
            until = self._until[name] = self._now() + KEPT
            keeper = self._keeper()
            if keeper is not None:
                keeper.save(_entry(name), until.isoformat())


def _entry(name: str) -> str:
    return f"refused {name}"


def _moment(text: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return _PAST
    return moment if moment.tzinfo else _PAST
