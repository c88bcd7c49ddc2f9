"""Makes the Snapshot that is shown from state and time; no secret can get into it."""

from __future__ import annotations

from datetime import datetime, timedelta

from traycreds.core import outlook, policy, regions
from traycreds.core.decide import due_at
from traycreds.core.model import DEFAULT_PROFILE, Session, State
from traycreds.core.outlook import wanted
from traycreds.core.shown import RoleView, Snapshot, Status

_WORST_FIRST = (Status.EXPIRED, Status.FAILED, Status.EXPIRING, Status.REFRESHING, Status.FRESH)


def minute(now: datetime) -> datetime:
    """The minute that a moment is in: how often what is shown changes by time alone, but for the moments of a plan."""
    return now.replace(second=0, microsecond=0)


def snapshot(now: datetime, state: State, last: tuple[State, Snapshot] | None = None) -> Snapshot:
    """What is shown at a moment.

    Args:
        now: the moment.
        state: what is known.
        last: what was shown of an earlier state: views that still hold are taken from it, since most do.
    """
    views = _views(now, state, last)
    cared = {view.status for view in views if view.kept or view.is_default or view.status is Status.FAILED}
    trouble = state.write_failure or state.default_failure
    if trouble is not None:
        cared.add(Status.FAILED)
    next_refresh_at = None if state.resting else _next_refresh_at(now, state)
    return Snapshot(
        as_of=minute(now),
        known=state.file_known,
        roles=views,
        overall=next((status for status in _WORST_FIRST if status in cared), Status.OFF),
        chosen=state.chosen,
        default_written=state.file_known and state.chosen is not None and not state.default_due,
        default_refused=trouble is not None and state.write_failure is None,
        paused=state.resting,
        hushed=state.hushed(now),
        skew=_shown(state.skew),
        discovered=state.discovered,
        includes=state.includes,
        theme=state.settings.theme,
        trouble=trouble.sentence if trouble else None,
        trouble_hint=trouble.hint if trouble else None,
        next_refresh_at=next_refresh_at,
    )


def _next_refresh_at(now: datetime, state: State) -> datetime | None:
    close, next_due, _ = outlook.look(now, state)
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

    def shown(session: Session) -> RoleView:
        name = session.role.name
        is_default = name == state.chosen
        note = notes.get(session.role.profile) or (notes.get(DEFAULT_PROFILE) if is_default else None)
        retrying = session.failure is not None and _under_way(session, state)
        by_state = _status(now, session, state), is_default, used.get(name), note
        of, view = before.get(name, (None, None))
        if (
            view is None
            or of is not session
            or by_state != (view.status, view.is_default, view.recent, view.region_note)
            or view.retrying is not retrying
        ):
            view = _view(session, *by_state, retrying=retrying)
        return view

    return tuple(map(shown, state.sessions))


def _view(
    session: Session, status: Status, is_default: bool, recent: int | None, note: str | None, *, retrying: bool
) -> RoleView:
    failure = session.failure
    return RoleView(
        name=session.role.name,
        profile=session.role.profile,
        status=status,
        retrying=retrying,
        account_id=session.role.account_id,
        group=session.role.group,
        partition=regions.partition_of(session.role),
        region=session.region or session.role.region,
        configured_region=session.role.region,
        region_note=note,
        expires_at=session.expires_at,
        note=session.note if session.expires_at is not None else None,
        kept=session.keep,
        keep_until=session.keep_until,
        configured_keep=session.role.keep,
        is_default=is_default,
        kind=failure.kind if failure else None,
        error=failure.sentence if failure else None,
        hint=failure.hint if failure else None,
        failing_since=failure.first_at if failure else None,
        needs_user=failure is not None and failure.retry_at is None,
        retry_at=failure.retry_at if failure else None,
        mfa_device=failure.device if failure else None,
        sign_in=failure.sign_in if failure else None,
        favourite=session.role.favourite,
        recent=recent,
    )


def _under_way(session: Session, state: State) -> bool:
    return session.asked or session.role.name in state.calls or session.unwritten is not None


def _status(now: datetime, session: Session, state: State) -> Status:
    if session.failure is None and _under_way(session, state):
        return Status.REFRESHING
    if session.expires_at is not None and session.expires_at > now:
        # A session that is about to be renewed is fresh to the last minute: nobody has to do anything.
        renewed = wanted(session, state) and not state.resting and session.failure is None
        soon = session.expires_at - now <= state.settings.notify_before
        return Status.EXPIRING if soon and not renewed else Status.FRESH
    if session.failure is not None:
        return Status.FAILED
    if session.expires_at is not None:
        return Status.EXPIRED
    return Status.REFRESHING if wanted(session, state) and not state.resting else Status.OFF
