"""Asks the user for an MFA code, in its own dialog process or in the terminal; opens only on the user's request.

The code comes back through a pipe, never on a command line.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence

from traycreds.aws.mfa.code_program import NOT_A_CODE, clean
from traycreds.aws.mfa.question import Question
from traycreds.aws.mfa.terminal import TYPOS
from traycreds.core.errors import TraycredsError
from traycreds.core.text import escaped
from traycreds.ui.dialog_program import CANNOT_SHOW, SECONDS, DialogProgram

TITLE = "MFA code - traycreds"

_OSASCRIPT = """on run argv
display dialog (item 1 of argv) with title (item 2 of argv) default answer ""
return text returned of result
end run"""


class Dialog:
    """Asks in a window."""

    def __init__(self, own: Sequence[str], *, seconds: float = SECONDS) -> None:
        """Open nothing yet; `own` is our dialog's command, which reads JSON (title, text) and prints the code."""
        self._own = tuple(own)
        self._program = DialogProgram(seconds=seconds)

    def ask(self, question: Question) -> str | None:
        """The code, or None when the user cancels; blocks until then. Raises TraycredsError: no dialog program."""
        note = ""
        for _ in range(TYPOS):
            answer = self._show(question.text(note))
            if answer is None or (code := clean(answer)) is not None:
                return None if answer is None else code
            note = NOT_A_CODE
        return None

    def close(self) -> None:
        """Close an open dialog, and open no other."""
        self._program.close()

    def _show(self, text: str) -> str | None:
        own_input = json.dumps({"title": TITLE, "text": text}).encode()
        for command, given in [(self._own, own_input), *((other, b"") for other in other_dialogs(text, os.environ))]:
            status, answer = self._program.run(command, given)
            if status == 0:
                return answer
            if status != CANNOT_SHOW or command is not self._own:
                return None
        toolkit = "a Python with tkinter" if sys.platform == "win32" else "zenity or Python's tkinter"
        hint = f"Install {toolkit}, or set mfa_process in the configuration."
        raise TraycredsError("traycreds has no way to ask for an MFA code here.", hint)


def other_dialogs(text: str, environ: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The desktop's own programs that can ask; nothing can read their arguments as options."""
    if sys.platform == "win32":
        return []
    if sys.platform == "darwin":
        return [("osascript", "-e", _OSASCRIPT, text, TITLE)]
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return []
    # Zenity reads markup, and takes `_` for a mnemonic.
    marked_up = escaped(text).replace("_", "__")
    known = (
        ("zenity", "--entry", f"--title={TITLE}", f"--text={marked_up}"),
        ("kdialog", "--title", TITLE, "--inputbox", escaped(text)),
    )
    return [command for command in known if shutil.which(command[0]) is not None]
