"""Whether the system shows our notices, where it says so."""

from __future__ import annotations

import enum


class Permission(enum.Enum):
    """What the system says of our notices."""

    NOT_ASKED = "not asked"
    """The user has not answered yet."""
    GRANTED = "granted"
    REFUSED = "refused"
    NO_APP = "no app"
    """This process is none that could ask."""


class NotAllowedError(OSError):
    """The user does not want our notices, so that no other way must be tried."""
