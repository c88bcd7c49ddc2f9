"""The first role that a user without a configuration clicks: once it has a session, offers to keep it alive. Pure."""

from __future__ import annotations

from datetime import datetime

from traycreds.core.engine_state import State
from traycreds.core.events import Clicked, Notify, RoleChosen
from traycreds.core.model import RoleName
from traycreds.core.value_class import replace
from traycreds.lifecycle import alerts, notices
from traycreds.lifecycle.status import valid


def clicked(state: State, event: Clicked, *, before: State) -> State:
    """Remember the role of the first click, or of the next one where that led to nothing yet."""
    if not isinstance(event.event, RoleChosen) or not before.discovered:
        return state
    untold = before.first_role is not None and not _is_announced(before)
    first = event.event.name if untold or not before.recent else None
    return state if first == state.first_role else replace(state, first_role=first)


def offer(now: datetime, state: State) -> tuple[State, tuple[Notify, ...]]:
    """The notice that offers it, once; forget the role when it is kept, is no longer the choice, or is configured."""
    if state.first_role is None:
        return state, ()
    session = state.session(state.first_role)
    if session is None or session.keep or state.chosen != state.first_role or not state.discovered:
        return replace(state, first_role=None), ()
    if _is_announced(state) or offered(now, state) is None:
        return state, ()
    return alerts.mark(state, {state.first_role: None}), (notices.first_role(session),)


def offered(now: datetime, state: State) -> RoleName | None:
    """The role to offer *Keep alive* for: it is the default profile, with a session on file."""
    session = state.session(state.first_role) if state.first_role is not None else None
    if session is None or session.keep or state.default_role != state.first_role or not valid(now, session):
        return None
    return state.first_role


def _is_announced(state: State) -> bool:
    return any(key == notices.FIRST_ROLE for key, _ in state.notices)
