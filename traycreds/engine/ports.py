"""What the engine needs from the world, as Protocols; adapters fit them without importing them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from traycreds.core.messages import Notify
from traycreds.core.model import Batch, Credentials, Role, StoreView, WriteReport


class Clock(Protocol):
    """Time. Tests and the demo bring their own."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment, real time, counting the time asleep where the platform can tell."""
        ...

    def real_seconds(self, span: timedelta) -> float:
        """How long a span of `now()` lasts in real seconds (less than it says in the demo, where time runs fast)."""
        ...


class CredentialSource(Protocol):
    """Gets sessions from AWS."""

    def issue(self, role: Role) -> Credentials:
        """Get a new session; blocks for at most the network timeouts.

        Raises:
            IssueError: with the class of the failure, a sentence and a hint.
        """
        ...


class CredentialStore(Protocol):
    """The credentials file."""

    def read(self) -> StoreView:
        """What is on file now; a file that does not exist is an empty one.

        Raises:
            CredentialsFileError: it cannot be read or parsed.
        """
        ...

    def changed(self) -> bool:
        """Whether somebody else changed the file since the last `read`; one `stat`, never raises."""
        ...

    def write(self, batch: Batch) -> WriteReport:
        """Make all changes in one replace; a profile that is not ours is refused in the report.

        Raises:
            CredentialsFileError: nothing was written; the file is as it was.
        """
        ...


class Notifier(Protocol):
    """Tells the user."""

    def send(self, notice: Notify) -> None:
        """Show it; never raises, may block for a few seconds."""
        ...
