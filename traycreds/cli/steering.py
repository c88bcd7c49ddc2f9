"""Commands that steer the running app, or stand in for it where it does not run."""

from __future__ import annotations

import argparse

from traycreds.adapters.controlclient import ABSENT
from traycreds.adapters.controlwire import REGION
from traycreds.app import remote
from traycreds.cli.options import options
from traycreds.cli.output import complain, end, print_refreshed, print_snapshot
from traycreds.core.errors import NotRunningError, UsageError


def use(parsed: argparse.Namespace) -> int:
    """`traycreds use`."""
    region = None if parsed.region is None else _region(parsed.region)
    snapshot, names = remote.steer("use", roles=(parsed.role,), wait=not parsed.no_wait, region=region)
    assert snapshot is not None
    for view in snapshot.roles:
        if view.name in names and parsed.no_wait:
            print(f"{view.name} becomes the default profile.")
        elif view.name in names:
            where = "" if view.region is None else f", region {view.region}"
            print(f"{view.name} is the default profile{where}, expires at {end(view)}")
            if view.region_note:
                complain(view.region_note)
    return 0


def keep(parsed: argparse.Namespace) -> int:
    """`traycreds keep`."""
    seconds = None if parsed.span is None else _seconds(parsed.span)
    snapshot, names = remote.steer("keep", roles=(parsed.role,), seconds=seconds, wait=not parsed.no_wait)
    assert snapshot is not None
    for view in snapshot.roles:
        if view.name in names:
            until = f" until {view.keep_until.astimezone():%Y-%m-%d %H:%M}" if view.keep_until else ""
            print(f"{view.name} is kept{until}, in profile {view.profile}")
    return 0


def drop(parsed: argparse.Namespace) -> int:
    """`traycreds drop`."""
    snapshot, names = remote.steer("drop", roles=(parsed.role,), wait=not parsed.no_wait)
    assert snapshot is not None
    for view in snapshot.roles:
        if view.name in names:
            print(f"{view.name} is dropped: profile {view.profile} is {'being ' if parsed.no_wait else ''}removed")
    return 0


def refresh(parsed: argparse.Namespace) -> int:
    """`traycreds refresh`: by the running app, else like `once`."""
    try:
        result = remote.refresh(tuple(parsed.roles), wait=not parsed.no_wait)
    except NotRunningError:
        return once(parsed)
    if parsed.no_wait and not parsed.json:
        print(f"Being refreshed: {', '.join(view.name for view in result.views)}")
        return 0
    code = print_refreshed(result, as_json=parsed.json)
    return 0 if parsed.no_wait else code  # an old failure is not the outcome


def once(parsed: argparse.Namespace) -> int:
    """`traycreds once`."""
    from traycreds.adapters import prompt  # noqa: PLC0415
    from traycreds.app import once as engine  # noqa: PLC0415

    result = engine.refresh(options(parsed), tuple(parsed.roles), ask=prompt.in_terminal())
    return print_refreshed(result, as_json=parsed.json)


def status(parsed: argparse.Namespace) -> int:
    """`traycreds status`: from the running app, else from the files."""
    alone = None
    try:
        snapshot = remote.status()
    except NotRunningError as error:
        from traycreds.app import status as files  # noqa: PLC0415

        snapshot = files.from_files(options(parsed))
        alone = _ABSENT if error.sentence == ABSENT else f"{error.sentence} {error.hint}"
    print_snapshot(snapshot, as_json=parsed.json, alone=alone)
    return 0


def stop(parsed: argparse.Namespace) -> int:
    """`traycreds quit`."""
    remote.steer("quit", wait=not parsed.no_wait)
    return 0


def _region(text: str) -> str:
    if not REGION.fullmatch(text):
        raise UsageError(f'--region "{text}" cannot be the name of a region.', 'Write it like "eu-west-1".')
    return text


def _seconds(text: str) -> float:
    from traycreds.adapters.configvalues import Fault, parse_duration  # noqa: PLC0415 - only --for needs it

    try:
        seconds = parse_duration(text).total_seconds()
    except Fault as fault:
        raise UsageError(f"--for {fault.what}.", 'Write it like "4h", "90m" or "1h30m".') from fault
    if not 0 < seconds <= _LONGEST:
        raise UsageError(f"--for {text} is no time to keep a role.", "Give a span above zero and of at most a year.")
    return seconds


_ABSENT = "traycreds is not running: start it with `traycreds`."
_LONGEST = 365 * 86400.0
