"""What must hold throughout a chaos run; looked at from outside, and told as a BreachError where it does not."""

from __future__ import annotations

import bisect
import configparser
import contextlib
import os
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.cpu_wait import Stopwatch
from tests.chaos.excuses import Excuses
from tests.chaos.foreign import Foreign
from tests.chaos.happenings import Happenings
from tests.chaos.home import ROLES, ChaosHome
from tests.integration.faults.conftest import App
from tests.support import memory
from tests.support.process_list import command_lines
from traycreds.awsfiles.ini import ProfileTextError
from traycreds.control import server
from traycreds.core.snapshot import Snapshot
from traycreds.lifecycle import notices
from traycreds.process import user_hook

ANSWER_SECONDS = 3.0
GROWTH = 12 * 1024**2
"""Bytes that the app may hold more at the end than after a third of a long run."""
WINDOW = 120.0
"""Seconds of the app's clock in which calls are counted."""
CALLS = 5 + 1
"""Requests for a role in a window: one each 30 s, and one that news brings on; what never reached AWS is no request."""
CALLS_EACH = 3
"""Further ones for each happening in the window: it may have a call fail, or a person ask."""
TAKEN_SECONDS = 5.0
"""Real seconds in which a saved configuration is taken, once nobody writes a file."""
PERSISTS = 1.0
"""Real seconds for which a session must be bad in a row."""


class BreachError(AssertionError):
    """Something that must hold does not."""


@dataclass(frozen=True)
class Figures:
    """What the app's process needs."""

    resident: int
    peak: int
    threads: int
    files: int


def figures(pid: int) -> Figures:
    found = {}
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        found[name] = value.split()[0] if value.split() else ""
    files = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        # The file may be closed meanwhile.
        with contextlib.suppress(FileNotFoundError):
            files += not os.readlink(descriptor).endswith("credentials (deleted)")  # noqa: PTH115 - a missing path is not a Path
    return Figures(int(found["VmRSS"]) * 1024, int(found["VmHWM"]) * 1024, int(found["Threads"]), files)


@dataclass
class Seen:
    """What a run has met, for its summary."""

    answers: int = 0
    slowest: float = 0.0
    reads: int = 0
    commands: int = 0
    slowest_command: float = 0.0
    quick_commands: int = 0
    slowest_quick_command: float = 0.0
    longest_bad: float = 0.0
    peak: int = 0
    most_threads: int = 0
    most_files: int = 0


@dataclass
class Invariants:
    """Looks at one run."""

    home: ChaosHome
    app: App
    foreign: Foreign
    excuses: Excuses
    happenings: Happenings
    seen: Seen = field(default_factory=Seen)
    _bad_since: dict[str, Stopwatch] = field(default_factory=dict)
    _checked_calls: dict[str, int] = field(default_factory=dict)
    _not_taken_since: Stopwatch | None = None

    def check(self) -> None:
        """All that holds at any time."""
        if self.app.process.poll() is not None:
            raise BreachError(f"the app has ended with {self.app.process.returncode}: {self.app.lines[-5:]}")
        self._check_file()
        self._check_calls()
        now = figures(self.app.process.pid)
        self.seen.peak = max(self.seen.peak, now.peak)
        self.seen.most_threads = max(self.seen.most_threads, now.threads)
        self.seen.most_files = max(self.seen.most_files, now.files)
        if now.peak > memory.MOST:
            raise BreachError(f"the app needed {now.peak / 1024**2:.0f} MiB")
        if now.threads > server.LIMIT + 40 or now.files > 250:
            raise BreachError(f"{now.threads} threads, {now.files} files")

    def answered(self, snapshot: Snapshot, seconds: float) -> None:
        self.seen.answers += 1
        self.seen.slowest = max(self.seen.slowest, seconds)
        if seconds > ANSWER_SECONDS + 0.5:
            raise BreachError(f"an answer took {seconds:.1f} s")
        if snapshot.trouble == notices.STOPPED:
            raise BreachError("the engine has ended or is stuck")
        if not self.happenings.broken:
            names = [view.name for view in snapshot.roles]
            wanted = [line[7:-1] for line in self.home.good_config.splitlines() if line.startswith("[roles.")]
            # A foreign program may hold up the files of the configuration while it is at work.
            if names == wanted or self.foreign.at_work:
                self._not_taken_since = None
                return
            self._not_taken_since = self._not_taken_since or Stopwatch(self.app.process.pid)
            if self._not_taken_since.is_over(TAKEN_SECONDS):
                raise BreachError(f"a good configuration is not taken: {names} instead of {wanted}")

    def bad_roles(self) -> list[str]:
        """Roles whose session on file AWS would not take, or that have none; none while others write."""
        if not self.foreign.turn.acquire(blocking=False):
            return []
        try:
            return self._bad_roles()
        finally:
            self.foreign.turn.release()

    def _bad_roles(self) -> list[str]:
        return [role for role in ROLES if not self.home.valid(role)]

    def _check_file(self) -> None:
        if not self.foreign.turn.acquire(blocking=False):
            return
        try:
            text = self.home.credentials_file.read_text(encoding="utf-8")
            lost = self.foreign.lost()
            bad_now = self._bad_roles()
        except ProfileTextError as error:
            raise BreachError(f"the file does not parse, and nobody writes it: {error}") from None
        finally:
            self.foreign.turn.release()
        self.seen.reads += 1
        try:
            configparser.RawConfigParser(strict=True).read_string(text)
        except configparser.Error as error:
            raise BreachError(f"a strict reader cannot read the file: {error}") from None
        if lost:
            raise BreachError(f"foreign bytes are lost: {lost}")
        bad = [role for role in bad_now if not self.excuses.holds(role)]
        self._bad_since = {role: self._bad_since.get(role) or Stopwatch(self.app.process.pid) for role in bad}
        for role, since in self._bad_since.items():
            self.seen.longest_bad = max(self.seen.longest_bad, since.seconds)
            if since.is_over(PERSISTS):
                raise BreachError(f"{role} has no good session on file, and nothing excuses it: {self.state_of(role)}")

    def state_of(self, role: str) -> str:
        views = [view for view in self.home.shown().roles if view.name == role]
        return f"{views[0].status} until {views[0].expires_at}, {views[0].error}, next try {views[0].retry_at}, now {self.home.clock.now()}"

    def _check_calls(self) -> None:
        begun = self.home.clock.now().timestamp() - self.happenings.at
        for role, calls in self.home.answers.calls.items():
            if role == "" or self._checked_calls.get(role) == len(calls):
                continue
            self._checked_calls[role] = len(calls)
            last = calls[-1].timestamp() - begun
            number = sum(call.timestamp() - begun > last - WINDOW for call in calls[-1000:])
            reasons = len(self.happenings.moments) - bisect.bisect(self.happenings.moments, last - WINDOW - 60)
            behind = 3 if role == "link" else 1
            if number > behind * (CALLS + CALLS_EACH * reasons):
                raise BreachError(f"{number} calls for {role} in {WINDOW:.0f} s, with {reasons} happenings")

    def check_log(self) -> None:
        text = "".join(
            path.read_text(encoding="utf-8", errors="replace") for path in sorted(self.home.log.parent.glob("*.log*"))
        )
        for words in ("Traceback", " CRITICAL ", "unexpected"):
            if words in text:
                at = text.index(words)
                raise BreachError(f"the log has {words}:\n{text[max(0, at - 800) : at + 3000]}")
        shown = text + "\n".join(self.app.lines)
        if any(secret in shown for secret in self.home.secrets()):
            raise BreachError("a secret is in the log")

    def check_modes(self) -> None:
        """What the app has made is for its owner alone."""
        made: list[Path] = []
        for top in (self.home.home / ".local", self.home.home / ".cache", self.home.runtime):
            made += [top, *top.rglob("*")] if top.exists() else []
        wide = [str(path) for path in made if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077]
        if wide:
            raise BreachError(f"others may look into {wide}")

    def programs(self) -> list[str]:
        """The command lines of all that the app has started and that runs."""
        return list(programs_of(self.home, self.app).values())

    def check_children(self, *, left_behind: int = 0) -> None:
        """No program outlives its call, but for so many that such a program has left behind.

        A hook may be at its work at this moment, and is given the time that any program gets.
        """
        watch = Stopwatch(self.app.process.pid)
        while found := self._without(left_behind, self.programs()):
            if watch.is_over(user_hook.SECONDS + 5):
                raise BreachError(f"left behind: {found}")
            time.sleep(0.1)

    @staticmethod
    def _without(left_behind: int, programs: list[str]) -> list[str]:
        """The programs that must not be there."""
        left = [line for line in programs if "sleep 77777" in line]
        return [line for line in programs if line not in left] or (left if len(left) > left_behind else [])


def programs_of(home: ChaosHome, app: App) -> dict[int, str]:
    """The command lines of all processes of a home but the app."""
    lines = command_lines(f"HOME={home.home}")
    return {pid: line for pid, line in lines.items() if pid != app.process.pid}
