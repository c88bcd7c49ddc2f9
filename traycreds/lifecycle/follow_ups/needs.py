"""What roles need from this machine, reported when it changes. Pure."""

from __future__ import annotations

from traycreds.core.engine_state import State
from traycreds.core.events import SetNeeds
from traycreds.core.model import Need
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.lifecycle.due_sessions import wanted


def of(state: State) -> frozenset[Need]:
    """The needs of all roles: a network failure, a renewed role, and its first session."""
    found: set[Need] = set()
    for session in state.sessions:
        if session.failure is not None and session.failure.kind in policy.ENDED_BY_NETWORK:
            found.add("network")
        if wanted(session, state):
            found.update(("timers", "notices") if session.expires_at is not None else ("timers",))
    return frozenset(found)


def ask_for(state: State) -> tuple[State, tuple[SetNeeds, ...]]:
    """Report the needs if they changed, unless `needs` is None."""
    if state.needs is None:
        return state, ()
    newest = of(state)
    if newest == state.needs:
        return state, ()
    return replace(state, needs=newest), (SetNeeds(newest),)
