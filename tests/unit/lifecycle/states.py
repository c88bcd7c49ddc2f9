"""Facts that the tests of `apply` share."""

from __future__ import annotations

from datetime import timedelta

from tests.support.builders import (
    NOW,
    a_state,
)
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    IssueFailed,
)
from traycreds.core.model import Settings

SECOND = timedelta(seconds=1)


SETTINGS = Settings()


def failed(role, kind=FailureKind.NETWORK, at=NOW):
    return IssueFailed(role, kind, "It failed.", "Do something.", at)


def calling(*sessions, **changes):
    return a_state(*sessions, calls=frozenset(session.role.name for session in sessions), **changes)
