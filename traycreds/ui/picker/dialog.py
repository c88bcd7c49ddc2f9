"""Asks for a role in a window: ours, in its own process, else the desktop's, which can only make it the default."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from traycreds.core.errors import TraycredsError
from traycreds.core.text import middle_cut
from traycreds.ui.dialog_program import CANNOT_SHOW, SECONDS, DialogProgram
from traycreds.ui.picker import rows
from traycreds.ui.picker.rows import Picked, PickerAction, RoleRow

TITLE = "Find role - traycreds"
_TEXT = "Make a role the default profile:"
_OSASCRIPT = """on run argv
set picked to choose from list (items 3 thru -1 of argv) with title (item 1 of argv) with prompt (item 2 of argv)
if picked is false then error number -128
return item 1 of picked
end run"""
_NEW_CONSOLE: int = getattr(subprocess, "CREATE_NEW_CONSOLE", 0)


class PickerDialog:
    """Asks in a window."""

    def __init__(self, own: Sequence[str], *, in_console: Sequence[str], seconds: float = SECONDS) -> None:
        """Open nothing yet; `own` is our window's command, `in_console` the one for Windows without a toolkit."""
        self._own, self._in_console = tuple(own), tuple(in_console)
        self._program = DialogProgram(seconds=seconds)

    def ask(self, offered: Sequence[RoleRow]) -> Picked | None:
        """What the user picked, or None for a closed window; blocks. Raises TraycredsError: no program can show one."""
        status, answer = self._program.run(self._own, rows.encode(TITLE, offered))
        if status != CANNOT_SHOW:
            return rows.decode_picked(answer, offered) if status == 0 else None
        if sys.platform == "win32":
            self._ask_in_console()
            return None
        for command, given in other_dialogs(offered, os.environ):
            status, answer = self._program.run(command, given)
            return _picked(answer, offered) if status == 0 else None
        raise TraycredsError(
            "traycreds cannot show the roles in a window here.",
            "Install zenity or Python's tkinter, or run traycreds pick in a terminal.",
        )

    def end(self) -> bool:
        """End an open window; returns whether there was one."""
        return self._program.end()

    def close(self) -> None:
        """Close an open window, and open no other."""
        self._program.close()

    def _ask_in_console(self) -> None:
        """Let the command ask in its own console, where it also does what is wanted."""
        try:
            subprocess.Popen(self._in_console, creationflags=_NEW_CONSOLE)
        except OSError as error:
            raise TraycredsError(
                "traycreds cannot show the roles in a window here.", "Run traycreds pick in a terminal."
            ) from error


def other_dialogs(offered: Sequence[RoleRow], environ: Mapping[str, str]) -> list[tuple[tuple[str, ...], bytes]]:
    """The desktop's programs that could ask, with their input. Names come first: zenity and macOS match line starts."""
    lines = [_line(row) for row in offered]
    if sys.platform == "darwin":
        return [(("osascript", "-e", _OSASCRIPT, TITLE, _TEXT, *lines), b"")]
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return []
    cells = "".join(
        f"{cell or ' '}\n"
        for number, row in enumerate(offered, start=1)
        for cell in (middle_cut(row.title), row.state_with_default, row.account, str(number))
    )
    columns = ("--column=Role", "--column=State", "--column=Account", "--column=#", "--hide-column=4")
    size = ("--width=680", "--height=460")
    zenity = ("zenity", "--list", f"--title={TITLE}", f"--text={_TEXT}", *size, *columns, "--print-column=4")
    menu = (word for number, line in enumerate(lines, start=1) for word in (str(number), line))
    kdialog = ("kdialog", "--title", TITLE, "--menu", _TEXT, *menu)
    known = ((zenity, cells.encode()), (kdialog, b""))
    return [(command, given) for command, given in known if shutil.which(command[0]) is not None]


def _line(row: RoleRow) -> str:
    return "  ".join(part for part in (row.title, row.account, row.state_with_default) if part)


def _picked(answer: str, offered: Sequence[RoleRow]) -> Picked | None:
    known = {str(number): row for number, row in enumerate(offered, start=1)} | {_line(row): row for row in offered}
    row = known.get(answer)
    return None if row is None else Picked(PickerAction.USE, row.name)
