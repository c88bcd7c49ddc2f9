"""Runs the user's programs for what became of roles: `on_refreshed` and `on_failed`; one at a time, in order.

Waits for a program on a thread of its own, so that none delays a refresh or a notice. Hands on no secret.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence

from traycreds.adapters import hook
from traycreds.core import notices
from traycreds.core.errors import TraycredsError
from traycreds.core.messages import Notify
from traycreds.core.model import RoleName, Settings
from traycreds.core.shown import RoleView, Snapshot

log = logging.getLogger(__name__)

_MOST_WAITING = 1000
"""Programs that wait for their turn; beyond, an occasion is passed over, which takes a thousand roles at once."""

_Job = tuple[Sequence[str], Mapping[str, str]]


class Hooks:
    """Follows snapshots and notices."""

    def __init__(
        self, settings: Settings, *, run: Callable[[Sequence[str], Mapping[str, str]], None] = hook.run
    ) -> None:
        """Run nothing yet; `run` runs one program to its end."""
        self._settings = settings
        self._run = run
        self._views: Mapping[RoleName, RoleView] = {}
        self._under_way: set[RoleName] = set()
        self._jobs: queue.Queue[_Job] = queue.Queue(_MOST_WAITING)
        self._failing: set[tuple[str, ...]] = set()

    def start(self) -> None:
        """Begin, for the life of the process."""
        threading.Thread(target=self._work, name="hooks", daemon=True).start()

    def configure(self, settings: Settings) -> None:
        """Take other settings from now on."""
        self._settings = settings

    def see(self, snapshot: Snapshot) -> None:
        """Find the sessions that were written since the last snapshot; returns at once.

        A session that another program wrote, or that was on file at the start, was no refresh of ours.
        """
        before = self._views
        self._views = {view.name: view for view in snapshot.roles}
        for view in snapshot.roles:
            old = before.get(view.name)
            if old is not None and view.name in self._under_way and view.expires_at not in {None, old.expires_at}:
                self._under_way.discard(view.name)
                self._put(self._settings.on_refreshed, _about(view))
            if view.busy:
                self._under_way.add(view.name)
            elif view.error is not None:
                self._under_way.discard(view.name)

    def told(self, notice: Notify) -> None:
        """Take a notice that the user was told; returns at once."""
        kind = notices.failure_of(notice.key)
        for name in notice.roles if kind else ():
            view = self._views.get(name)
            if kind is not None and view is not None:
                self._put(self._settings.on_failed, {**_about(view), "TRAYCREDS_ERROR": (view.kind or kind).value})

    def work_off(self) -> None:
        """Run what waits now, on the caller's thread."""
        while not self._jobs.empty():
            self._work_once()

    def _put(self, program: Sequence[str], about: Mapping[str, str]) -> None:
        if program:
            try:
                self._jobs.put_nowait((program, about))
            except queue.Full:
                log.warning("too many programs wait: %s is not run for %s", program[0], about["TRAYCREDS_ROLE"])

    def _work(self) -> None:
        while True:
            self._work_once()

    def _work_once(self) -> None:
        program, about = self._jobs.get()
        key = tuple(program)
        try:
            self._run(program, about)
        except TraycredsError as error:
            if key not in self._failing:  # once, until it works again
                log.warning("a hook failed: %s", error)
            self._failing.add(key)
        except Exception:
            log.exception("a hook could not be run")
        else:
            self._failing.discard(key)


def _about(view: RoleView) -> dict[str, str]:
    """What a program is told of a role; the expiry is empty where there is no session."""
    return {
        "TRAYCREDS_ROLE": view.name,
        "TRAYCREDS_PROFILE": view.profile,
        "TRAYCREDS_EXPIRES": "" if view.expires_at is None else view.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
