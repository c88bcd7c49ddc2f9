"""Reads the configuration again when it, or what it includes, was saved; a broken edit keeps the last good one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from traycreds.config import loader
from traycreds.core.engine_state import Choices, State
from traycreds.core.errors import ConfigError, UnfinishedError
from traycreds.core.events import ConfigChanged, Event, Notify
from traycreds.core.text import notice_body
from traycreds.core.value_class import value_class
from traycreds.files import contents
from traycreds.files.contents import Stamp
from traycreds.state.paths import Paths
from traycreds.usecases import load

if TYPE_CHECKING:
    from traycreds.app.followers.file_changes import FileChanges

log = logging.getLogger(__name__)

CHECK_EVERY = 30.0
"""Seconds between two checks: two wake-ups a minute."""
CHECK_BESIDE = 120.0
"""The same if the system reports all changes and nothing else depends on the checks: it may be wrong."""
CHECK_EVERY_WHILE_EDITING = 1.0
"""Seconds between two checks while the user has the configuration open."""
EDITING = 600.0
"""Seconds for which it is taken to be open."""

_FAULTY = "Configuration error: not applied"

Stamps: TypeAlias = "tuple[Stamp | None, ...]"
"""The stamp of each file."""


@value_class(kw_only=True)
class FirstRead:
    """What was read before the services are built: last run's choices, first state, and stamps of the files."""

    choices: Choices
    state: State
    stamps: Stamps


class ConfigWatch:
    """A daemon thread that compares time stamps of our configuration, its includes and ~/.aws/config.

    `taken`: the last read was posted.
    """

    def __init__(
        self,
        paths: Paths,
        post: Callable[[Event], None],
        notify: Callable[[Notify], None],
        *,
        besides: Callable[[], None] = lambda: None,
        included: Callable[[], None] = lambda: None,
        seen: Stamps | None = None,
    ) -> None:
        """Remember the state of the files.

        `besides` is called at each check of the thread. `included` checks the included files, at the start and after a
        change. `seen` are stamps from before the configuration was read; None takes new ones.
        """
        self._paths = paths
        self._post = post
        self._notify = notify
        self._besides = besides
        self._included = included
        self._files = loader.files_of(paths)
        self._seen = self._stamps() if seen is None else seen
        self.taken = True
        self._edits_until = 0.0
        self._nudge = threading.Event()
        self._stopped = False
        self._changes: FileChanges | None = None
        self._rarely = False
        self._lock = threading.Lock()

    @property
    def seen(self) -> Stamps:
        """The files' stamps at the last read; while they are the same, nothing has changed."""
        return self._seen

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it reads."""
        return self._files

    @property
    def pause(self) -> float:
        """Seconds between two checks if nothing changes."""
        changes = self._changes
        return CHECK_BESIDE if self._rarely and changes is not None and changes.complete else CHECK_EVERY

    def start(self, changes: FileChanges | None = None, *, rarely: bool = True) -> None:
        """Watch until `stop` or exit; with `changes` that report all, check by time only rarely if `rarely`."""
        self._changes, self._rarely = changes, rarely
        threading.Thread(target=self._run, name="config-watch", daemon=True).start()

    def expect_edits(self) -> None:
        """The user opens the configuration: check often for a while."""
        self._edits_until = time.monotonic() + EDITING
        self.nudge()

    def nudge(self) -> None:
        """Let the thread check now; returns at once, from any thread."""
        self._nudge.set()
        if (changes := self._changes) is not None:
            changes.wake()

    def stop(self) -> None:
        """Let the thread end; returns at once, from any thread."""
        self._stopped = True
        self.nudge()

    def check(self) -> None:
        """Read again if a file changed; from any thread."""
        with self._lock:
            self._check()

    def _check(self) -> None:
        if self._stamps() == self._seen:
            return
        # Keep the stamps first, as the rest may fail because of what the files contain.
        self._seen = self._stamps()
        self._files = loader.files_of(self._paths)
        self._seen = self._stamps()
        self._read()
        self._included()

    def _read(self) -> None:
        self.taken = False
        try:
            configured: ConfigChanged = load.read_config(self._paths)
        except UnfinishedError as error:
            log.info("configuration not read: %s", error.sentence)
            # Clear the stamps so that the next check reads the file again, even if its writer does nothing more.
            self._seen = ()
            return
        except ConfigError as error:
            log.info("configuration not applied: %s", error)
            first = error.problems[0] if error.problems else None
            what = f"{first.full_location}: {first.what}." if first else error.sentence
            body = notice_body(what, first.hint if first else error.hint)
            self._notify(Notify(key="config", title=_FAULTY, body=body))
            return
        # Whatever is in the file, the next edit has to be read.
        except Exception as error:
            log.exception("the configuration could not be read")
            what = f"It cannot be read ({type(error).__name__}): see the log."
            self._notify(Notify(key="config", title=_FAULTY, body=notice_body(what, "Undo the last edit.")))
            return
        log.info("configuration read: %d roles", len(configured.roles))
        self._post(configured)
        self.taken = True

    def _run(self) -> None:
        self._carefully(self._included)
        while not self._stopped:
            self._wait()
            if not self._stopped:
                self._carefully(self.check)
                self._carefully(self._besides)
        if self._changes is not None:
            self._changes.close()

    def _wait(self) -> None:
        if self._changes is not None:
            try:
                missed = self._missed(self._changes)
                self._changes.wait(0 if missed else self._seconds())
            except Exception:
                log.exception("file changes are no longer reported")
                self._changes = None
            else:
                return
        self._nudge.wait(self._seconds())
        self._nudge.clear()

    def _seconds(self) -> float:
        return CHECK_EVERY_WHILE_EDITING if time.monotonic() < self._edits_until else self.pause

    @staticmethod
    def _missed(changes: FileChanges) -> bool:
        """Watch the current folders; whether changes may have been missed."""
        try:
            return changes.follow()
        except Exception:
            log.exception("the folders could not be watched")
            return False

    @staticmethod
    def _carefully(work: Callable[[], None]) -> None:
        """Do it; an unexpected error does not end the watch."""
        try:
            work()
        except Exception:
            log.exception("the files could not be checked")

    def _stamps(self) -> Stamps:
        return tuple(contents.stamp(path) for path in self._files)


def stamps(paths: Paths) -> Stamps:
    """What all the files are like now."""
    return tuple(contents.stamp(path) for path in loader.files_of(paths))
