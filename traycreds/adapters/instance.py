"""One running app for each user: a lock that the system takes back when the process dies, however it dies."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import final


@final
class SingleInstance:
    """Holds the lock while entered.

    Attributes:
        first: whether no other app runs.
    """

    def __init__(self, state_dir: Path) -> None:
        """Take nothing yet."""
        self._state_dir = state_dir
        self._lock: object = None
        self.first = False

    def __enter__(self) -> SingleInstance:
        """Try to take the lock; a folder that allows no locks (some network homes) counts as first."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - 5 ms that `--version` need not pay

        try:
            self._state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self._state_dir / "app.lock", timeout=0)
            lock.acquire()
        except Timeout:
            return self
        except (OSError, NotImplementedError):
            self.first = True
            return self
        self._lock, self.first = lock, True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back."""
        release = getattr(self._lock, "release", None)
        if release is not None:
            release()
