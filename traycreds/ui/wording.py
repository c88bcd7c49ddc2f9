"""The words of the tray: turns Snapshots and RoleViews into short plain sentences.

Pure. Never reads a clock or the environment: moments are counted from `Snapshot.as_of`, which is cut to the minute, so
that a label changes at most once a minute; clock times are written in the zone that the caller gives.
Plain for screen readers: no symbols that are read out, the name first, then the state.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo

from traycreds.core import notices
from traycreds.core.shown import RoleView, Snapshot, Status

PRODUCT = "traycreds"
NAME_WIDTH = 32
"""Longest role name shown whole; IAM allows 64 characters, which would make the menu too wide to read."""
REASON_WIDTH = 64
"""Longest reason shown in a label; the whole sentence stands in the role's submenu."""
TOOLTIP_WIDTH = 127
"""Windows holds 128 UTF-16 units with the final zero (NOTIFYICONDATAW.szTip) and fails on more."""

_WAITS_WIDTH = 48
"""Longest name of a sign-in or MFA device; two devices of one name differ by an account of twelve digits at the end."""
_MINUTE = timedelta(minutes=1)
_ELLIPSIS = "…"
_DEAD = (Status.EXPIRED, Status.FAILED)


def middle_cut(text: str, width: int = NAME_WIDTH) -> str:
    """Shorten a name in its middle: both ends tell names apart ("prod-billing-…-admin")."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return text[: width - 1 - tail] + _ELLIPSIS + text[len(text) - tail :]


def end_cut(text: str, width: int) -> str:
    """Shorten a sentence at its end."""
    return text if len(text) <= width else text[: width - 1].rstrip(" ,;:") + _ELLIPSIS


def amount(span: timedelta) -> str:
    """A span in words, to the minute: "1 h 12 min", "43 min", "under 1 min"."""
    return _in_minutes(span // _MINUTE)


@functools.lru_cache(maxsize=1440)
def _in_minutes(minutes: int) -> str:
    """Kept, since the roles of a long menu have mostly the same few spans left."""
    if minutes < 1:
        return "under 1 min"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def clock(moment: datetime, zone: tzinfo | None) -> str:
    """A clock time such as "14:32"; `zone` None is the machine's own."""
    return moment.astimezone(zone).strftime("%H:%M")


def clock_off(skew: timedelta) -> str:
    """How far this machine's clock is off: "This machine's clock is 3 min behind AWS's"; `skew` is AWS's lead."""
    return f"This machine's clock is {amount(abs(skew))} {'behind' if skew > timedelta() else 'ahead of'} AWS's"


def alive(view: RoleView, as_of: datetime) -> bool:
    """Whether a role has a session that still works."""
    return view.expires_at is not None and view.expires_at > as_of and view.status not in _DEAD


def standing(view: RoleView, as_of: datetime) -> str:
    """How a role stands, without its name: "43 min left", "expired 5 min ago"; empty when there is nothing to say."""
    if view.status is Status.OFF and view.error is None:
        return ""
    works, failing = alive(view, as_of), ", refresh failing" if view.error else ""
    if view.needs_user and view.error is not None:
        text = f"needs you: {_reason(view)}"
        text = f"{_left(view, as_of)}, {text}" if works else text
    elif view.status is Status.REFRESHING:
        text = f"refreshing, {_left(view, as_of)}" if works else "getting a session"
    elif view.status is Status.EXPIRED:
        text = _expired(view, as_of)
    elif view.status is Status.EXPIRING:
        text = f"ends soon, {_left(view, as_of)}{failing}"
    elif view.status is Status.FRESH:
        text = f"{_left(view, as_of)}{failing}"
    else:
        text = _failed(view, as_of)
    return text


def role_label(view: RoleView, as_of: datetime) -> str:
    """The label of a role: "dev — 43 min left"; a role that is off shows its name alone."""
    state = standing(view, as_of)
    name = middle_cut(view.name)
    return f"{name} — {state}" if state else name


def state_line(view: RoleView, as_of: datetime, zone: tzinfo | None) -> str:
    """The state as a line of its own in the role's submenu: "Fresh, 43 min left, until 14:32"."""
    words = {
        Status.FRESH: "Fresh",
        Status.REFRESHING: "Refreshing",
        Status.EXPIRING: "Ends soon",
        Status.EXPIRED: "Expired",
        Status.FAILED: "No session",
        Status.OFF: "Off",
    }
    parts = [words[view.status]]
    if view.expires_at is not None:
        if alive(view, as_of):
            parts += [_left(view, as_of), f"until {clock(view.expires_at, zone)}"]
        else:
            parts.append(f"ended at {clock(view.expires_at, zone)}")
    if view.retrying:
        parts.append("trying again")
    elif view.error is not None and view.retry_at is not None:
        parts.append(f"next try at {clock(view.retry_at, zone)}")
    return ", ".join(parts)


def since_line(view: RoleView, zone: tzinfo | None) -> str:
    """Since when a role has been failing: "Failing since 14:02, waits for you"; empty when it is not known."""
    if view.failing_since is None:
        return ""
    return f"Failing since {clock(view.failing_since, zone)}{', waits for you' if view.needs_user else ''}"


def keep_label(view: RoleView, zone: tzinfo | None) -> str:
    """Whether and how long a role is kept alive."""
    if not view.kept:
        return "Keep alive: off"
    return "Keep alive: on" if view.keep_until is None else f"Keep alive: until {clock(view.keep_until, zone)}"


def code_label(device: str, devices: Collection[str]) -> str:
    """The line that asks for the code of an MFA device: "Enter MFA code for jane…".

    Args:
        device: its serial, an ARN for all but hardware tokens.
        devices: all that codes are wanted of: of two with one name each is told with its account.
    """
    name = _device_name(device)
    if sum(_device_name(other) == name for other in devices) > 1:
        account = device.split(":")[4] if device.count(":") > 4 else ""  # noqa: PLR2004 - arn:aws:iam::account:mfa/name
        name = f"{name} in {account}" if account else device
    return f"Enter MFA code for {middle_cut(name, _WAITS_WIDTH)}{_ELLIPSIS}"


def sign_in_label(session: str) -> str:
    """The line that offers a sign-in that roles wait for: "Sign in to corp…"."""
    return f"Sign in to {middle_cut(session, _WAITS_WIDTH)}{_ELLIPSIS}"


def overall(snapshot: Snapshot) -> str:
    """The whole state in one sentence, the worst thing first."""
    if snapshot.trouble is not None:
        return end_cut(snapshot.trouble.rstrip("."), REASON_WIDTH)
    if not snapshot.roles:
        return "No roles configured"
    waiting = [view for view in snapshot.roles if view.needs_user]
    if waiting:
        return f"{_some(waiting)} {'needs' if len(waiting) == 1 else 'need'} you"
    dead = [view for view in snapshot.roles if view.status in _DEAD and (view.kept or view.is_default)]
    if dead:
        return f"{_some(dead)}: no valid session"
    if snapshot.paused:
        return "Paused, nothing is renewed"
    return _at_work(snapshot)


def tooltip(snapshot: Snapshot) -> str:
    """What hovering over the icon says: the whole state and the next expiry, within what Windows can hold."""
    text = f"{PRODUCT}: {overall(snapshot)}"
    ending = [view for view in snapshot.roles if view.expires_at is not None and alive(view, snapshot.as_of)]
    if ending:
        first = min(ending, key=lambda view: (view.expires_at or snapshot.as_of, view.name))
        text += f"\n{middle_cut(first.name)}: {_left(first, snapshot.as_of)}"
    return end_cut(text, TOOLTIP_WIDTH)


def _at_work(snapshot: Snapshot) -> str:
    failing = [view for view in snapshot.roles if view.error is not None]
    if failing:
        return f"{_some(failing)}: refresh failing, trying again"
    ending = [view for view in snapshot.roles if view.status is Status.EXPIRING]
    if ending:
        return f"{_some(ending)} {'ends' if len(ending) == 1 else 'end'} soon"
    busy = [view for view in snapshot.roles if view.status is Status.REFRESHING]
    if busy:
        return f"Refreshing {_some(busy)}"
    return _at_rest(snapshot)


def _at_rest(snapshot: Snapshot) -> str:
    fresh = sum(view.status is Status.FRESH for view in snapshot.roles)
    if not fresh:
        return "No role is active"
    text = f"{fresh} {'role' if fresh == 1 else 'roles'} fresh"
    coming = snapshot.next_refresh_at
    if coming is None:
        return text
    left = coming - snapshot.as_of
    # the last minute makes no label longer: an open menu keeps its width
    return f"{text}, next refresh {f'in {amount(left)}' if left >= _MINUTE else 'soon'}"


def _device_name(serial: str) -> str:
    return serial.rpartition("/")[2]


def _some(views: list[RoleView]) -> str:
    return middle_cut(views[0].name) if len(views) == 1 else f"{len(views)} roles"


def _left(view: RoleView, as_of: datetime) -> str:
    return "time left unknown" if view.expires_at is None else f"{amount(view.expires_at - as_of)} left"


def _expired(view: RoleView, as_of: datetime) -> str:
    ago = as_of - view.expires_at if view.expires_at is not None else timedelta()
    return "expired just now" if ago < _MINUTE else f"expired {amount(ago)} ago"


def _failed(view: RoleView, as_of: datetime) -> str:
    text = f"failed: {_reason(view)}" if view.error else "failed"
    if view.retrying:
        return f"{text}, trying again"
    wait = None if view.retry_at is None else view.retry_at - as_of
    if wait is None or wait <= timedelta():
        return text
    return f"{text}, next try in {amount(wait)}"


def _reason(view: RoleView) -> str:
    """Why a role fails, in a few words where its class is known; the sentence stands in the role's submenu."""
    if view.kind is not None:
        return notices.cause(view.kind)
    return end_cut((view.error or "").rstrip("."), REASON_WIDTH)
