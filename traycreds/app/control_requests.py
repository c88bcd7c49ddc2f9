"""Carries out requests of commands: posts events and waits for the result. Never touches the credentials file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from traycreds.app.supervisor import Supervisor
from traycreds.aws.mfa.codes import Verdict
from traycreds.control import snapshot_json
from traycreds.control.protocol import Request
from traycreds.control.server import CommandReply
from traycreds.core.engine_state import State
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError, NotRunningError
from traycreds.core.events import (
    Event,
    Paused,
    RefreshAsked,
    RegionChosen,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
    RoleUsed,
)
from traycreds.core.lookup import known_roles
from traycreds.core.model import FileNote, RoleName, Settings
from traycreds.core.ports import Clock
from traycreds.core.snapshot import RefreshOutcome, Snapshot
from traycreds.core.ui_commands import Command, UiCommand
from traycreds.core.value_class import as_dict, replace
from traycreds.desktop.notifications.notifier import Sent
from traycreds.engine.loop import Engine
from traycreds.engine.requests import Condition
from traycreds.lifecycle import notices, policy, request_result
from traycreds.process.bounded_call import ended
from traycreds.process.programs import login_path

T = TypeVar("T")

TAKEN_SECONDS = 2.0
"""Time for the engine to take an event; it never blocks, so this is needed only while the app starts or ends."""
SLACK = 60.0
"""Seconds beyond the deadline of the calls: a lock held by another process, a slow disk."""
HELD_SECONDS = 2.0
"""For other programs that hold the credentials file up; then the command ends, and what it asked for comes later."""
_SAVED_SECONDS, _SAVE_SECONDS = 2.5, 1.0
"""For ~/.aws/config to be written, which another program may hold up: from the request on, but so long at least."""
_REGION_LATER = "The region is not in ~/.aws/config yet. Another program may be writing it; traycreds keeps trying."
READ_SECONDS = 1.5
"""Time for the credentials file to be read, and written if that had failed."""
SESSION_SECONDS = 0.3
"""How long a command waits for the engine's word on a role; then it reads the files itself."""
POLL = 0.5
"""Seconds between two checks whether the waiting command is still there."""


class ControlRequests:
    """What the control server obeys."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        post: Callable[[Event | Command], None],
        check_config: Callable[[], None],
        end: Callable[[], None],
        settings: Settings,
        places: tuple[str, ...] = (),
        config_taken: Callable[[], bool] = lambda: False,
        wait_until_saved: Callable[[float], bool] = lambda _: True,
        held_up: Callable[[], FileNote | None] = lambda: None,
        supervisor: Supervisor | None = None,
        test_notice: Callable[[], Sent] = lambda: Sent(None, ""),
        give_code: Callable[[RoleName, str], Verdict | None] = lambda _role, _code: None,
    ) -> None:
        """Ask nothing of the engine yet.

        `post` takes what the user wants, like a menu click; what a program wants goes to the engine. `check_config`
        reads a saved configuration, so that a command knows a role added a moment ago; `config_taken` does too, and
        says whether all of it was posted to the engine. `wait_until_saved` waits up to some seconds until choices and
        regions are on disk, and says whether they are. `held_up` says what keeps the credentials file from being
        read or written now, if anything. `test_notice` may take some seconds; `give_code` blocks until AWS answers.
        """
        self._engine = engine
        self._clock = clock
        self._post = post
        self._check_config = check_config
        self._end = end
        self._settings = settings
        self._places = places
        self._config_taken = config_taken
        self._wait_until_saved = wait_until_saved
        self._held_up = held_up
        self._supervisor = supervisor
        self._at_once: dict[str, Callable[[Request], CommandReply]] = {
            "quit": lambda _: CommandReply(content={"ok": True}, then=self._end),
            "show": lambda _: self._posted(UiCommand.POINT_OUT),
            "session": self._session,
            "notice": lambda _: CommandReply(content={"ok": True, **as_dict(test_notice())}),
            "path": lambda _: _path(),
            "code": lambda request: _verdict(give_code(RoleName(request.roles[0]), request.code or "")),
            # A command sends this if it has its session already and waits for nothing.
            "used": lambda request: self._posted(RoleUsed(RoleName(request.roles[0]))),
        }
        self._events: dict[str, Callable[[Request, tuple[RoleName, ...]], Event]] = {
            "use": lambda _, names: RoleChosen(names[0]),
            "keep": lambda request, names: RoleSwitched(names[0], on=True, until=self._end_of_keeping(request.seconds)),
            "drop": lambda _, names: RoleDropped(names[0]),
            "refresh": lambda _, names: RefreshAsked(names),
        }

    def handle_request(self, request: Request, gone: Callable[[], bool]) -> CommandReply:
        """Carry out a request; blocks until the result is known or the peer is gone. Raises TraycredsError."""
        at_once = self._at_once.get(request.do)
        if at_once is not None:
            return at_once(request)
        begun = time.monotonic()
        self._check_config()
        if self._supervisor is not None and self._supervisor.stopped:
            if request.do == "status":
                return _answer(self._supervisor.as_stopped(self._engine.snapshot))
            raise NotRunningError(notices.STOPPED, notices.RESTART)
        snapshot = self._without_stale_trouble(self._taken())
        if request.do in _OF_ALL:
            return _answer(self._of_all(request, snapshot, gone))
        names = known_roles(request.roles, (view.name for view in snapshot.roles))
        if request.do == "refresh" and not names:
            renewed = tuple(view.name for view in snapshot.roles if view.renewed)
            names = renewed or tuple(view.name for view in snapshot.roles)
        if request.region is not None:
            self._post(RegionChosen(names[0], request.region or None))
        (self._post if request.attended else self._engine.post)(self._events[request.do](request, names))
        snapshot = self._taken()
        if request.do == "refresh":
            snapshot, became = self._ended(
                _refreshed(names, wait=request.wait),
                len(names),
                gone,
                lambda now, state, why: request_result.refresh_held_back(now, state, why, names),
            )
            return _answer(snapshot, roles=names, outcome=snapshot_json.encode_outcome(became))
        if request.wait:
            done = _DONE[request.do]
            snapshot, _ = self._ended(
                lambda now, state: done(now, state, names[0]),
                len(names),
                gone,
                lambda now, state, why: request_result.held_back(now, state, why, names[0]),
            )
            if request.do == "use":
                saved = self._wait_until_saved(max(_SAVE_SECONDS, begun + _SAVED_SECONDS - time.monotonic()))
                # Take the snapshot again, as the save may have found something new.
                snapshot = self._taken()
                snapshot = snapshot if saved else _with_region_later(snapshot, names[0])
        return _answer(snapshot, roles=names)

    def _session(self, request: Request) -> CommandReply:
        """What a command needs to read a role's session from the file; nothing if in doubt, without waiting."""
        known = None
        if request.places == self._places and self._places and self._config_taken():
            future = self._engine.when(lambda now, state: _lasting(now, state, request.roles[0]))
            if ended(future, SESSION_SECONDS):
                known = future.result()[1].get("session")
            else:
                future.cancel()
        if known is not None and request.attended:
            self._post(RoleUsed(RoleName(request.roles[0])))
        return CommandReply(content={"ok": True, "session": known})

    def _of_all(self, request: Request, snapshot: Snapshot, gone: Callable[[], bool]) -> Snapshot:
        event = _OF_ALL[request.do]
        if event is None:
            return snapshot
        self._post(event)
        snapshot = self._taken()
        if request.do == "use_none" and request.wait:
            snapshot, _ = self._ended(request_result.default_removed, 1, gone, request_result.held_back)
            self._wait_until_saved(_SAVED_SECONDS)
        return snapshot

    def _without_stale_trouble(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot, after reading a credentials file with trouble again."""
        if snapshot.trouble is None:
            return snapshot
        self._engine.check_file()
        future = self._engine.when(lambda _, state: state.write_failure is None and state.default_failure is None)
        if ended(future, READ_SECONDS):
            return future.result()[0]
        future.cancel()
        return self._taken()

    def _posted(self, what: Event | Command) -> CommandReply:
        self._post(what)
        return CommandReply(content={"ok": True})

    def _end_of_keeping(self, seconds: float | None) -> datetime | None:
        return None if seconds is None else self._clock.now() + timedelta(seconds=seconds)

    def _taken(self) -> Snapshot:
        """The snapshot once the engine has taken in all that was posted."""
        if not self._engine.takes_messages(TAKEN_SECONDS):
            raise NotRunningError("The running app is starting up or shutting down.", "Try again in a moment.")
        return self._engine.snapshot

    def _ended(
        self,
        condition: Condition[T],
        count: int,
        gone: Callable[[], bool],
        held_back: Callable[[datetime, State, FileNote], CredentialsFileError | T | None],
    ) -> tuple[Snapshot, T]:
        """The snapshot, and what a condition about `count` roles finds, once it holds.

        `held_back` says what to end with where nothing but the credentials file is waited for.
        """
        rounds = -(-count // self._settings.max_in_flight)
        deadline = time.monotonic() + self._settings.call_deadline.total_seconds() * rounds + SLACK
        held_since: float | None = None
        future = self._engine.when(condition)
        while not ended(future, POLL):
            if time.monotonic() >= deadline or gone():
                future.cancel()
                raise IssueError(FailureKind.NETWORK, "The command did not finish in time.", "See `traycreds status`.")
            found: tuple[Snapshot, CredentialsFileError | T] | None = None
            if (why := self._held_up()) is not None:
                found = self._found_now(held_back, why)
            if found is None:
                held_since = None
                continue
            held_since = time.monotonic() if held_since is None else held_since
            if time.monotonic() - held_since >= HELD_SECONDS and future.cancel():
                snapshot, instead = found
                if isinstance(instead, CredentialsFileError):
                    raise instead
                return snapshot, instead
        return future.result()

    def _found_now(
        self, find: Callable[[datetime, State, FileNote], T | None], why: FileNote
    ) -> tuple[Snapshot, T] | None:
        """The snapshot, and what is found in the moment and the state as they are now; None for nothing."""
        future = self._engine.when(lambda now, state: (find(now, state, why),))
        if not ended(future, TAKEN_SECONDS):
            future.cancel()
            return None
        snapshot, (found,) = future.result()
        return None if found is None else (snapshot, found)


_OF_ALL: Mapping[str, Event | None] = {
    "status": None,
    "pause": Paused(on=True),
    "resume": Paused(on=False),
    "use_none": RoleChosen(None),
}
"""Requests without a role, and what to do for each."""
_DONE = {"use": request_result.used, "keep": request_result.kept, "drop": request_result.dropped}


def _lasting(now: datetime, state: State, name: str) -> dict[str, Any]:
    """The role, and how long its session must last, if that on file does."""
    found = next((session for session in state.sessions if session.role.name == name), None)
    if found is None or found.expires_at is None:
        return {"session": None}
    role, enough = found.role, policy.enough(found.role)
    if found.expires_at - now <= enough:
        return {"session": None}
    return {
        "session": {
            "name": role.name,
            "profile": role.profile,
            "arn": role.arn,
            "permission_set": role.permission_set,
            "from_profile": role.from_profile,
            "mfa_serial": role.mfa_serial,
            "region": found.region or role.region,
            "enough": enough.total_seconds(),
        }
    }


def _refreshed(names: tuple[RoleName, ...], *, wait: bool) -> Condition[RefreshOutcome]:
    def found(now: datetime, state: State) -> RefreshOutcome | None:
        done = not wait or request_result.refreshed(now, state, names)
        return request_result.of_refresh(now, state, names) if done else None

    return found


def _with_region_later(snapshot: Snapshot, name: RoleName) -> Snapshot:
    """The snapshot with a note that a role's region is not on disk yet."""
    return replace(
        snapshot,
        roles=tuple(
            replace(view, region_note=view.region_note or _REGION_LATER) if view.name == name else view
            for view in snapshot.roles
        ),
    )


def _path() -> CommandReply:
    login = login_path.of_this_process.get()
    return CommandReply(content={"ok": True, "path": os.environ.get("PATH"), "login": login})


def _verdict(verdict: Verdict | None) -> CommandReply:
    return CommandReply(content={"ok": True, "verdict": None if verdict is None else verdict.value})


def _answer(snapshot: Snapshot, **more: Any) -> CommandReply:
    return CommandReply(content={"ok": True, "snapshot": snapshot_json.encode(snapshot), **more})
