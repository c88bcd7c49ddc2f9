"""Sign-ins of the running app, one at a time: retries waiting roles, announces the end. Only a click opens a page."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

from traycreds.app.followers.config_watch import Stamps
from traycreds.aws.sso import token_refresh
from traycreds.aws.sso.session import SsoSession, of_role
from traycreds.aws.sso.token_cache import TokenFolder, key_of
from traycreds.awsfiles import profiles
from traycreds.config import loaded_files
from traycreds.core.errors import ConfigError, TraycredsError, UsageError
from traycreds.core.events import Button, Event, Notify, RefreshAsked
from traycreds.core.model import Role, RoleName
from traycreds.core.snapshot import Snapshot
from traycreds.core.text import notice_body, notice_title
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.files import contents
from traycreds.files.contents import Stamp
from traycreds.lifecycle import policy
from traycreds.state.paths import Paths
from traycreds.usecases import sign_in_status
from traycreds.usecases.sign_in_status import SignInEnd

log = logging.getLogger(__name__)

_RARELY = 60.0
"""Seconds from one reading of the files to the next where only the credentials file changed."""
NOTIFY_BEFORE = timedelta(minutes=15)
"""How long before its end a sign-in that cannot be renewed is announced, at the least."""

BURST = 3
"""Tries for files of sign-ins that change one after another, as they do within one sign-in; so many again take as long
as MIN_INTERVAL for each."""


class SignIns:
    """The sign-ins that the roles of this app use."""

    def __init__(
        self,
        paths: Paths,
        *,
        config_seen: Callable[[], Stamps],
        snapshot: Callable[[], Snapshot],
        post: Callable[[Event], None],
        notify: Callable[[Notify], None],
        muted: Callable[[], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start nothing yet; `config_seen` gives the stamps that `ConfigWatch` last saw."""
        self._paths = paths
        self._config_seen = config_seen
        self._snapshot = snapshot
        self._post = post
        self._notify = notify
        self._muted = muted
        self._monotonic = monotonic
        self._tried_at: deque[float] = deque(maxlen=BURST)
        self._busy = threading.Lock()
        self._label = ""
        self._folder = TokenFolder.of_this_user()
        self._stamps = self._folder.stamps()
        self._announced: set[tuple[str, datetime]] = set()
        self._read_at: Stamps | None = None
        self._read_again_at = 0.0
        self._sessions: Mapping[RoleName, SsoSession] = {}
        self._notify_before = NOTIFY_BEFORE
        self._ends: dict[str, tuple[tuple[Stamp | None, int], SignInEnd]] = {}

    @property
    def files(self) -> tuple[Path, ...]:
        """A file in each folder of tokens."""
        return self._folder.any_files

    def sign_in(self, role: Role) -> None:
        """Sign in for a role; blocks. Raises TraycredsError: it failed, or another one is in progress."""
        from traycreds.usecases import sign_in

        aws = profiles.read_at(self._paths)
        session = of_role(role, aws)
        if session is None:
            raise UsageError(f"{role.name} does not use IAM Identity Center.", "Refresh it in the menu.")
        if not self._busy.acquire(blocking=False):
            raise TraycredsError(
                f"The sign-in to {self._label} is open in your browser.",
                "Finish it there, or close the page and try again in a few minutes.",
            )
        try:
            self._label = session.label
            ended = sign_in.sign_in(self._paths, session, lambda text: self._report(session, text))
        finally:
            self._busy.release()
        body = notice_body(sign_in.outcome(session, ended), "")
        self._notify(Notify(key=_key(session), title=notice_title("Signed in to {}", session.label), body=body))
        # The user asked for this sign-in, so the limit on retries does not apply.
        self._tried_at.clear()
        self.check()

    def check(self) -> None:
        """Retry roles that waited for a sign-in after one with any tool; announce one that ends."""
        stamps = self._folder.stamps()
        if stamps != self._stamps and self._may_try():
            self._stamps = stamps
            names = sign_in_status.waiting(self._snapshot())
            if names:
                self._tried_at.append(self._monotonic())
                log.info("signed in: retrying %d roles", len(names))
                self._post(RefreshAsked(names))
        self._announce(datetime.now(timezone.utc))

    def _may_try(self) -> bool:
        """Whether no tool has changed the files too often recently, which must not cause a storm of calls."""
        span = BURST * policy.MIN_INTERVAL.total_seconds()
        return len(self._tried_at) < BURST or self._monotonic() - self._tried_at[0] >= span

    def due(self) -> tuple[tuple[str, RoleName], ...]:
        """The sign-ins of all roles that ended or end soon and are not renewed automatically, each with a role."""
        self._read_changed()
        now = datetime.now(timezone.utc)
        return tuple(
            (session.label, name)
            for session, name in sign_in_status.first_roles(self._sessions, self._sessions).items()
            if (end := self._ends_at(session, now)) is None or end - now <= self._notify_before
        )

    def _announce(self, now: datetime) -> None:
        shown = self._snapshot()
        kept = {view.name for view in shown.roles if view.renewed}
        if not kept or not self._stamps or self._muted():
            return
        self._read_changed()
        for session, name in sign_in_status.first_roles(self._sessions, kept).items():
            end = self._ends_at(session, now)
            if end is None or not timedelta() < end - now <= self._notify_before:
                continue
            if (session.cached_as, end) not in self._announced:
                self._announced.add((session.cached_as, end))
                self._notify(_ends(session, end, name))

    def _ends_at(self, session: SsoSession, now: datetime) -> datetime | None:
        """When a sign-in ends unless a person acts, or None; reads a token only after a change."""
        key = key_of(session.cached_as)
        seen = self._folder.stamp(key), token_refresh.refusals()
        if key not in self._ends or self._ends[key][0] != seen:
            self._ends[key] = seen, sign_in_status.end_of(session, self._folder, now)
        return self._ends[key][1].at(now)

    def _read_changed(self) -> None:
        """Find each role's sign-in again if its file changed; a broken file changes nothing."""
        # The stamps go first: a change while the files are read must show as one.
        seen = (*self._config_seen(), contents.stamp(self._paths.credentials_file))
        if seen == self._read_at or (
            self._read_at is not None and seen[:-1] == self._read_at[:-1] and self._is_early()
        ):
            return
        self._read_at, self._read_again_at = seen, self._monotonic() + _RARELY
        try:
            found = loaded_files.load(self._paths)
        except ConfigError:
            # The configuration watch reports this error.
            return
        self._sessions = sign_in_status.sessions_of(found.config.roles, found.aws)
        self._notify_before = max(found.config.settings.notify_before, NOTIFY_BEFORE)

    def _is_early(self) -> bool:
        # Sign-ins seldom change with the sessions that we write.
        return self._monotonic() < self._read_again_at

    def _report(self, session: SsoSession, text: str) -> None:
        """What a person should know besides the page; only the first line fits a notice."""
        body = notice_body(text.partition("\n")[0], "")
        self._notify(Notify(key=_key(session), title=notice_title("Sign in to {}", session.label), body=body))


def _ends(session: SsoSession, end: datetime, role: RoleName) -> Notify:
    return Notify(
        key=_key(session),
        title=notice_title(f"{{}}: sign-in expires {end.astimezone():%H:%M}", session.label),
        body=notice_body("Roles that use it cannot be refreshed after that.", "Sign in again when it suits you."),
        urgent=True,
        buttons=(Button("Sign in…", RoleCommand(UiCommand.SIGN_IN, role)),),
    )


def _key(session: SsoSession) -> str:
    return f"sign-in:{session.label}"
