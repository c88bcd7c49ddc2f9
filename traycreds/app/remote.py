"""Steers the running app for the command line; imports nothing that a command of milliseconds cannot afford."""

from __future__ import annotations

import contextlib
import os

from traycreds.adapters import controlclient, controlsnapshot, places
from traycreds.adapters.controlwire import Request, WireError
from traycreds.app.outcome import Result, result
from traycreds.core.errors import NotRunningError, TraycredsError
from traycreds.core.shown import Snapshot

_PATIENCE = 3600.0
"""Seconds to wait for an outcome: the app itself ends every wait much sooner."""


def steer(
    do: str,
    *,
    roles: tuple[str, ...] = (),
    seconds: float | None = None,
    wait: bool = True,
    region: str | None = None,
    attended: bool = True,
) -> tuple[Snapshot | None, tuple[str, ...]]:
    """Have the running app do something; returns how things stand then, and the roles that it was about.

    Args:
        do: use, keep, drop, refresh, status, used, show or quit.
        roles: which roles.
        seconds: how long `keep` lasts.
        wait: return once the outcome is known.
        region: what `use` makes the role's region; empty is what the configuration says.
        attended: the user waits for it, so that a dialog may open.

    Raises:
        NotRunningError: no app runs.
        TraycredsError: it refused, or failed.
    """
    request = Request(
        id=str(os.getpid()), do=do, roles=roles, seconds=seconds, wait=wait, region=region, attended=attended
    )
    slow = wait and do not in {"status", "quit"}
    seconds_to_wait = _PATIENCE if slow else controlclient.ANSWER_SECONDS
    reply = controlclient.ask(places.locate(os.environ).runtime_dir, request, seconds=seconds_to_wait)
    if "snapshot" not in reply:
        return None, ()
    try:
        return controlsnapshot.decode(reply["snapshot"]), tuple(reply.get("roles", ()))
    except WireError as error:
        raise NotRunningError(
            "The running app is of another version.", "Quit it in its menu and start it anew."
        ) from error


def refresh(roles: tuple[str, ...], *, wait: bool = True, attended: bool = True) -> Result:
    """Have the running app refresh the named roles, or all that are kept, or all; see `steer`."""
    snapshot, names = steer("refresh", roles=roles, wait=wait, attended=attended)
    assert snapshot is not None
    return result(snapshot, names)


def note_use(role: str) -> None:
    """Let the running app, if there is one, show the role among those used last."""
    with contextlib.suppress(TraycredsError):
        steer("used", roles=(role,), wait=False)


def point_out() -> None:
    """Let the running app tell the desktop where its icon is."""
    with contextlib.suppress(TraycredsError):
        steer("show", wait=False)


def status() -> Snapshot:
    """How the running app sees its roles; see `steer`."""
    snapshot, _ = steer("status")
    assert snapshot is not None
    return snapshot
