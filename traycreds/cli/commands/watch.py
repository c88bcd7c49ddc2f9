"""`traycreds watch`: the live view of an app that runs elsewhere."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from typing import TypeAlias

from traycreds.cli.live.commands import Ports
from traycreds.cli.live.terminal import Terminal
from traycreds.cli.options import options
from traycreds.control.client import SilentError
from traycreds.core.snapshot import Snapshot
from traycreds.usecases import running_app
from traycreds.usecases.options import Options

SignIn: TypeAlias = Callable[[str, Callable[[str], None]], str]
"""Signs in for a role; its second argument gets texts for the user. Returns the result in a sentence."""

PAUSE = 1.0
"""Seconds between two questions to the running app."""


def watch(parsed: argparse.Namespace) -> int:
    """`traycreds watch`."""
    over, changed = threading.Event(), threading.Event()

    def end() -> None:
        over.set()
        changed.set()

    snapshot: Snapshot | None = running_app.status()
    silent = False
    with Terminal() as terminal:
        terminal.take_keys(
            Ports(ask=running_app.carry_out, sign_in=signing_in(options(parsed)), quit=end, done=changed.set)
        )
        while True:
            if snapshot is not None:
                terminal.show(snapshot)
            changed.wait(PAUSE)
            changed.clear()
            if over.is_set() or not terminal.shows:
                break
            try:
                snapshot, silent = running_app.status(), False
            except SilentError as error:  # as on a machine that has just woken
                if not silent:
                    terminal.print(f"{error.sentence} {error.hint}")
                running_app.silent_apps.clear()
                snapshot, silent = None, True
    return 0


def signing_in(given: Options) -> SignIn:
    """What signs in for a role, as `traycreds login` does."""

    def sign_in(role: str, report: Callable[[str], None]) -> str:
        from traycreds.usecases import load, sign_in

        session = sign_in.find(load.find_paths(given), role)
        return sign_in.outcome(session, sign_in.sign_in(session, None, report))

    return sign_in
