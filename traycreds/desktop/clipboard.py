"""Copies text through the stdin of the platform's clipboard program. It may be a key: never logged or in arguments."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from traycreds.core.errors import TraycredsError

SECONDS = 5.0
"""For the program to take the text."""
_WAYLAND = (("wl-copy",),)
_X11 = (("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input"))

_SELECTION_OWNER = """
import os, sys, tkinter
text = sys.stdin.buffer.read().decode()
if os.fork():
    os._exit(0)
window = tkinter.Tk()
window.withdraw()
window.clipboard_clear()
window.clipboard_append(text)
window.update()
def check():
    try:
        held = window.clipboard_get(type="UTF8_STRING") == text
    except tkinter.TclError:
        held = False
    if held:
        window.after(500, check)
    else:
        window.destroy()
window.after(300_000, window.destroy)
check()
os.write(1, b"kept")
os.close(1)
window.mainloop()
"""
"""An X11 clipboard lives as long as the program that filled it: this one keeps running, and ends after five minutes or
when another program fills it."""


def fill_command(environ: Mapping[str, str], platform: str = sys.platform) -> tuple[str, ...] | None:
    """The program with its arguments that takes the text, none where none is needed; None where there is no way."""
    if platform in ("win32", "darwin"):
        return () if platform == "win32" else ("/usr/bin/pbcopy",)
    programs = [*(_WAYLAND if environ.get("WAYLAND_DISPLAY") else ()), *(_X11 if environ.get("DISPLAY") else ())]
    for program in programs:
        found = shutil.which(program[0], path=environ.get("PATH"))
        if found is not None:
            return (found, *program[1:])
    # A packed program has no interpreter to start.
    frozen = getattr(sys, "frozen", False)
    if environ.get("DISPLAY") and not frozen and importlib.util.find_spec("_tkinter") is not None:
        return (sys.executable, "-c", _SELECTION_OWNER)
    return None


def put(text: str, environ: Mapping[str, str] = os.environ) -> None:
    """Put a text onto the clipboard. Raises TraycredsError: there is no program for it, or it failed."""
    if sys.platform == "win32":
        from traycreds.desktop import clipboard_windows

        if not clipboard_windows.put(text):
            raise _not_filled()
        return
    command = fill_command(environ)
    if command is None:
        raise TraycredsError("No clipboard program found.", "Install wl-clipboard or xclip.")
    selection_owner = _SELECTION_OWNER in command
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            env={**environ, "LC_CTYPE": "UTF-8"} if sys.platform == "darwin" else dict(environ),
            check=True,
            timeout=SECONDS,
            # `xclip` keeps this pipe open, so reading it would never end.
            stdout=subprocess.PIPE if selection_owner else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        raise _not_filled() from None
    if selection_owner and done.stdout != b"kept":
        raise _not_filled()


def _not_filled() -> TraycredsError:
    return TraycredsError("Could not copy to the clipboard.", "Try again, or use `traycreds env`.")
