"""Owns the state: folds events in, and plans; an unexpected error leaves the last good state. Never waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from traycreds.core.engine_state import State
from traycreds.core.events import Action, Event
from traycreds.engine.unexpected_errors import UnexpectedErrors
from traycreds.lifecycle import apply, plan
from traycreds.lifecycle.lost_event import given_up

AFTER_FAULT = timedelta(seconds=5)
"""Until a failed plan is retried: it must not burn the machine."""


class Decisions:
    """The engine's state and what it does next; at `wake_at` it plans again even without an event."""

    def __init__(self, state: State, now: datetime, unexpected: UnexpectedErrors) -> None:
        """Begin with a state of which no plan was made."""
        self.state = state
        self.wake_at: datetime | None = None
        self._good = state
        self._planned: State | None = None
        self._planned_at = now
        self._unexpected = unexpected

    def apply(self, event: Event) -> bool:
        """Fold an event in; if that fails, drop it, and end the waits for it."""
        try:
            self.state = apply.apply(self.state, event)
        except Exception as error:  # noqa: BLE001 - it is logged and reported
            self.state = given_up(self.state, event)
            self._unexpected.note(f"unexpected error in the event {type(event).__name__}; continuing", error)
            return False
        return True

    def hold(self, now: datetime) -> bool:
        """Whether nothing can have changed since the last plan: no event came, and it is too early to plan again."""
        return self.state is self._planned and self._planned_at <= now < (
            self.wake_at or datetime.max.replace(tzinfo=now.tzinfo)
        )

    def plan(self, now: datetime, events: Sequence[Event]) -> tuple[Action, ...]:
        """What to do now, after these events; nothing when no plan can be made, and then from the last good state."""
        try:
            planned = plan.plan(now, self.state)
        except Exception as error:  # noqa: BLE001 - it is logged and reported
            names = ", ".join(type(event).__name__ for event in events) or "no event"
            for event in events:
                self._good = given_up(self._good, event)
            self.state = self._planned = self._good
            self.wake_at, self._planned_at = now + AFTER_FAULT, now
            self._unexpected.note(f"unexpected error in the plan after {names}; continuing", error)
            return ()
        self.state = self._planned = self._good = planned.state
        self.wake_at, self._planned_at = planned.wake_at, now
        return planned.actions
