"""How all refreshes slow down when AWS throttles requests. Owns no number of seconds (see `policy`), reads no clock."""

from __future__ import annotations

from datetime import datetime

from traycreds.core.value_class import replace, value_class


@value_class(kw_only=True)
class Throttle:
    """After throttling, refreshes wait, then start one at a time, and faster with each session that AWS gives.

    The limit is the account's, not the role's: 200 roles that back off separately would ask as often as before.

    Attributes:
        refusals: throttled rounds since the last session; calls in flight together count once.
        since: when the newest wait ends; calls that began before it say nothing about later ones.
        until, limit: no refresh begins before this moment; how many may begin then.
    """

    refusals: int
    since: datetime
    until: datetime
    limit: int = 1

    def limit_at(self, now: datetime) -> int:
        """How many refreshes may begin at a moment."""
        return self.limit if self.until <= now else 0

    def shut(self, until: datetime) -> Throttle:
        """The allowed number has begun; the next ones wait for an answer to one of them, or for this moment."""
        return replace(self, until=until)

    def asked_again(self, until: datetime) -> Throttle:
        """AWS asked again: start over after a wait."""
        return Throttle(refusals=self.refusals + 1, since=until, until=until)

    def ended(self, at: datetime) -> Throttle:
        """A call ended otherwise, without a session: the next may begin."""
        return replace(self, until=at)

    def given(self, at: datetime) -> Throttle:
        """AWS gave a session: the next may begin, one more at a time."""
        return replace(self, refusals=0, until=at, limit=self.limit + 1)
