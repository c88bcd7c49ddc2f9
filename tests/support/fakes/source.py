"""AWS as a script: a small working source that passes the contract suite of the real one."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.support.builders import HOUR, NOW
from traycreds.core.model import Credentials, Role


class ScriptedSource:
    """Fits `core.ports.CredentialSource`.

    Attributes:
        asked: the names of the roles that were asked for, in order.
    """

    def __init__(self, *, now: Callable[[], datetime] = lambda: NOW, lifetime: timedelta = HOUR) -> None:
        """Issue sessions that begin at `now` and last `lifetime`, unless their role says how long."""
        self.asked: list[str] = []
        self._now = now
        self._lifetime = lifetime
        self._errors: dict[str | None, Exception] = {}
        self._gates: dict[str | None, threading.Event] = {}
        self._numbers = itertools.count(1)

    def fail(self, error: Exception, role: str | None = None) -> None:
        """Fail for a role, or for all, until `heal`."""
        self._errors[role] = error

    def heal(self) -> None:
        """Answer well again."""
        self._errors.clear()

    def hold(self, role: str | None = None) -> threading.Event:
        """Hang calls for a role, or for all, until the event that this returns is set."""
        return self._gates.setdefault(role, threading.Event())

    def issue(self, role: Role) -> Credentials:
        """Answer by the script."""
        self.asked.append(role.name)
        number = next(self._numbers)
        for name in (role.name, None):
            if name in self._gates:
                self._gates[name].wait()
            if name in self._errors:
                raise self._errors[name]
        return Credentials(
            access_key_id=f"ASIASCRIPTED{number:08d}",
            secret_access_key=f"scripted-secret-{number}",
            session_token=f"scripted-token-{number}",
            expires_at=self._now() + (role.duration or self._lifetime),
        )
