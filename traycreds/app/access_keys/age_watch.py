"""Tells the user, once a day, which long-term access keys are too old; asks IAM on its own thread, with consent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from traycreds.config import loaded_files
from traycreds.core.errors import TraycredsError
from traycreds.core.events import Notify
from traycreds.core.text import notice_body, notice_title
from traycreds.doctor.finding import Finding, Severity
from traycreds.doctor.key_checks import key_findings
from traycreds.process.bounded_call import daemon
from traycreds.state.paths import Paths

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
"""Between two checks."""
KEY = "access-keys"


class AgeWatch:
    """The age of the keys, watched for one run of the app."""

    def __init__(self, paths: Paths, notify: Callable[[Notify], None], now: Callable[[], datetime]) -> None:
        """Ask nothing yet."""
        self._paths = paths
        self._notify = notify
        self._now = now
        self._next_at: datetime | None = None

    def poll(self) -> None:
        """Check if a day has passed, or the clock was set back; returns at once."""
        now = self._now()
        if self._next_at is None or not self._next_at - EVERY <= now < self._next_at:
            self._next_at = now + EVERY
            daemon("access keys", self.check)

    def check(self) -> None:
        """Ask now, and tell what is too old."""
        try:
            loaded = loaded_files.load(self._paths)
            found = key_findings(loaded.aws, loaded.config.roles, loaded.config.settings, self._now())
            old = tuple(each for each in found if each.severity is Severity.WARNING)
        except TraycredsError as error:
            # The watch of these files reports the error to the user.
            log.info("the age of access keys was not checked: %s", error)
        except Exception:
            log.exception("the age of access keys could not be checked")
        else:
            if old:
                self._notify(_notice(old))


def _notice(old: tuple[Finding, ...]) -> Notify:
    title = notice_title("{}", "An access key is too old" if len(old) == 1 else f"{len(old)} access keys are too old")
    what = old[0].what[:1].upper() + old[0].what[1:] + "."
    return Notify(key=KEY, title=title, body=notice_body(what, "Run: traycreds doctor"))
