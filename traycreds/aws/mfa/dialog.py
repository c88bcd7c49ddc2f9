"""Asks the user for an MFA code: in a dialog of a process of its own, or in the terminal.

The code comes back through a pipe, never on a command line. A dialog is only ever opened because the user asked for it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

from traycreds.aws.mfa.code_program import clean
from traycreds.aws.mfa.question import Question
from traycreds.aws.mfa.terminal import TYPOS
from traycreds.core.errors import TraycredsError
from traycreds.core.text import escaped
from traycreds.process.spawn import NO_WINDOW

SECONDS = 300.0
"""How long a dialog stays open for somebody who went away."""
TITLE = "MFA code - traycreds"
CANNOT_SHOW = 3
"""What our own dialog exits with when it has no toolkit or no display (traycreds.ui.dialogs)."""

_OSASCRIPT = """on run argv
display dialog (item 1 of argv) with title (item 2 of argv) default answer ""
return text returned of result
end run"""


class Dialog:
    """Asks in a window."""

    def __init__(self, own: Sequence[str], *, seconds: float = SECONDS) -> None:
        """Open nothing yet.

        Args:
            own: the command of our own dialog, which reads a JSON object (title, text) and prints the code.
            seconds: how long it stays open.
        """
        self._own = tuple(own)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def ask(self, question: Question) -> str | None:
        """The code, or None when the user cancelled; blocks until then.

        Raises:
            TraycredsError: no program here can show a dialog.
        """
        note = ""
        for _ in range(TYPOS):
            answer = self._show(question.text(note))
            if answer is None or (code := clean(answer)) is not None:
                return None if answer is None else code
            note = "An MFA code has six digits."
        return None

    def close(self) -> None:
        """End an open dialog, and open none any more."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def _show(self, text: str) -> str | None:
        own_input = json.dumps({"title": TITLE, "text": text}).encode()
        for command, given in [(self._own, own_input), *((other, b"") for other in other_dialogs(text, os.environ))]:
            status, answer = self._run(command, given)
            if status == 0:
                return answer
            if status != CANNOT_SHOW or command is not self._own:
                return None
        toolkit = "a Python with tkinter" if sys.platform == "win32" else "zenity or Python's tkinter"
        hint = f"Install {toolkit}, or set mfa_process in the configuration."
        raise TraycredsError("No program here can ask for an MFA code.", hint)

    def _run(self, command: Sequence[str], given: bytes) -> tuple[int, str]:
        """Exit code and output; a negative code when it was ended."""
        pipe = subprocess.PIPE
        with self._lock:
            if self._closed:
                return -1, ""
            try:
                process = subprocess.Popen(
                    command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, creationflags=NO_WINDOW
                )
            except OSError:
                return CANNOT_SHOW, ""
            self._process = process
        try:
            answer, _ = process.communicate(given, timeout=self._seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return -1, ""
        finally:
            self._process = None
        return process.returncode, answer.decode(errors="replace").strip()


def other_dialogs(text: str, environ: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The desktop's own programs that could ask; their arguments can be taken for nothing else."""
    if sys.platform == "win32":
        return []
    if sys.platform == "darwin":
        return [("osascript", "-e", _OSASCRIPT, text, TITLE)]
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return []
    marked_up = escaped(text).replace("_", "__")  # zenity reads markup, and takes _ for a mnemonic
    known = (
        ("zenity", "--entry", f"--title={TITLE}", f"--text={marked_up}"),
        ("kdialog", "--title", TITLE, "--inputbox", escaped(text)),
    )
    return [command for command in known if shutil.which(command[0]) is not None]
