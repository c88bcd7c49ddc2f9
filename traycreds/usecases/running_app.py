"""Asks the running app on behalf of a command; imports nothing slow, because a command takes milliseconds."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from traycreds.control import client, snapshot_json
from traycreds.control.protocol import Request, WireError
from traycreds.core.errors import NotRunningError, TraycredsError
from traycreds.core.snapshot import Snapshot
from traycreds.core.text import printable
from traycreds.core.value_class import replace
from traycreds.state import paths
from traycreds.usecases.result import Result, result

T = TypeVar("T")

_PATIENCE = 3600.0
"""Seconds to wait for an outcome: the app itself ends every wait much sooner."""
_WITHOUT_SNAPSHOT = frozenset({"quit", "show", "used"})
"""Requests that need no roles."""


def send_command(
    do: str,
    *,
    roles: tuple[str, ...] = (),
    seconds: float | None = None,
    wait: bool = True,
    region: str | None = None,
    attended: bool = True,
    still: Callable[[], None] | None = None,
) -> tuple[Snapshot | None, tuple[str, ...]]:
    """Send a command to the running app; return the snapshot afterwards, and the roles it was about.

    `seconds`: how long `keep` lasts. `wait`: return once the result is known. `region`: for `use`; empty restores the
    configured one. `attended`: the user waits for it, so a dialog may open. `still` is called now and then while the
    app is working. Raises NotRunningError: no app (SilentError: no answer). Raises TraycredsError: it refused, or
    failed.
    """
    reply = _ask(do, roles=roles, seconds=seconds, wait=wait, region=region, attended=attended, still=still)
    return (None, ()) if do in _WITHOUT_SNAPSHOT else _decoded(_snapshot_and_names, reply)


def _ask(
    do: str,
    *,
    roles: tuple[str, ...],
    seconds: float | None = None,
    wait: bool = True,
    region: str | None = None,
    attended: bool = True,
    still: Callable[[], None] | None = None,
) -> Mapping[str, Any]:
    request = Request(
        id=str(os.getpid()), do=do, roles=roles, seconds=seconds, wait=wait, region=region, attended=attended
    )
    try:
        return carry_out(request, still=still)
    except client.SilentError as error:
        client.silent_apps.append(error)
        raise


def carry_out(request: Request, *, still: Callable[[], None] | None = None) -> Mapping[str, Any]:
    """Have the running app carry out a request; return its reply. Raises as `send_command`."""
    slow = request.wait and request.do not in {"status", "quit"}
    seconds = _PATIENCE if slow else client.ANSWER_SECONDS
    return client.ask(paths.runtime_dir(os.environ), request, seconds=seconds, still=still)


def _decoded(decode: Callable[[Mapping[str, Any]], T], reply: Mapping[str, Any]) -> T:
    """The content of a reply. Raises NotRunningError: another version."""
    try:
        return decode(reply)
    except WireError as error:
        raise NotRunningError(
            "The running app is a different version.", "Quit it in its menu and start it again."
        ) from error


def _snapshot_and_names(reply: Mapping[str, Any]) -> tuple[Snapshot, tuple[str, ...]]:
    return snapshot_json.decode(reply.get("snapshot")), snapshot_json.names(reply.get("roles", []))


def refresh(
    roles: tuple[str, ...], *, wait: bool = True, attended: bool = True, still: Callable[[], None] | None = None
) -> Result:
    """Let the running app refresh the named roles, or all kept ones, or all; see `send_command`.

    `still` is called now and then while the app works.
    """
    reply = _ask("refresh", roles=roles, wait=wait, attended=attended, still=still)
    snapshot, names = _decoded(_snapshot_and_names, reply)
    return result(snapshot, names, _decoded(snapshot_json.decode_outcome, reply))


def refreshing(roles: tuple[str, ...]) -> Snapshot:
    """The state of the roles of a refresh; see `refresh`."""
    snapshot = status()
    renewed = tuple(view for view in snapshot.roles if view.renewed)
    meant = tuple(view for view in snapshot.roles if view.name in roles) or renewed or snapshot.roles
    return replace(snapshot, roles=meant)


def note_use(role: str) -> None:
    """Tell the running app, if any, that a role was used; an app that was silent before is not asked again."""
    if not client.silent_apps:
        with contextlib.suppress(TraycredsError):
            send_command("used", roles=(role,), wait=False)


def point_out() -> None:
    """Let the running app tell the desktop where its icon is."""
    with contextlib.suppress(TraycredsError):
        send_command("show", wait=False)


def send_notice() -> tuple[str | None, str]:
    """Let the running app send a test notice; returns how it was sent, if at all, and hints; see `send_command`."""
    reply = _ask("notice", roles=())
    by, hint = reply.get("by"), reply.get("hint")
    return printable(by) if isinstance(by, str) else None, printable(hint) if isinstance(hint, str) else ""


def program_path() -> tuple[str | None, str | None]:
    """The PATH of the running app, and that of the login shell if the app asks it; see `send_command`."""
    reply = _ask("path", roles=())
    path, login = reply.get("path"), reply.get("login")
    return path if isinstance(path, str) else None, login if isinstance(login, str) else None


def status() -> Snapshot:
    """The running app's state of its roles; see `send_command`."""
    snapshot, _ = send_command("status")
    assert snapshot is not None
    return snapshot
