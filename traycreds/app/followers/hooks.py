"""Runs the user's `on_refreshed` and `on_failed`, one at a time on its own thread. Passes on no secret."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from traycreds.core.errors import TraycredsError
from traycreds.core.events import RunHook
from traycreds.core.text import rfc_3339
from traycreds.process import user_hook
from traycreds.process.latest_worker import LatestWorker

log = logging.getLogger(__name__)

MOST_WAITING = 1000
"""Programs that wait for their turn; beyond, the newest are not run, which takes a thousand roles at once."""

_Queue: TypeAlias = tuple[RunHook, ...]


class Hooks:
    """Runs programs."""

    def __init__(self, *, run: Callable[[Sequence[str], Mapping[str, str]], None] = user_hook.run) -> None:
        """Run nothing yet; `run` runs one program to its end."""
        self._run = run
        self._failing: set[tuple[str, ...]] = set()
        self._worker: LatestWorker[_Queue] = LatestWorker(
            "hooks", self._run_all, failed="hooks could not be run", merge=_joined
        )

    def run(self, hook: RunHook) -> None:
        """Run a program after those that wait; returns at once."""
        self._worker.put((hook,))

    def _run_all(self, hooks: _Queue) -> None:
        for hook in hooks:
            self._run_one(hook)

    def _run_one(self, hook: RunHook) -> None:
        try:
            self._run(hook.program, _environment(hook))
        except TraycredsError as error:
            # Log a failing hook once until it works again, or it would fill the log.
            if hook.program not in self._failing:
                log.warning("a hook failed: %s", error)
            self._failing.add(hook.program)
        except Exception:
            log.exception("a hook could not be run")
        else:
            self._failing.discard(hook.program)


def _joined(waiting: _Queue, new: _Queue) -> _Queue:
    if len(waiting) < MOST_WAITING:
        return (*waiting, *new)
    log.warning("too many programs are waiting: not running %s for %s", new[0].program[0], new[0].role)
    return waiting


def _environment(hook: RunHook) -> dict[str, str]:
    """What a hook's environment says; the expiry is empty without a session."""
    variables = {
        "TRAYCREDS_ROLE": hook.role,
        "TRAYCREDS_PROFILE": hook.profile,
        "TRAYCREDS_EXPIRES": "" if hook.expires_at is None else rfc_3339(hook.expires_at),
    }
    return variables if hook.error is None else {**variables, "TRAYCREDS_ERROR": hook.error.value}
