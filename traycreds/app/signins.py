"""Sign-ins of the running app: one at a time, whoever asks; who waited for one is tried again; its end is told ahead.

Never opens a page by itself: only a click does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from traycreds.adapters import awsconfig, config, ssocache, ssosession, ssotokens
from traycreds.adapters.places import Places
from traycreds.adapters.ssocache import TokenFolder
from traycreds.adapters.ssosession import SsoSession
from traycreds.app import login
from traycreds.core.commands import RoleCommand, UiCommand
from traycreds.core.errors import ConfigError, TraycredsError, UsageError
from traycreds.core.messages import Button, Event, Notify, RefreshAsked
from traycreds.core.model import Role, RoleName
from traycreds.core.shown import Snapshot

log = logging.getLogger(__name__)

NOTIFY_BEFORE = timedelta(minutes=15)
"""How long before its end a sign-in that cannot be renewed is announced, at the least."""


class SignIns:
    """The sign-ins that the roles of this app use."""

    def __init__(
        self,
        where: Places,
        *,
        snapshot: Callable[[], Snapshot],
        post: Callable[[Event], None],
        tell: Callable[[Notify], None],
    ) -> None:
        """Start nothing yet.

        Args:
            where: all places.
            snapshot: gives how the roles stand.
            post: takes events for the engine.
            tell: shows a notice.
        """
        self._where = where
        self._snapshot = snapshot
        self._post = post
        self._tell = tell
        self._busy = threading.Lock()
        self._label = ""
        self._folder = TokenFolder.of_this_user()
        self._stamps = self._folder.stamps()
        self._told: set[tuple[str, datetime]] = set()

    def sign_in(self, role: Role) -> None:
        """Sign in to the session behind a role; blocks, so on a thread of the caller's.

        Raises:
            TraycredsError: it failed, or another one is under way.
        """
        aws = awsconfig.read(self._where.aws_config_file, self._where.credentials_file)
        session = ssosession.of_role(role, aws)
        if session is None:
            raise UsageError(f"{role.name} uses no sign-in of IAM Identity Center.", "Refresh it in the menu.")
        if not self._busy.acquire(blocking=False):
            raise TraycredsError(
                f"The sign-in to {self._label} is open in your browser.",
                "Finish it there, or close it and wait a while.",
            )
        try:
            self._label = session.label
            ended = login.sign_in(session, None, lambda text: self._say(session, text))
        finally:
            self._busy.release()
        self._tell(Notify(key=_key(session), title=f"Signed in to {session.label}", body=login.outcome(session, ended)))
        self.look()

    def look(self) -> None:
        """Try roles again that wait for a sign-in when there was one, by whatever tool; announce one that ends."""
        stamps = self._folder.stamps()
        if stamps != self._stamps:
            self._stamps = stamps
            names = login.waiting(self._snapshot())
            if names:
                log.info("there was a sign-in: trying %d roles again", len(names))
                self._post(RefreshAsked(names))
        self._announce(datetime.now(timezone.utc))

    def _announce(self, now: datetime) -> None:
        shown = self._snapshot()
        kept = {view.name for view in shown.roles if view.kept or view.is_default}
        if not kept or not self._stamps or shown.hushed:
            return
        try:
            aws = awsconfig.read(self._where.aws_config_file, self._where.credentials_file)
            found = config.load(self._where, aws)
        except ConfigError:  # told elsewhere
            return
        roles = tuple(role for role in found.roles if role.name in kept)
        ahead = max(found.settings.notify_before, NOTIFY_BEFORE)
        for session, name in _first_roles(login.sessions_of(roles, aws)).items():
            token = self._folder.read(ssocache.key_of(session.cached_as))
            end = ssocache.moment((token or {}).get("expiresAt"))
            if token is None or end is None or not timedelta() < end - now <= ahead:
                continue
            if ssotokens.is_renewable(token, now):
                continue
            if (session.cached_as, end) not in self._told:
                self._told.add((session.cached_as, end))
                self._tell(_ends(session, end, name))

    def _say(self, session: SsoSession, text: str) -> None:
        """What a person should know beside the page; its first line, since a notice has no room for an address."""
        self._tell(Notify(key=_key(session), title=f"Sign in to {session.label}", body=text.partition("\n")[0]))


def _first_roles(sessions: dict[RoleName, SsoSession]) -> dict[SsoSession, RoleName]:
    """Each session once, with the first role that uses it."""
    first: dict[SsoSession, RoleName] = {}
    for name, session in sessions.items():
        first.setdefault(session, name)
    return first


def _ends(session: SsoSession, end: datetime, role: RoleName) -> Notify:
    return Notify(
        key=_key(session),
        title=f"The sign-in to {session.label} ends at {end.astimezone():%H:%M}",
        body="Roles behind it cannot be renewed afterwards. Sign in again when it suits you.",
        urgent=True,
        buttons=(Button("Sign in…", RoleCommand(UiCommand.SIGN_IN, role)),),
    )


def _key(session: SsoSession) -> str:
    return f"sign-in:{session.label}"
