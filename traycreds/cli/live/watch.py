"""The live view of an app that runs elsewhere."""

from __future__ import annotations

import threading

from traycreds.cli.live.commands import Ports, SignIn
from traycreds.cli.live.terminal import Terminal
from traycreds.control import client
from traycreds.control.client import SilentError
from traycreds.core.snapshot import Snapshot
from traycreds.usecases import running_app

_PAUSE = 1.0
"""Seconds between two questions to the running app."""


def watch(sign_in: SignIn) -> int:
    """Show the running app's roles until the user quits; the exit code. Raises NotRunningError: no app runs."""
    over, changed = threading.Event(), threading.Event()

    def end() -> None:
        over.set()
        changed.set()

    snapshot: Snapshot | None = running_app.status()
    silent = False
    with Terminal() as terminal:
        terminal.take_keys(Ports(ask=running_app.carry_out, sign_in=sign_in, quit=end, done=changed.set))
        while True:
            if snapshot is not None:
                terminal.show(snapshot)
            changed.wait(_PAUSE)
            changed.clear()
            if over.is_set() or not terminal.shows:
                break
            try:
                snapshot, silent = running_app.status(), False
            except SilentError as error:
                # The app may be silent for a while, as on a machine that has just woken.
                if not silent:
                    terminal.print(f"{error.sentence} {error.hint}")
                client.silent_apps.clear()
                snapshot, silent = None, True
    return 0
