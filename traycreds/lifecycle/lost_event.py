"""What to do after an event that could not be folded into the state: nothing may wait for it forever."""

from __future__ import annotations

from traycreds.core.engine_state import Failure, State
from traycreds.core.errors import FailureKind
from traycreds.core.events import Event, Issued, IssueFailed, WriteFailed, Written
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy


def given_up(state: State, event: Event) -> State:
    """The state after an event that could not be folded in: calls and writes that waited for it count as failed."""
    if isinstance(event, (Issued, IssueFailed)):
        names = frozenset({event.role.name})
        state = replace(state, calls=state.calls - names, superseded=state.superseded - names)
        failure = Failure(
            kind=FailureKind.UNEXPECTED,
            sentence=f"Could not refresh the session of {event.role.name}.",
            hint="traycreds retries; see the log for details.",
            attempts=1,
            first_at=event.at,
            last_at=event.at,
            retry_at=event.at + policy.MIN_INTERVAL,
        )
        return state.map(
            lambda one: replace(one, failure=failure, unwritten=None) if one.role.name == event.role.name else one
        )
    if isinstance(event, (Written, WriteFailed)):
        return replace(state, writing=False)
    return state
