"""Watches that the engine turns, from a thread of others; tells the user when it has ended or is stuck."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from traycreds.core.ports import Notifier
from traycreds.core.snapshot import Snapshot, Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import notices

log = logging.getLogger(__name__)

STUCK_SECONDS = 20.0
"""Real seconds of delay after which the engine counts as stuck; a turn takes far less."""
ANSWER_SECONDS = 2.0
"""For the engine to take a message in before it counts as stuck, however late it is: the machine may have slept, or
stopped the app, and where the system leaves that out of a wait, the engine comes to its turn a minute after waking."""
CHECKED_SECONDS = 60.0
"""Between two checks, at most."""


class Supervisor:
    """Watches one engine."""

    def __init__(
        self,
        stuck_for: Callable[[], float],
        *,
        takes_messages: Callable[[float], bool],
        notifier: Notifier,
        show: Callable[[Snapshot], None],
    ) -> None:
        """Check nothing yet.

        `stuck_for` gives the real seconds that the engine is late; `takes_messages`, whether it takes one within some
        seconds. `notifier` and `show` work without the engine.
        """
        self._stuck_for = stuck_for
        self._takes_messages = takes_messages
        self._notifier = notifier
        self._show = show
        self._announced = self._ended = False

    def end(self) -> None:
        """The engine ends on purpose: from now on, that is not a fault."""
        self._ended = True

    @property
    def stopped(self) -> bool:
        """Whether the engine is stuck, or ended by itself; waits for ANSWER_SECONDS at most."""
        behind = self._stuck_for()
        stopped = behind == math.inf or (behind > STUCK_SECONDS and not self._takes_messages(ANSWER_SECONDS))
        # Last: while we asked, the engine may have been ended on purpose.
        return stopped and not self._ended

    @staticmethod
    def as_stopped(snapshot: Snapshot) -> Snapshot:
        """The last snapshot of a stopped engine as it must be shown: that nothing is refreshed goes before all else."""
        return replace(
            snapshot,
            overall=Status.FAILED,
            trouble=notices.STOPPED,
            trouble_hint=notices.RESTART,
            next_refresh_at=None,
        )

    def check(self, last: Snapshot) -> None:
        """Tell once when the engine stops, and show it well again should it come back; call it now and then."""
        stopped = self.stopped
        if self._ended or stopped is self._announced:
            return
        self._announced = stopped
        if stopped:
            log.critical("the engine has ended or is stuck: nothing is being refreshed")
            self._notifier.send(notices.stopped())
        else:
            log.warning("the engine is running again")
            self._notifier.take_back([notices.STOPPED_KEY])
        self._show(self.as_stopped(last) if stopped else last)
