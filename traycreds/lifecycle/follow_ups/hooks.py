"""Which programs of the user are run: `on_refreshed` for written sessions, `on_failed` for announced failures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from traycreds.core.engine_state import Session, State
from traycreds.core.errors import FailureKind
from traycreds.core.events import Notify, RunHook
from traycreds.core.value_class import replace
from traycreds.lifecycle import notices


def run(state: State, announced: Iterable[Notify]) -> tuple[State, tuple[RunHook, ...]]:
    """The programs to run for sessions that we wrote since the last plan, and for failures announced now."""
    hooks = (*_refreshed(state), *_failed(state, announced))
    return (replace(state, refreshed=()) if state.refreshed else state), hooks


def _refreshed(state: State) -> Iterator[RunHook]:
    program = state.settings.on_refreshed
    refreshed = frozenset(state.refreshed)
    for session in state.sessions if program and refreshed else ():
        if session.role.name in refreshed and session.expires_at is not None:
            yield _hook(program, session)


def _failed(state: State, announced: Iterable[Notify]) -> Iterator[RunHook]:
    program = state.settings.on_failed
    for notice in announced if program else ():
        cause, failing = notices.failure_of(notice.key), frozenset(notice.roles)
        for session in state.sessions if cause is not None else ():
            if session.role.name in failing:
                yield _hook(program, session, session.failure.kind if session.failure is not None else cause)


def _hook(program: tuple[str, ...], session: Session, error: FailureKind | None = None) -> RunHook:
    role = session.role
    return RunHook(program=program, role=role.name, profile=role.profile, expires_at=session.expires_at, error=error)
