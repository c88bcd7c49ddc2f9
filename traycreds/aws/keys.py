"""The credentials of a source, which no repr shows, and how long they and sessions from them are good."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from traycreds.core.model import ONE_HOUR

HOUR = int(ONE_HOUR.total_seconds())
"""Seconds that a session may last when its source is itself temporary (STS API reference, AssumeRole)."""

LONGEST = 43200
"""The most seconds that any role may allow for a session (the same)."""

SPARE = timedelta(minutes=1)
"""Temporary credentials of a source are used until this long before they expire."""

FROM_FILES = frozenset({"shared-credentials-file", "config-file"})
"""botocore's methods whose credentials change only when the files do."""


class Keys(NamedTuple):
    """Credentials of a source; `method` is botocore's name for their origin."""

    access_key: str
    secret_key: str
    token: str | None
    expires_at: datetime | None
    method: str
    account_id: str | None = None

    def __repr__(self) -> str:
        """Show no key."""
        return f"Keys(method={self.method!r})"

    def usable(self) -> bool:
        """Whether they can be used without resolving the source again."""
        if self.expires_at is None:
            return self.method in FROM_FILES
        return self.expires_at - datetime.now(timezone.utc) > SPARE
