"""What the engine needs from the world, as Protocols; adapters fit them without importing them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from traycreds.core.errors import CredentialsFileError
from traycreds.core.events import Notify
from traycreds.core.model import Batch, Credentials, Role, StoreView, WriteReport


class Clock(Protocol):
    """Time. Tests and the demo bring their own."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Real seconds since some moment, including sleep where the platform can tell."""
        ...

    def real_seconds(self, span: timedelta) -> float:
        """A span of `now()` in real seconds (less in the demo, where time runs fast)."""
        ...


class CredentialSource(Protocol):
    """Gets sessions from AWS."""

    def issue(self, role: Role) -> Credentials:
        """Get a new session; blocks at most for network timeouts. Raises IssueError with kind, sentence and hint."""
        ...


class UndoneError(CredentialsFileError):
    """Another program keeps undoing our writes of the credentials file; `view` is what is on file."""

    def __init__(self, sentence: str, hint: str, view: StoreView) -> None:
        """Keep the view beside the two sentences."""
        super().__init__(sentence, hint)
        self.view = view


class CredentialStore(Protocol):
    """The credentials file."""

    def read(self) -> StoreView:
        """What is on file, if anything. Raises CredentialsFileError, UndoneError: our writes are undone."""
        ...

    def changed(self) -> bool:
        """Whether the file changed since the last `read`; quick, and never raises."""
        ...

    def next_check(self) -> float | None:
        """Real seconds until `changed` should be asked again, even if someone watches the file; None: no need."""
        ...

    def write(self, batch: Batch) -> WriteReport:
        """Make all changes in one replace, except refused ones. Raises CredentialsFileError: the file is unchanged."""
        ...


class Notifier(Protocol):
    """Tells the user."""

    def send(self, notice: Notify) -> None:
        """Show it; never raises, may block for a few seconds."""
        ...

    def take_back(self, keys: Iterable[str]) -> None:
        """Take away the notices of these keys, if they are shown; never raises, may block for a few seconds."""
        ...


class SecretStore(Protocol):
    """Keeps texts over a restart, as a keyring does."""

    def load(self, name: str) -> str | None:
        """The text stored under a name, if any."""

    def save(self, name: str, text: str) -> bool:
        """Keep it; says whether it is kept."""

    def delete(self, name: str) -> None:
        """Forget it."""
