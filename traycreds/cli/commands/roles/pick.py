"""`traycreds pick`: finds a role by what is typed, and makes it the default profile."""

from __future__ import annotations

import argparse
import sys

from traycreds.cli.commands import console, control
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.cli.picker import roles
from traycreds.core.errors import TraycredsError
from traycreds.process import own_program
from traycreds.ui.picker.dialog import PickerDialog
from traycreds.ui.picker.rows import Picked, PickerAction


def pick(parsed: argparse.Namespace) -> int:
    """`traycreds pick`. Raises KeyboardInterrupt: the user picks none."""
    try:
        return _pick(parsed)
    except TraycredsError as error:
        if not parsed.own_console:
            raise
        # The console closes with this process, so wait until the user has read the error.
        complain(error.sentence, error.hint)
        print("Press Enter to close this window.")
        sys.stdin.readline()
        return error.exit_code


def _pick(parsed: argparse.Namespace) -> int:
    picked = _in_window(parsed) if parsed.window else _in_terminal(parsed)
    if picked is None:
        raise KeyboardInterrupt
    if picked.action is PickerAction.CONSOLE:
        return console.open_page(options(parsed), picked.role)
    if picked.action is PickerAction.KEEP:
        return control.keep_roles((picked.role,))
    return control.make_default(options(parsed), picked.role)


def _in_terminal(parsed: argparse.Namespace) -> Picked:
    picks = roles.pick(options(parsed), "use ROLE", with_actions=True)
    return Picked(picks.action, picks.names[0])


def _in_window(parsed: argparse.Namespace) -> Picked | None:
    given = () if parsed.config is None else ("--config", str(parsed.config))
    window = PickerDialog(own_program.part(own_program.FIND_ROLE), in_console=own_program.pick_in_console(given))
    return window.ask(roles.offered(options(parsed)))
