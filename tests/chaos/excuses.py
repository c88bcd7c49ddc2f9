"""For which roles AWS, a program or a file keeps the app from having a good session now, and until when that excuses it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from tests.chaos.home import AFFECTED_BY_LINK, LINK, PERMISSION_SET, ROLES, SSO

GRACE = timedelta(seconds=60)
"""After an outage, by the app's clock."""


def affected(role: str | None) -> Collection[str]:
    """The roles that have no new session while a fault hits the calls for one; None hits all."""
    if role is None:
        return ROLES
    return {LINK: AFFECTED_BY_LINK, PERMISSION_SET: (SSO,)}.get(role, (role,))


class Excuses:
    """What continues now, and what is over."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._active: dict[str, int] = defaultdict(int)
        self._until: dict[str, datetime] = {}

    def begin(self, roles: Collection[str]) -> None:
        with self._lock:
            for role in roles:
                self._active[role] += 1

    def end(self, roles: Collection[str], *, grace: timedelta = GRACE) -> None:
        with self._lock:
            for role in roles:
                self._active[role] -= 1
        self.allow(roles, grace=grace)

    def allow(self, roles: Collection[str], *, grace: timedelta = GRACE) -> None:
        """Something happened that takes a moment to mend."""
        until = self._now() + grace
        with self._lock:
            for role in roles:
                self._until[role] = max(until, self._until.get(role, until))

    def active(self, role: str) -> bool:
        return self._active[role] > 0

    def holds(self, role: str) -> bool:
        return self.active(role) or (role in self._until and self._now() <= self._until[role])
