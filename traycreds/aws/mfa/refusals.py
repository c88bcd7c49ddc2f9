"""Remembers, also over a restart, what AWS refused despite a code, so that no second code is spent. Holds no secret."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from traycreds.core.ports import SecretStore
from traycreds.core.text import from_rfc_3339, rfc_3339

KEPT = timedelta(days=7)
"""How long AWS's answer counts: someone may change the role or the policy, and a code a week is cheap."""

_PAST = datetime.min.replace(tzinfo=timezone.utc)


class KnownRefusals:
    """Names of what was refused; from any thread."""

    def __init__(self, store: Callable[[], SecretStore | None], now: Callable[[], datetime]) -> None:
        """Read nothing yet; `store` gives the secret store, or None."""
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._until: dict[str, datetime] = {}

    def is_known(self, name: str) -> bool:
        """Whether AWS is known to refuse it."""
        with self._lock:
            if name not in self._until:
                store = self._store()
                self._until[name] = from_rfc_3339(store.load(_key(name)) if store else None) or _PAST
            # An end that is further ahead was noted by a clock that was.
            return timedelta(0) < self._until[name] - self._now() <= KEPT

    def add(self, name: str) -> None:
        """Note that AWS refused it."""
        with self._lock:
            until = self._until[name] = self._now() + KEPT
            store = self._store()
            if store is not None:
                store.save(_key(name), rfc_3339(until))


def _key(name: str) -> str:
    return f"refused {name}"
