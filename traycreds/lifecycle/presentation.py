"""Makes the Snapshot that is shown from state and time; no secret can get into it."""

from __future__ import annotations

from datetime import datetime, timedelta

from traycreds.core.engine_state import Session, State
from traycreds.core.model import DEFAULT_PROFILE
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import due_sessions, policy, regions
from traycreds.lifecycle.due_sessions import wanted
from traycreds.lifecycle.follow_ups import first_role
from traycreds.lifecycle.plan import due_at
from traycreds.lifecycle.status import default_switch, retried, status, under_way, untried

_WORST_FIRST = (Status.EXPIRED, Status.FAILED, Status.EXPIRING, Status.REFRESHING, Status.FRESH)


def minute(now: datetime) -> datetime:
    """The minute of a moment: between plans, time alone changes the display once a minute."""
    return now.replace(second=0, microsecond=0)


def snapshot(now: datetime, state: State, last: tuple[State, Snapshot] | None = None) -> Snapshot:
    """What is shown at a moment; views of the `last` snapshot that still hold are reused."""
    if state.missing is not None:
        state = _without_file(state)
    views = _views(now, state, last)
    # The dialog already says what these roles need.
    asked = {name for name, at in state.prompted if now <= at + policy.CLICK_LASTS}
    cared = {
        Status.REFRESHING if view.name in asked and view.mfa_device is not None else view.status
        for view in views
        if view.in_use or view.status is Status.FAILED
    }
    failure = state.write_failure or state.default_failure
    if failure is not None:
        cared.add(Status.FAILED)
    trouble = failure or state.missing
    next_refresh_at = None if state.suspended else _next_refresh_at(now, state)
    return Snapshot(
        as_of=minute(now),
        roles=views,
        overall=next((status for status in _WORST_FIRST if status in cared), Status.OFF),
        default_switch=default_switch(now, state),
        paused=state.suspended,
        skew=_shown(state.skew),
        discovered=state.discovered,
        keep_offered=first_role.offered(now, state),
        includes=state.includes,
        theme=state.settings.theme,
        trouble=trouble.sentence if trouble else None,
        trouble_hint=trouble.hint if trouble else None,
        next_refresh_at=next_refresh_at,
    )


def _without_file(state: State) -> State:
    """As it is for a moment: no session is on file, and none is the default."""
    return replace(state.map(lambda session: replace(session, expires_at=None)), default_on_file=None)


def _next_refresh_at(now: datetime, state: State) -> datetime | None:
    close, next_due, _ = due_sessions.find(now, state)
    coming = [next_due, *(due_at(session, state) for session in close if _renewed(session, state))]
    return min((moment for moment in coming if moment is not None and moment > now), default=None)


def _renewed(session: Session, state: State) -> bool:
    return wanted(session, state) and session.role.name not in state.calls


def _shown(skew: timedelta) -> timedelta:
    minute = timedelta(minutes=1)
    return round(skew / minute) * minute if abs(skew) > policy.SKEW_SHOWN else timedelta(0)


def _views(now: datetime, state: State, last: tuple[State, Snapshot] | None) -> tuple[RoleView, ...]:
    used = {name: place for place, name in enumerate(state.recent)}
    notes = {note.profile: f"{note.sentence} {note.hint}" for note in state.region_notes}
    before = {view.name: (of, view) for of, view in zip(last[0].sessions, last[1].roles, strict=True)} if last else {}
    default_role = state.default_role

    def shown(session: Session) -> RoleView:
        name = session.role.name
        is_default, wanted_default = name == default_role, name == state.chosen
        note = notes.get(session.role.profile) or (notes.get(DEFAULT_PROFILE) if is_default else None)
        retrying = session.failure is not None and under_way(session, state)
        again = session.failure is not None and retried(session, state)
        by_state = status(now, session, state), is_default, wanted_default, used.get(name), note
        of, view = before.get(name, (None, None))
        if (
            view is None
            or of is not session
            or view.expires_at != session.expires_at
            or by_state != (view.status, view.is_default, view.wanted_default, view.recent, view.region_note)
            or view.retrying is not retrying
            or (view.retry_at, view.hint) != (_retry_at(session, again), _hint(session, again))
        ):
            view = _view(
                session,
                shown_as=by_state[0],
                is_default=is_default,
                wanted_default=wanted_default,
                recent=used.get(name),
                note=note,
                retrying=retrying,
                again=again,
            )
        return view

    return tuple(map(shown, state.sessions))


def _retry_at(session: Session, again: bool) -> datetime | None:
    return session.failure.retry_at if session.failure is not None and again else None


def _hint(session: Session, again: bool) -> str | None:
    if session.failure is None or again:
        return None if session.failure is None else session.failure.hint
    return untried(session.failure.hint)


def _view(
    session: Session,
    *,
    shown_as: Status,
    is_default: bool,
    wanted_default: bool,
    recent: int | None,
    note: str | None,
    retrying: bool,
    again: bool,
) -> RoleView:
    failure = session.failure
    return RoleView(
        name=session.role.name,
        profile=session.role.profile,
        status=shown_as,
        retrying=retrying,
        account_id=session.role.account_id,
        group=session.role.group,
        partition=regions.partition_of(session.role),
        region=session.region or session.role.region,
        configured_region=session.role.region,
        region_note=note,
        expires_at=session.expires_at,
        lifetime=policy.lifetime(session) if session.expires_at is not None else None,
        note=session.note if session.expires_at is not None else None,
        kept=session.keep,
        keep_until=session.keep_until,
        is_default=is_default,
        wanted_default=wanted_default,
        kind=failure.kind if failure else None,
        reason=failure.in_words if failure else None,
        error=failure.sentence if failure else None,
        hint=_hint(session, again),
        failing_since=failure.first_at if failure else None,
        needs_user=failure is not None and failure.retry_at is None,
        retry_at=_retry_at(session, again),
        mfa_device=failure.device if failure else None,
        sign_in=failure.sign_in if failure else None,
        favourite=session.role.favourite,
        color=session.role.color,
        label=session.role.label,
        recent=recent,
    )
