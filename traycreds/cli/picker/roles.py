"""Asks for roles in the terminal if a command has none, with their state from the app or the files."""

from __future__ import annotations

from traycreds.cli.picker import terminal
from traycreds.cli.picker.prompt import Picks
from traycreds.core.errors import NotRunningError, UsageError
from traycreds.core.snapshot import Snapshot
from traycreds.ui.picker import rows
from traycreds.ui.picker.rows import RoleRow
from traycreds.usecases import running_app
from traycreds.usecases.options import Options


def offered(options: Options) -> list[RoleRow]:
    """All roles, as they are now. Raises UsageError: there is none."""
    found = rows.of(_snapshot(options))
    if not found:
        hint = "Add one with `traycreds add`, or import the ones you have with `traycreds import`."
        raise UsageError("There is no role to pick.", hint)
    return found


def pick(options: Options, usage: str, *, several: bool = False, with_actions: bool = False) -> Picks:
    """What the user picks. Raises UsageError: no terminal, or no role. Raises KeyboardInterrupt: nothing picked."""
    if terminal.stream() is None:
        command = usage.replace("ROLE", offered(options)[0].name)
        raise UsageError(
            "No role given.", f"Name it, as in `traycreds {command}`. To list all roles: `traycreds list`."
        )
    picks = terminal.ask(offered(options), "Roles" if several else "Role", several=several, with_actions=with_actions)
    if picks is None:
        raise KeyboardInterrupt
    return picks


def one(options: Options, usage: str) -> str:
    """The role that the user picks; see `pick`."""
    return pick(options, usage).names[0]


def _snapshot(options: Options) -> Snapshot:
    try:
        return running_app.status()
    except NotRunningError:
        from traycreds.usecases.engine_run import status

        return status.from_files(options)
