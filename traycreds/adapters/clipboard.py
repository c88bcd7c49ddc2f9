"""Owns putting a text onto the desktop's clipboard, through the standard input of the program that the platform has.

Windows has none that is fit, and needs none. Never puts the text on a command line, into a log or into an exception:
it may be a key.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping

from traycreds.adapters import clipboardwindows
from traycreds.core.errors import TraycredsError

_SECONDS = 5.0
_WAYLAND = (("wl-copy",),)
_X11 = (("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input"))

_KEEPER = """
import os, sys, tkinter
text = sys.stdin.buffer.read().decode()
if os.fork():
    os._exit(0)
window = tkinter.Tk()
window.withdraw()
window.clipboard_clear()
window.clipboard_append(text)
window.update()
def look():
    try:
        held = window.clipboard_get(type="UTF8_STRING") == text
    except tkinter.TclError:
        held = False
    if held:
        window.after(500, look)
    else:
        window.destroy()
window.after(300_000, window.destroy)
look()
os.write(1, b"kept")
os.close(1)
window.mainloop()
"""
"""An X11 clipboard lives as long as the program that filled it: this one goes on alone, and ends after five minutes or
when another program fills it."""


def way(environ: Mapping[str, str], platform: str = sys.platform) -> tuple[str, ...] | None:
    """The program with its arguments that takes the text, none where none is needed; None where there is no way."""
    if platform in ("win32", "darwin"):
        return () if platform == "win32" else ("/usr/bin/pbcopy",)
    programs = [*(_WAYLAND if environ.get("WAYLAND_DISPLAY") else ()), *(_X11 if environ.get("DISPLAY") else ())]
    for program in programs:
        found = shutil.which(program[0], path=environ.get("PATH"))
        if found is not None:
            return (found, *program[1:])
    frozen = getattr(sys, "frozen", False)  # a packed program has no interpreter to start
    if environ.get("DISPLAY") and not frozen and importlib.util.find_spec("_tkinter") is not None:
        return (sys.executable, "-c", _KEEPER)
    return None


def put(text: str, environ: Mapping[str, str] = os.environ) -> None:
    """Put a text onto the clipboard.

    Raises:
        TraycredsError: there is no program for it, or it failed.
    """
    import subprocess  # noqa: PLC0415 - whoever asks for the way alone need not pay

    if sys.platform == "win32":
        if not clipboardwindows.put(text):
            raise _not_filled()
        return
    command = way(environ)
    if command is None:
        raise TraycredsError("There is no program that fills the clipboard.", "Install wl-clipboard or xclip.")
    keeper = _KEEPER in command
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs; the text goes through standard input
            command,
            input=text.encode(),
            env={**environ, "LC_CTYPE": "UTF-8"} if sys.platform == "darwin" else dict(environ),
            check=True,
            timeout=_SECONDS,
            stdout=subprocess.PIPE if keeper else subprocess.DEVNULL,  # xclip stays with it open: no end would come
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        raise _not_filled() from None
    if keeper and done.stdout != b"kept":
        raise _not_filled()


def _not_filled() -> TraycredsError:
    return TraycredsError("The clipboard could not be filled.", "Try again, or use `traycreds env`.")
