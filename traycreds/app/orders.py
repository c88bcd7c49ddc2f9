"""Carries out what commands ask of the running app: posts events, and waits until the snapshots show the outcome.

Decides nothing that the menu could not ask for as well, and never touches the credentials file itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from traycreds.adapters import controlsnapshot
from traycreds.adapters.controlserver import Answer
from traycreds.adapters.controlwire import Request
from traycreds.app import outcome, rolenames
from traycreds.core.commands import Command, UiCommand
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError, NotRunningError, TraycredsError
from traycreds.core.messages import Event, RefreshAsked, RegionChosen, RoleChosen, RoleDropped, RoleSwitched, RoleUsed
from traycreds.core.model import RoleName, Settings
from traycreds.core.shown import RoleView, Snapshot
from traycreds.engine.engine import Engine
from traycreds.engine.ports import Clock

_TAKEN_SECONDS = 2.0
"""For the engine to take an event in; it never blocks, so this is only ever needed while the app starts or ends."""
_SLACK = 60.0
"""Seconds beyond the deadline of the calls: a lock held by another process, a slow disk."""
_DISK_SECONDS = 12.0
"""For ~/.aws/config to be written, which another program may hold up."""
_LOOK = 0.5
"""Seconds between two looks whether the command that waits is still there."""

_Judge = Callable[[Snapshot], bool]
"""Whether a snapshot settles what was asked; raises a TraycredsError when it settles it badly."""


class Orders:
    """What the control server obeys."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        post: Callable[[Event | Command], None],
        look: Callable[[], None],
        end: Callable[[], None],
        settings: Settings,
        settle: Callable[[float], object] = lambda _: None,
    ) -> None:
        """Follow the engine's snapshots; make it before the engine starts.

        Args:
            engine: carries everything out.
            clock: the engine's.
            post: takes what the user wants, as a click in the menu does; what a program wants goes to the engine.
            look: looks whether the configuration was saved, so that a command knows a role added a moment ago.
            end: ends the app.
            settings: how long calls may take.
            settle: waits until what snapshots show is on disk as well, for at most so many seconds.
        """
        self._engine = engine
        self._clock = clock
        self._post = post
        self._look = look
        self._end = end
        self._settings = settings
        self._settle = settle
        self._news = threading.Condition()
        self._snapshot = engine.snapshot
        engine.subscribe(self._see)

    def obey(self, request: Request, gone: Callable[[], bool]) -> Answer:
        """Carry out a request; blocks until its outcome is known, or the peer is gone.

        Raises:
            TraycredsError: it cannot be, or it failed.
        """
        if request.do == "quit":
            return Answer(content={"ok": True}, then=self._end)
        if request.do == "show":
            self._post(UiCommand.POINT_OUT)
            return Answer(content={"ok": True})
        if request.do == "used":  # by a command that has its session already and waits for nothing
            self._post(RoleUsed(RoleName(request.roles[0])))
            return Answer(content={"ok": True})
        self._look()
        snapshot = self._taken()
        if request.do == "status":
            return _answer(snapshot)
        names = rolenames.known(request.roles, (view.name for view in snapshot.roles))
        if request.do == "refresh" and not names:
            cared = tuple(view.name for view in snapshot.roles if view.kept or view.is_default)
            names = cared or tuple(view.name for view in snapshot.roles)
        if request.region is not None:
            self._post(RegionChosen(names[0], request.region or None))
        (self._post if request.attended else self._engine.post)(self._event(request, names))
        snapshot = self._taken()
        if request.wait:
            snapshot = self._settled(self._judge(request.do, names), len(names), gone)
            if request.do == "use":
                self._settle(_DISK_SECONDS)
                snapshot = self._taken()  # with what was found on the way
        return _answer(snapshot, roles=names)

    def _see(self, snapshot: Snapshot) -> None:
        with self._news:
            self._snapshot = snapshot
            self._news.notify_all()

    def _taken(self) -> Snapshot:
        """The snapshot once the engine has taken in all that was posted."""
        taken = threading.Event()
        self._engine.after(lambda _: taken.set())
        if not taken.wait(_TAKEN_SECONDS):
            raise NotRunningError("The running app is starting or ending.", "Try again in a moment.")
        return self._engine.snapshot

    def _event(self, request: Request, names: tuple[RoleName, ...]) -> Event:
        match request.do:
            case "use":
                return RoleChosen(names[0])
            case "keep":
                span = None if request.seconds is None else timedelta(seconds=request.seconds)
                return RoleSwitched(names[0], on=True, until=None if span is None else self._clock.now() + span)
            case "drop":
                return RoleDropped(names[0])
            case _:
                return RefreshAsked(names)

    def _settled(self, judge: _Judge, count: int, gone: Callable[[], bool]) -> Snapshot:
        rounds = -(-count // self._settings.max_in_flight)
        deadline = time.monotonic() + self._settings.call_deadline.total_seconds() * rounds + _SLACK
        with self._news:
            while not judge(self._snapshot):
                if time.monotonic() >= deadline or gone():
                    raise IssueError(
                        FailureKind.NETWORK, "It did not come to an end in time.", "See `traycreds status`."
                    )
                self._news.wait(_LOOK)
            return self._snapshot

    def _judge(self, do: str, names: tuple[RoleName, ...]) -> _Judge:
        if do == "refresh":
            return lambda snapshot: _refreshed(snapshot, names)
        ready = {"use": _used, "keep": _kept, "drop": _dropped}[do]

        def judge(snapshot: Snapshot) -> bool:
            view = next((view for view in snapshot.roles if view.name == names[0]), None)
            if view is None:
                raise TraycredsError(f"Role {names[0]} is configured no more.", "Look at your configuration file.")
            return ready(snapshot, view, self._clock.now())

        return judge


def _answer(snapshot: Snapshot, **more: Any) -> Answer:
    return Answer(content={"ok": True, "snapshot": controlsnapshot.encode(snapshot), **more})


def _refreshed(snapshot: Snapshot, names: tuple[RoleName, ...]) -> bool:
    """Each is tried, or the file stands in the way of all; what came of it is in the views."""
    busy = any(view.busy for view in snapshot.roles if view.name in names)
    return not busy or (snapshot.trouble is not None and not snapshot.default_refused)


def _used(snapshot: Snapshot, view: RoleView, now: datetime) -> bool:
    """`default` on file is a valid session of the role."""
    if snapshot.default_written and view.is_default and _valid(view, now):
        return True
    if snapshot.default_refused:
        raise CredentialsFileError(snapshot.trouble or "", snapshot.trouble_hint or "")
    return _still_hopeful(snapshot, view, now)


def _kept(snapshot: Snapshot, view: RoleView, now: datetime) -> bool:
    """A valid session is on file, and no refresh of it is under way."""
    if _valid(view, now) and not view.busy:
        return True
    return _still_hopeful(snapshot, view, now)


def _dropped(snapshot: Snapshot, view: RoleView, _now: datetime) -> bool:
    """No session of it is on file."""
    if view.expires_at is None:
        return True
    _raise_file_trouble(snapshot)
    return False


def _raise_file_trouble(snapshot: Snapshot) -> None:
    if snapshot.trouble is not None and not snapshot.default_refused:
        raise CredentialsFileError(snapshot.trouble, snapshot.trouble_hint or "")


def _valid(view: RoleView, now: datetime) -> bool:
    return view.expires_at is not None and view.expires_at > now


def _still_hopeful(snapshot: Snapshot, view: RoleView, now: datetime) -> bool:
    """False, to wait on, unless nothing will come by itself any more.

    Raises:
        TraycredsError: what stands in the way.
    """
    _raise_file_trouble(snapshot)
    if view.busy:
        return False
    if view.error is not None and not _valid(view, now):
        raise _failure(view)
    if snapshot.paused and not _valid(view, now):
        hint = f"Resume it in the menu, or run `traycreds refresh {view.name}`."
        raise TraycredsError(f"Renewing is paused, and {view.name} has no session.", hint)
    return False


def _failure(view: RoleView) -> TraycredsError:
    error = TraycredsError(f"{view.name}: {view.error}", view.hint or "")
    error.exit_code = outcome.exit_code(view)
    return error
