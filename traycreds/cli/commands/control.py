"""Commands that have the running app do something, or stand in for it where it does not run."""

from __future__ import annotations

import argparse

from traycreds.cli.options import options
from traycreds.cli.output import complain, end, print_refreshed
from traycreds.control.client import SilentError
from traycreds.core.errors import NotRunningError, UsageError
from traycreds.core.snapshot import RoleView, Snapshot
from traycreds.usecases import running_app


def use(parsed: argparse.Namespace) -> int:
    """`traycreds use`."""
    region = None if parsed.region is None else _region(parsed.region)
    role = _picked(parsed, "use ROLE")[0] if parsed.role is None else parsed.role
    snapshot, names = running_app.send_command("use", roles=(role,), wait=not parsed.no_wait, region=region)
    assert snapshot is not None
    for view in snapshot.roles:
        if view.name in names and not view.is_default:
            print(_switch(snapshot, view))
        elif view.name in names:
            in_region = "" if view.region is None else f", region {view.region}"
            print(f"{view.name} is the default profile{in_region}, expires at {end(view)}")
            if view.region_note:
                complain(view.region_note)
    return 0


def _switch(snapshot: Snapshot, view: RoleView) -> str:
    """What becomes of a role that was chosen and is not the default profile."""
    if view.wanted_default:  # without a sentence while the app has yet to read the file
        return snapshot.default_switch or f"{view.name} becomes the default once its session is written."
    return f"{view.name} is not the default: another role was chosen meanwhile."


def keep(parsed: argparse.Namespace) -> int:
    """`traycreds keep`."""
    seconds = None if parsed.span is None else _seconds(parsed.span)
    roles = _picked(parsed, "keep ROLE", several=True) if parsed.role is None else (parsed.role,)
    for role in roles:
        snapshot, names = running_app.send_command("keep", roles=(role,), seconds=seconds, wait=not parsed.no_wait)
        assert snapshot is not None
        for view in snapshot.roles:
            if view.name in names:
                until = f" until {view.keep_until.astimezone():%Y-%m-%d %H:%M}" if view.keep_until else ""
                print(f"{view.name} is kept{until}, in profile {view.profile}")
    return 0


def _picked(parsed: argparse.Namespace, usage: str, *, several: bool = False) -> tuple[str, ...]:
    """The roles that the user picks, since none is named."""
    from traycreds.cli.picker import roles

    return roles.pick(options(parsed), usage, several=several).names


def drop(parsed: argparse.Namespace) -> int:
    """`traycreds drop`."""
    snapshot, names = running_app.send_command("drop", roles=(parsed.role,), wait=not parsed.no_wait)
    assert snapshot is not None
    for view in snapshot.roles:
        if view.name in names:
            print(f"{view.name} is dropped: profile {view.profile} is {'being ' if parsed.no_wait else ''}removed")
    return 0


def refresh(parsed: argparse.Namespace) -> int:
    """`traycreds refresh`: by the running app, else like `once`."""
    try:
        result = running_app.refresh(tuple(parsed.roles), wait=not parsed.no_wait)
    except SilentError:  # it may be at the same, and nobody sees what comes of it
        raise
    except NotRunningError:
        return once(parsed)
    if parsed.no_wait and not parsed.json:
        print(f"Refreshing: {', '.join(view.name for view in result.views)}")
        return 0
    code = print_refreshed(result, as_json=parsed.json)
    return 0 if parsed.no_wait else code  # an old failure is not the outcome


def once(parsed: argparse.Namespace) -> int:
    """`traycreds once`."""
    from traycreds.aws.mfa import terminal
    from traycreds.usecases import refresh

    result = refresh.refresh(options(parsed), tuple(parsed.roles), ask=terminal.in_terminal())
    return print_refreshed(result, as_json=parsed.json)


def stop(parsed: argparse.Namespace) -> int:
    """`traycreds quit`."""
    running_app.send_command("quit", wait=not parsed.no_wait)
    return 0


def _region(text: str) -> str:
    from traycreds.awsfiles.settings import region_names

    if text and not region_names.is_region(text):
        raise UsageError(f'--region "{text}" is not the name of a region.', region_names.meant_by(text))
    return text


def _seconds(text: str) -> float:
    from traycreds.config.values import ValueFault, parse_duration

    try:
        seconds = parse_duration(text).total_seconds()
    except ValueFault as fault:
        raise UsageError(f"--for {fault.what}.", 'Write it like "4h", "90m" or "1h30m".') from fault
    if not 0 < seconds <= _LONGEST:
        raise UsageError(f"--for {text} is not a time to keep a role.", "Give a span above zero and of at most a year.")
    return seconds


_LONGEST = 365 * 86400.0
