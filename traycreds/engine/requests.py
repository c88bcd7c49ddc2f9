"""What others ask of the loop that is no event."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from traycreds.core.engine_state import State
from traycreds.core.snapshot import Snapshot
from traycreds.core.value_class import value_class

T = TypeVar("T")


@value_class
class Barrier:
    """A place in the stream of messages; its callback is called when the loop has passed it."""

    passed: Callable[[Snapshot], None]


@value_class
class FileMayHaveChanged:
    """Someone may have changed the credentials file."""


Condition: TypeAlias = Callable[[datetime, State], "T | None"]
"""What someone waits for, False or None until it holds; raises a TraycredsError once it cannot."""


@value_class(eq=False)
class Waiter(Generic[T]):
    """Someone who waits for a condition."""

    holds: Condition[T]
    future: Future[tuple[Snapshot, T]]

    def check(self, now: datetime, state: State, snapshot: Snapshot) -> bool:
        """Give the future the Snapshot and what the condition found, or its error; whether nobody waits any longer."""
        if self.future.cancelled():
            return True
        try:
            found = self.holds(now, state)
        except Exception as error:  # noqa: BLE001 - the waiter on the future raises it
            if self.future.set_running_or_notify_cancel():
                self.future.set_exception(error)
            return True
        if found is None or found is False:
            return False
        if self.future.set_running_or_notify_cancel():
            self.future.set_result((snapshot, found))
        return True
