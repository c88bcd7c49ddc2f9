"""Takes back notices that no longer apply; news (a recovery, an answer to a click) stays until read. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from traycreds.core.engine_state import State
from traycreds.core.events import Notify, TakeBack
from traycreds.core.model import RoleName
from traycreds.core.value_class import replace
from traycreds.lifecycle import notices
from traycreds.lifecycle.due_sessions import wanted


def take_back(now: datetime, state: State, announced: Iterable[Notify]) -> tuple[State, tuple[TakeBack, ...]]:
    """Remember new notices, and take back those that no longer apply."""
    known = dict(state.notices) | {notice.key: notice.ending for notice in announced}
    if not known:
        return state, ()
    keys = notices.lasting_keys(now, state)
    lasting = {
        key: ending
        for key, ending in known.items()
        if key in keys or (ending is not None and _keeping_ends(*ending, now, state))
    }
    over = tuple(key for key, _ in state.notices if key not in lasting)
    if tuple(lasting.items()) != state.notices:
        state = replace(state, notices=tuple(lasting.items()))
    return state, (TakeBack(over),) if over else ()


def _keeping_ends(name: RoleName, until: datetime, now: datetime, state: State) -> bool:
    """Whether a role's keeping ends as announced, or has ended with its session still there."""
    session = state.session(name)
    if session is None:
        return False
    if wanted(session, state):
        return session.keep_until == until and name != state.chosen
    return session.expires_at is not None and until <= now
