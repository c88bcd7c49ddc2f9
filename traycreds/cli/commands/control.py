"""Commands that control the running app, or replace it if it does not run."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from traycreds.cli.options import options
from traycreds.cli.output import complain, print_default
from traycreds.control.client import ABSENT, SilentError
from traycreds.core.errors import NotRunningError, TraycredsError, UsageError
from traycreds.core.snapshot import RoleView, Snapshot
from traycreds.core.text import span_of
from traycreds.usecases import running_app
from traycreds.usecases.options import Options

if TYPE_CHECKING:
    from traycreds.cli.display.progress import Progress


def use(parsed: argparse.Namespace) -> int:
    """`traycreds use`: by the running app, else written once."""
    if parsed.none:
        return _use_none(parsed)
    region = None if parsed.region is None else _region(parsed.region)
    role = _picked(parsed, "use ROLE")[0] if parsed.role is None else parsed.role
    return make_default(options(parsed), role, region=region, wait=not parsed.no_wait)


def make_default(given: Options, role: str, *, region: str | None = None, wait: bool = True) -> int:
    """Make a role the default profile, and print the result."""
    waiting = _Waiting()
    try:
        snapshot, names = running_app.send_command("use", roles=(role,), wait=wait, region=region, still=waiting.still)
    except SilentError:
        # The app may be doing the same, and its result is unknown, so do not do it here too.
        raise
    except NotRunningError as absent:
        # Else the app is there, and would write on its own.
        if absent.sentence != ABSENT:
            raise
        from traycreds.cli.commands import once

        return once.make_default(given, role, region=region)
    finally:
        waiting.end()
    assert snapshot is not None
    for view in snapshot.roles:
        if view.name in names and not view.is_default:
            print(_switch(snapshot, view))
        elif view.name in names:
            print_default(view)
            if view.region_note:
                complain(view.region_note)
    return 0


class _Waiting:
    """Says in a terminal what a switch that takes long waits for, and which role is the default until then."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def still(self) -> None:
        """The app is at work."""
        if self._progress is None:
            from traycreds.cli.display.progress import Progress

            self._progress = Progress("")
        if self._progress.live:
            # The command itself reports this error.
            with contextlib.suppress(TraycredsError):
                if switch := running_app.status().default_switch:
                    self._progress.say(f"{switch} Ctrl-C only stops waiting.")

    def end(self) -> None:
        if self._progress is not None:
            self._progress.clear()


def _use_none(parsed: argparse.Namespace) -> int:
    if parsed.role is not None:
        raise UsageError(f"--none and the role {parsed.role} cannot be combined.", "Use only one of them.")
    if parsed.region is not None:
        raise UsageError("--region and --none cannot be combined.", "Leave one of them out.")
    try:
        running_app.send_command("use_none", wait=not parsed.no_wait)
    except SilentError:
        raise
    except NotRunningError as absent:
        if absent.sentence != ABSENT:
            raise
        from traycreds.cli.commands import once

        once.remove_default(options(parsed))
    print("No role is the default profile now.")
    return 0


def _switch(snapshot: Snapshot, view: RoleView) -> str:
    # There is no sentence until the app has read the file.
    if view.wanted_default:
        return snapshot.default_switch or f"{view.name} becomes the default once its session is written."
    return f"{view.name} is not the default: another role was chosen in the meantime."


def keep(parsed: argparse.Namespace) -> int:
    """`traycreds keep`."""
    seconds = None if parsed.span is None else _seconds(parsed.span)
    roles = _picked(parsed, "keep ROLE", several=True) if parsed.role is None else (parsed.role,)
    return keep_roles(roles, seconds=seconds, wait=not parsed.no_wait)


def keep_roles(roles: Sequence[str], *, seconds: float | None = None, wait: bool = True) -> int:
    """Keep roles, and print until when."""
    for role in roles:
        snapshot, names = running_app.send_command("keep", roles=(role,), seconds=seconds, wait=wait)
        assert snapshot is not None
        for view in snapshot.roles:
            if view.name in names:
                until = f" until {view.keep_until.astimezone():%Y-%m-%d %H:%M}" if view.keep_until else ""
                print(f"{view.name} is kept{until}, in profile {view.profile}")
    return 0


def _picked(parsed: argparse.Namespace, usage: str, *, several: bool = False) -> tuple[str, ...]:
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
    from traycreds.cli.display.refresh_report import RefreshReport

    names = tuple(parsed.roles)
    report = RefreshReport(as_json=parsed.json)
    watch = report.watch(lambda: running_app.refreshing(names))
    try:
        result = running_app.refresh(names, wait=not parsed.no_wait, still=watch)
    except SilentError:
        # The app may be doing the same, and its result is unknown, so do not do it here too.
        raise
    except NotRunningError:
        from traycreds.cli.commands import once

        return once.once(parsed)
    finally:
        report.progress.clear()
    if parsed.no_wait and not parsed.json:
        print(f"Refreshing: {', '.join(view.name for view in result.views)}")
        return 0
    code = report.finish(result)
    # A failure from before the command is not its result.
    return 0 if parsed.no_wait else code


def pause(parsed: argparse.Namespace) -> int:
    """`traycreds pause`."""
    del parsed
    running_app.send_command("pause")
    print("Paused: nothing is refreshed until `traycreds resume`.")
    return 0


def resume(parsed: argparse.Namespace) -> int:
    """`traycreds resume`."""
    del parsed
    snapshot, _ = running_app.send_command("resume")
    assert snapshot is not None
    if snapshot.paused:
        print("Resumed: refreshing continues once the screen is unlocked.")
    else:
        print("Resumed: refreshing continues.")
    return 0


def stop(parsed: argparse.Namespace) -> int:
    """`traycreds quit`."""
    running_app.send_command("quit", wait=not parsed.no_wait)
    return 0


def _region(text: str) -> str:
    if text:
        from traycreds.awsfiles.settings import region_names

        region_names.check_option(text)
    return text


def _seconds(text: str) -> float:
    span = span_of(text)
    if span is None:
        raise UsageError(f"--for is not a duration ({text!r}).", 'Write it like "4h", "90m" or "1h30m".')
    if not 0 < span.total_seconds() <= _LONGEST:
        raise UsageError(f"--for {text} is not a valid duration.", "Use a duration of more than zero, up to a year.")
    return span.total_seconds()


_LONGEST = 365 * 86400.0
