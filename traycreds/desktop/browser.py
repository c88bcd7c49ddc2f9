"""Opens a page in the user's browser, without waiting for it. Never shows or logs the address."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import urlencode

from traycreds.core.errors import TraycredsError
from traycreds.core.model import BrowserChoice
from traycreds.process import environment
from traycreds.process.programs import lookup
from traycreds.process.spawn import NO_WINDOW

Open: TypeAlias = Callable[[str], None]
"""Opens an address and returns at once; raises a TraycredsError if it cannot."""

_URL = "{url}"
"""The place of the address in the words of a browser of the user's choice."""

FIREFOX = "firefox"
"""The program of a container for which no other is named, on Linux."""


def can_open() -> bool:
    """Whether there is a screen for a browser, or BROWSER names one; a text browser would take the terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))


def open_page(url: str, failed: Callable[[], None], by: Open | None = None) -> None:
    """Open a page with `by`, or the desktop's browser; `failed` runs on another thread. Raises TraycredsError."""
    if by is not None:
        by(url)
        return

    def run() -> None:
        try:
            # Some browsers keep this call waiting until they are closed.
            opened = webbrowser.open(url)
        except (OSError, webbrowser.Error):
            opened = False
        if not opened:
            failed()

    threading.Thread(target=run, name="browser", daemon=True).start()


def chosen(choice: BrowserChoice, name: str, *, place: str) -> Open | None:
    """How the user's settings open the pages of a role or sign-in; None leaves it to the desktop.

    `{url}`, and `place` for the name, are replaced in the program's arguments; without `{url}` the address comes last.
    A container uses the Firefox add-on "Open external links in a container".
    """
    program = choice.program
    if not program and not choice.container:
        return None

    def run(url: str) -> None:
        address = in_container(url, name) if choice.container else url
        if not program:
            _by_firefox(address, choice)
            return
        argv = [word.replace(place, name).replace(_URL, address) for word in program]
        _start(argv if any(_URL in word for word in program) else [*argv, address], choice)

    return run


def in_container(url: str, name: str) -> str:
    """The address by which that add-on opens another one in a container of this name."""
    return f"ext+container:{urlencode({'name': name, 'url': url})}"


def _by_firefox(address: str, choice: BrowserChoice) -> None:
    if sys.platform == "win32":
        try:
            os.startfile("firefox", arguments=address)  # noqa: S607 - Windows finds it by its registered name
        except OSError:
            raise _not_started("firefox", choice) from None
    else:
        _start(["open", "-a", "Firefox", address] if sys.platform == "darwin" else [FIREFOX, address], choice)


def _start(argv: list[str], choice: BrowserChoice) -> None:
    quiet = subprocess.DEVNULL
    words, more = lookup.found(argv)
    try:
        started = subprocess.Popen(
            words,
            env=environment.for_program(more),
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            start_new_session=True,
            # A script that opens the page must not show a console window.
            creationflags=NO_WINDOW,
        )
    except (OSError, ValueError):
        # A NUL in an argument raises a `ValueError`.
        raise _not_started(argv[0], choice) from None
    # Without a `wait`, the ended child would stay a zombie.
    threading.Thread(target=started.wait, name="browser", daemon=True).start()


def _not_started(program: str, choice: BrowserChoice) -> TraycredsError:
    return TraycredsError(f"Could not start {program}.", f"Fix {choice.keys}.")
