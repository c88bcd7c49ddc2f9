"""Makes the Snapshot that is shown from state and time; no secret can get into it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from traycreds.core import policy, regions
from traycreds.core.decide import due_at, wanted
from traycreds.core.model import DEFAULT_PROFILE, ProfileName, Session, State
from traycreds.core.shown import RoleView, Snapshot, Status

_WORST_FIRST = (Status.EXPIRED, Status.FAILED, Status.EXPIRING, Status.REFRESHING, Status.FRESH)


def minute(now: datetime) -> datetime:
    """The minute that a moment is in: how often what is shown changes by time alone, but for the moments of a plan."""
    return now.replace(second=0, microsecond=0)


def snapshot(now: datetime, state: State) -> Snapshot:
    """What is shown at a moment."""
    used = {name: place for place, name in enumerate(state.recent)}
    notes = {note.profile: f"{note.sentence} {note.hint}" for note in state.region_notes}
    views = tuple(_view(now, session, state, used.get(session.role.name), notes) for session in state.sessions)
    cared = {view.status for view in views if view.kept or view.is_default or view.status is Status.FAILED}
    trouble = state.write_failure or state.default_failure
    if trouble is not None:
        cared.add(Status.FAILED)
    coming = (
        []
        if state.resting
        else [due_at(s, state) for s in state.sessions if wanted(s, state) and s.role.name not in state.calls]
    )
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
        theme=state.settings.theme,
        trouble=trouble.sentence if trouble else None,
        trouble_hint=trouble.hint if trouble else None,
        next_refresh_at=min((moment for moment in coming if moment is not None and moment > now), default=None),
    )


def _shown(skew: timedelta) -> timedelta:
    minute = timedelta(minutes=1)
    return round(skew / minute) * minute if abs(skew) > policy.SKEW_SHOWN else timedelta(0)


def _view(
    now: datetime, session: Session, state: State, recent: int | None, notes: Mapping[ProfileName, str]
) -> RoleView:
    failure = session.failure
    is_default = session.role.name == state.chosen
    return RoleView(
        name=session.role.name,
        profile=session.role.profile,
        status=_status(now, session, state),
        account_id=session.role.account_id,
        group=session.role.group,
        partition=regions.partition_of(session.role),
        region=session.region or session.role.region,
        configured_region=session.role.region,
        region_note=notes.get(session.role.profile) or (notes.get(DEFAULT_PROFILE) if is_default else None),
        expires_at=session.expires_at,
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


def _status(now: datetime, session: Session, state: State) -> Status:
    if session.asked or session.role.name in state.calls or session.unwritten is not None:
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
