"""The MFA codes and sign-ins to ask for without another click, after a click on their role. Pure."""

from __future__ import annotations

from datetime import datetime

from traycreds.core.engine_state import Announced, Session, State
from traycreds.core.events import AskForCode, Clicked, OpenSignIn, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import RoleName
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.lifecycle.status import busy, status


def clicked(state: State, event: Clicked) -> State:
    """Remember a click that takes one role."""
    name: RoleName | None = None
    match event.event:
        case RoleChosen() | RoleSwitched(on=True):
            name = event.event.name
        case RefreshAsked(names=(only,)):
            name = only
        case _:
            pass
    if name is None:
        return state
    others = tuple(click for click in state.clicks if click[0] != name)
    return replace(state, clicks=(*others, (name, event.at)))


def ask(now: datetime, state: State) -> tuple[State, tuple[AskForCode | OpenSignIn, ...]]:
    """Ask for codes and sign-ins of clicked roles, once per click and within a minute; these need no notice."""
    if not state.clicks and not state.prompted:
        return state, ()
    waiting: list[tuple[RoleName, datetime]] = []
    devices: list[str] = []
    names: list[RoleName] = []
    sign_ins: dict[str, RoleName] = {}
    for name, at in state.clicks:
        session = state.session(name)
        if session is None or not at <= now <= at + policy.CLICK_LASTS:
            continue
        device, sign_in = (
            (session.failure.device, session.failure.sign_in) if session.failure is not None else (None, None)
        )
        if device is not None and not busy(now, session, state):
            devices.append(device)
            names.append(name)
        elif sign_in is not None and not busy(now, session, state):
            sign_ins.setdefault(sign_in, name)
        elif device is not None or sign_in is not None or status(now, session, state) is not Status.FRESH:
            waiting.append((name, at))

    def known(session: Session) -> Session:
        if session.failure is None or session.failure.device not in devices:
            return session
        return replace(session, announced=Announced(kind=session.failure.kind, expires_at=session.expires_at))

    lately = [(name, at) for name, at in state.prompted if at <= now <= at + policy.CLICK_LASTS]
    prompted = (*lately, *((name, now) for name in names))
    state = replace(state.map(known) if devices else state, clicks=tuple(waiting), prompted=prompted)
    return state, (*map(AskForCode, dict.fromkeys(devices)), *map(OpenSignIn, sign_ins.values()))
