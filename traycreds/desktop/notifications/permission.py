"""Whether the system shows our notices, where it says so."""

from __future__ import annotations

import enum


class Permission(enum.Enum):
    """What it says."""

    # The user has not answered yet.
    NOT_ASKED = "not asked"
    GRANTED = "granted"
    REFUSED = "refused"
    # This process is none that could ask.
    NO_APP = "no app"


class NotAllowedError(OSError):
    """The user does not want our notices, so that no other way must be tried."""
