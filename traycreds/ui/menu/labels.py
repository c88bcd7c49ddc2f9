"""The words of the tray: turns Snapshots and RoleViews into short plain sentences. Pure.

Times count from `Snapshot.as_of`, so a label changes at most once a minute. For screen readers: no symbols, the name
first, then the state.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo

from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.text import ELLIPSIS, NAME_WIDTH, counted, end_cut, middle_cut, span, utf_16_cut

PRODUCT = "traycreds"
REASON_WIDTH = 64
"""Longest reason shown in a label; "What is wrong" has the whole sentence."""
TOOLTIP_UNITS = 127
"""Windows holds 128 UTF-16 units with the final zero (NOTIFYICONDATAW.szTip) and fails on more."""

_WAITS_WIDTH = 48
"""Longest name of a sign-in or MFA device; two devices of one name differ by an account of twelve digits at the end."""
_MINUTE = timedelta(minutes=1)
_DEAD = (Status.EXPIRED, Status.FAILED)


def clock(moment: datetime, zone: tzinfo | None) -> str:
    """A clock time such as "14:32"; `zone` None is the machine's own."""
    return moment.astimezone(zone).strftime("%H:%M")


def moment(at: datetime, as_of: datetime, zone: tzinfo | None) -> str:
    """A clock time, with the date if it is not the day of `as_of`: "14:32", "2026-11-25 02:13"."""
    same_day = at.astimezone(zone).date() == as_of.astimezone(zone).date()
    return clock(at, zone) if same_day else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def alive(view: RoleView, as_of: datetime) -> bool:
    """Whether a role has a session that still works."""
    return view.expires_at is not None and view.expires_at > as_of and view.status not in _DEAD


def shown_name(view: RoleView) -> str:
    """A role's name as it is shown, with its label: "prod-admin (PROD)"."""
    return _with(middle_cut(view.name), view.label)


def state(view: RoleView, as_of: datetime) -> str:
    """The state of a role, without its name: "43 min left", "expired 5 min ago"; may be empty."""
    if view.status is Status.OFF and view.error is None:
        return ""
    works, failing = alive(view, as_of), ", refresh failing" if view.error else ""
    if view.needs_user and view.error is not None:
        text = need(view)
        text = f"{_left(view, as_of)}, {text}" if works else text
    elif view.status is Status.REFRESHING:
        text = f"refreshing, {_left(view, as_of)}" if works else "refreshing"
    elif view.status is Status.EXPIRED:
        text = _expired(view, as_of)
    elif view.status is Status.EXPIRING:
        text = f"expires soon, {_left(view, as_of)}{failing}"
    elif view.status is Status.FRESH:
        text = f"{_left(view, as_of)}{failing}"
    else:
        text = _failed(view, as_of)
    return text


def role_label(view: RoleView, as_of: datetime) -> str:
    """The label of a role: "dev — 43 min left"; a role that is off shows its name alone."""
    shown = state(view, as_of)
    name = shown_name(view)
    return f"{name} — {shown}" if shown else name


def state_line(view: RoleView, as_of: datetime, zone: tzinfo | None) -> str:
    """The state as a whole line, in the same words: "Fresh, 43 min left, until 14:32"."""
    words = {
        Status.FRESH: "Fresh",
        Status.REFRESHING: "Refreshing",
        Status.EXPIRING: "Expires soon",
        Status.EXPIRED: "Expired",
        Status.FAILED: "No session",
        Status.OFF: "Off",
    }
    parts = [words[view.status]]
    if view.needs_user and view.error is not None:
        wanted = need(view)
        parts = [wanted[:1].upper() + wanted[1:]]
    elif view.status is Status.FAILED and view.error is not None:
        parts = [f"No session: {reason(view)}"]
    if view.expires_at is not None:
        if alive(view, as_of):
            parts += [_left(view, as_of), f"until {moment(view.expires_at, as_of, zone)}"]
        elif parts == [words[Status.EXPIRED]]:
            parts = [f"Expired at {moment(view.expires_at, as_of, zone)}"]
        else:
            parts.append(f"expired at {moment(view.expires_at, as_of, zone)}")
    if view.retrying:
        parts.append("trying again")
    elif view.error is not None and view.retry_at is not None:
        parts.append(f"next try at {moment(view.retry_at, as_of, zone)}")
    return ", ".join(parts)


def since_line(view: RoleView, as_of: datetime, zone: tzinfo | None) -> str:
    """Since when a role has been failing: "Needs you since 14:02"; empty when it is not known."""
    if view.failing_since is None:
        return ""
    return f"{'Needs you' if view.needs_user else 'Failing'} since {moment(view.failing_since, as_of, zone)}"


def named_account(view: RoleView) -> str:
    """A role with its label and its account as the AWS console writes it: "prod-admin (PROD, 4444-5555-6666)"."""
    return _with(middle_cut(view.name), view.label, account(view))


def account(view: RoleView) -> str:
    """A role's account as the AWS console writes it, "4444-5555-6666"; empty if unknown."""
    return "-".join(textwrap.wrap(view.account_id or "", 4))


def default_line(view: RoleView, as_of: datetime, zone: tzinfo | None) -> str:
    """The heading of what can be done with the default role: "dev (1234-5678-9012), until 14:32"."""
    end = view.expires_at
    until = f", until {moment(end, as_of, zone)}" if end is not None and alive(view, as_of) else ""
    return f"{named_account(view)}{until}"


def keep_label(view: RoleView, as_of: datetime, zone: tzinfo | None) -> str:
    """What switches the keeping of the default role: "Keep alive until 14:32"."""
    return f"Keep alive{_kept_until(view, as_of, zone)}"


def kept_role(view: RoleView, as_of: datetime, zone: tzinfo | None) -> str:
    """A role in the list of those that can be kept alive: "staging until 14:32"."""
    return f"{middle_cut(view.name)}{_kept_until(view, as_of, zone)}"


def _kept_until(view: RoleView, as_of: datetime, zone: tzinfo | None) -> str:
    end = view.keep_until
    return f" until {moment(end, as_of, zone)}" if view.kept and end is not None else ""


def code_label(device: str, devices: Collection[str]) -> str:
    """The label "Enter MFA code for jane…"; the account is added if two `devices` have the same name."""
    name = _device_name(device)
    if sum(_device_name(other) == name for other in devices) > 1:
        account = device.split(":")[4] if device.count(":") > 4 else ""  # noqa: PLR2004 - arn:aws:iam::account:mfa/name
        name = f"{name} in {account}" if account else device
    return f"Enter MFA code for {middle_cut(name, _WAITS_WIDTH)}{ELLIPSIS}"


def sign_in_label(session: str) -> str:
    """The line that offers a sign-in that roles wait for: "Sign in to corp…"."""
    return f"Sign in to {middle_cut(session, _WAITS_WIDTH)}{ELLIPSIS}"


def switch_lines(snapshot: Snapshot) -> list[str]:
    """The lines about a role that will become the default profile, with long names cut."""
    sentence = snapshot.default_switch or ""
    for view in snapshot.roles if sentence else ():
        for name in (view.name, view.sign_in or ""):
            if len(name) > NAME_WIDTH:
                sentence = sentence.replace(name, middle_cut(name))
    return textwrap.wrap(sentence, REASON_WIDTH, max_lines=2, placeholder=f" {ELLIPSIS}")


def overall(snapshot: Snapshot, *, cut: bool = True) -> str:
    """The whole state in one sentence, the worst first; `cut` shortens it."""
    if snapshot.trouble is not None:
        trouble = snapshot.trouble.rstrip(".")
        return end_cut(trouble, REASON_WIDTH) if cut else trouble
    if not snapshot.roles:
        return "No roles configured"
    waiting = [view for view in snapshot.roles if view.waits_for_user]
    if waiting:
        return _waiting(waiting, cut=cut)
    dead = [view for view in snapshot.roles if view.status in _DEAD and view.in_use]
    if dead:
        return f"{_name_or_count(dead, cut=cut)}: no session"
    if snapshot.paused:
        return "Paused, nothing is refreshed"
    return _activity(snapshot, cut=cut)


def tooltip(snapshot: Snapshot) -> str:
    """The icon's tooltip: default role, state and next expiry, cut to what Windows can hold."""
    text = f"{PRODUCT}: {overall(snapshot)}"
    if any(view.in_use for view in snapshot.roles):
        default = snapshot.default
        text = f"default: {named_account(default) if default is not None else 'no role'}\n{text}"
    ending = [view for view in snapshot.roles if view.expires_at is not None and alive(view, snapshot.as_of)]
    if ending:
        first = min(ending, key=lambda view: (view.expires_at or snapshot.as_of, view.name))
        text += f"\n{middle_cut(first.name)}: {_left(first, snapshot.as_of)}"
    return utf_16_cut(text, TOOLTIP_UNITS)


def _waiting(views: list[RoleView], *, cut: bool) -> str:
    """Who needs what from you: "dev needs a code", "2 roles need you: no access"."""
    who = f"{_name_or_count(views, cut=cut)} {'needs' if len(views) == 1 else 'need'}"
    named = [_wanted(view) for view in views]
    if None not in named:
        return f"{who} {' and '.join(dict.fromkeys(filter(None, named)))}"
    text = f"{who} you: {', '.join(dict.fromkeys(map(reason, views)))}"
    return end_cut(text, REASON_WIDTH) if cut else text


def _wanted(view: RoleView) -> str | None:
    if view.mfa_device is not None:
        return "a code"
    return "a sign-in" if view.sign_in is not None else None


def _activity(snapshot: Snapshot, *, cut: bool) -> str:
    failing = [view for view in snapshot.roles if view.error is not None and not view.needs_user]
    again = [view for view in failing if view.retrying or view.retry_at is not None]
    if again:
        return f"{_name_or_count(again, cut=cut)}: refresh failing, trying again"
    if failing:
        return f"{_name_or_count(failing, cut=cut)}: refresh failed"
    ending = [view for view in snapshot.roles if view.status is Status.EXPIRING]
    if ending:
        return f"{_name_or_count(ending, cut=cut)} {'expires' if len(ending) == 1 else 'expire'} soon"
    busy = [view for view in snapshot.roles if view.status is Status.REFRESHING]
    if busy:
        return f"Refreshing {_name_or_count(busy, cut=cut)}"
    return _idle(snapshot)


def _idle(snapshot: Snapshot) -> str:
    fresh = sum(view.status is Status.FRESH for view in snapshot.roles)
    if not fresh:
        return "No role is active"
    text = f"{counted(fresh, 'role')} fresh"
    coming = snapshot.next_refresh_at
    if coming is None:
        return text
    left = coming - snapshot.as_of
    # The last minute makes no label longer, so an open menu keeps its width.
    return f"{text}, next refresh {f'in {span(left)}' if left >= _MINUTE else 'soon'}"


def _device_name(serial: str) -> str:
    return serial.rpartition("/")[2]


def _with(name: str, *besides: str | None) -> str:
    words = ", ".join(word for word in besides if word)
    return f"{name} ({words})" if words else name


def _name_or_count(views: list[RoleView], *, cut: bool) -> str:
    if len(views) > 1:
        return f"{len(views)} roles"
    return middle_cut(views[0].name) if cut else views[0].name


def _left(view: RoleView, as_of: datetime) -> str:
    return "time left unknown" if view.expires_at is None else f"{span(view.expires_at - as_of)} left"


def _expired(view: RoleView, as_of: datetime) -> str:
    ago = as_of - view.expires_at if view.expires_at is not None else timedelta()
    return "expired just now" if ago < _MINUTE else f"expired {span(ago)} ago"


def _failed(view: RoleView, as_of: datetime) -> str:
    text = f"no session: {reason(view)}" if view.error else "no session"
    if view.retrying:
        return f"{text}, trying again"
    wait = None if view.retry_at is None else view.retry_at - as_of
    if wait is None or wait <= timedelta():
        return text
    return f"{text}, next try in {span(wait)}"


def need(view: RoleView) -> str:
    """What a role needs from you: "needs a code", "needs you: source credentials invalid"."""
    wanted = _wanted(view)
    return f"needs {wanted}" if wanted is not None else f"needs you: {reason(view)}"


def reason(view: RoleView) -> str:
    """Why a role fails, in a few words if they are known; "What is wrong" has the sentence."""
    known = view.reason or (view.kind.in_words if view.kind is not None else None)
    return known or end_cut((view.error or "").rstrip("."), REASON_WIDTH)
